/** Products that people viewed or put into carts and did not order: the merchandiser's list. */

import { NativeSelect, Tabs, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import type { ReactElement } from 'react';
import { api } from '../../api/client';
import { loaded } from '../../api/loaded';
import { useUrlState } from '../../parts/useUrlState';
import { CartedTable, ViewedTable } from './ProductTables';
import { DaysFilter, FilterRow, SegmentFilter, useDays } from './Filters';
import { useProductsWords } from './productsWords';
import { ReportHead } from './ReportHead';
import { type ProductsAsked, type ProductSort, useCartedProducts, useViewedProducts } from './useReports';

const DAYS = [7, 14, 30, 60, 90] as const;
const SORTS: readonly ProductSort[] = ['people', 'amount', 'price', 'against_category'];
const REST_MILLISECONDS = 300;

function useAsked(carted: boolean): ProductsAsked {
  const [days] = useDays(14, DAYS);
  const [segment] = useUrlState('segment');
  const [category] = useDebouncedValue(useUrlState('category')[0], REST_MILLISECONDS);
  const [brand] = useDebouncedValue(useUrlState('brand')[0], REST_MILLISECONDS);
  const [people] = useDebouncedValue(useUrlState('people')[0], REST_MILLISECONDS);
  const [sort] = useUrlState('sort', 'people');
  const least = Number(people);
  return {
    days,
    sort: sort === 'value' && carted ? 'value' : (SORTS.find((one) => one === sort) ?? 'people'),
    ...(segment ? { segment } : {}),
    ...(category ? { category } : {}),
    ...(brand ? { brand } : {}),
    ...(Number.isInteger(least) && least > 1 ? { min_people: least } : {}),
  };
}

export function Page(): ReactElement {
  const say = useProductsWords();
  const [tab, setTab] = useUrlState('tab', 'viewed');
  const carted = tab === 'carted';
  const asked = useAsked(carted);
  const viewedQuery = useViewedProducts(asked, !carted);
  const cartedQuery = useCartedProducts(asked, carted);
  const [viewed, left] = [loaded(viewedQuery), loaded(cartedQuery)];
  const shown = carted ? left : viewed;
  const path = carted ? '/v1/reports/products/carted/file' : '/v1/reports/products/viewed/file';
  return (
    <>
      <ReportHead
        title={say('title')} lead={say('lead')} asOf={shown.state === 'ready' ? (shown.value.pages[0]?.as_of ?? null) : null}
        file={{ name: carted ? 'left-in-carts' : 'viewed-not-ordered', ask: () => api.GET(path, { params: { query: asked }, parseAs: 'blob' }) }}
      />
      <Tabs value={carted ? 'carted' : 'viewed'} onChange={(next) => setTab(next ?? 'viewed')} keepMounted={false}>
        <Tabs.List mb="md"><Tabs.Tab value="viewed">{say('viewed')}</Tabs.Tab><Tabs.Tab value="carted">{say('carted')}</Tabs.Tab></Tabs.List>
        <ProductFilters carted={carted} sort={asked.sort} />
        <Tabs.Panel value="viewed"><ViewedTable of={viewed} more={viewedQuery} /></Tabs.Panel>
        <Tabs.Panel value="carted"><CartedTable of={left} more={cartedQuery} /></Tabs.Panel>
      </Tabs>
    </>
  );
}

function ProductFilters({ carted, sort }: { carted: boolean; sort: ProductSort }): ReactElement {
  const say = useProductsWords();
  const [category, setCategory] = useUrlState('category');
  const [brand, setBrand] = useUrlState('brand');
  const [people, setPeople] = useUrlState('people');
  const [, setSort] = useUrlState('sort', 'people');
  const named = (one: ProductSort) => (one === 'amount' ? say(carted ? 'sort_amount_carted' : 'sort_amount_viewed') : say(`sort_${one}`));
  const sorts = [...SORTS, ...(carted ? (['value'] as const) : [])];
  return (
    <FilterRow>
      <DaysFilter initial={14} choices={DAYS} />
      <NativeSelect label={say('sort')} value={sort} onChange={(event) => setSort(event.currentTarget.value)} data={sorts.map((value) => ({ value, label: named(value) }))} />
      <SegmentFilter />
      <TextInput label={say('category')} placeholder={say('categoryHint')} w={170} maxLength={500} value={category} onChange={(event) => setCategory(event.currentTarget.value)} />
      <TextInput label={say('brand')} w={130} maxLength={500} value={brand} onChange={(event) => setBrand(event.currentTarget.value)} />
      <TextInput type="number" min={1} step={1} label={say('minPeople')} w={100} value={people || '1'} onChange={(event) => setPeople(event.currentTarget.value === '1' ? '' : event.currentTarget.value)} />
    </FilterRow>
  );
}
