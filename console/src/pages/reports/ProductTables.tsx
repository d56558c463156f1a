/** Products with who looked at them or left them in a cart, and how they stand against their category. */

import { Badge, Button, Group, Text } from '@mantine/core';
import type { InfiniteData } from '@tanstack/react-query';
import type { ReactElement, ReactNode } from 'react';
import type { Schemas } from '../../api/client';
import type { Loaded } from '../../api/loaded';
import { useFormat } from '../../app/session';
import { useShared } from '../../language/shared';
import { Empty } from '../../parts/Empty';
import { Ready } from '../../parts/Ready';
import { PeopleLink } from './PeopleLink';
import { useProductsWords } from './productsWords';

type Viewed = Schemas['ViewedProducts'];
type Carted = Schemas['CartedProducts'];
type Product = Viewed['products'][number] | Carted['products'][number];
type Reported = NonNullable<Product['price']>;

export interface More {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

// A per cent more or less is the same price to a shopper.
const ABOUT = 0.01;

export function ViewedTable({ of, more }: { of: Loaded<InfiniteData<Viewed>>; more: More }): ReactElement {
  const say = useProductsWords();
  const format = useFormat();
  return (
    <Ready of={of} height={420}>
      {({ pages }, renewing) => {
        const [first] = pages;
        const products = pages.flatMap((page) => page.products);
        if (!first || products.length === 0) return <div className="card"><Empty icon="eye" title={say('viewedNone')} text={say('viewedNoneText')} /></div>;
        return (
          <Listed first={first} renewing={renewing} more={more} label={say('viewed')} head={<><Head /><th className="number">{say('views')}</th><th>{say('instead')}</th></>}>
            {products.map((one) => (
              <tr key={one.id}>
                <Cells product={one} currency={first.currency} />
                <td className="number">{format.number(one.views)}</td>
                <td>{one.instead.length === 0 ? say('nothingInstead') : one.instead.map((other) => <Text key={other.id} size="xs" component="div">{say('insteadOne', { name: other.name ?? other.id, n: format.number(other.people.profiles) })}</Text>)}</td>
              </tr>
            ))}
          </Listed>
        );
      }}
    </Ready>
  );
}

export function CartedTable({ of, more }: { of: Loaded<InfiniteData<Carted>>; more: More }): ReactElement {
  const say = useProductsWords();
  const format = useFormat();
  return (
    <Ready of={of} height={420}>
      {({ pages }, renewing) => {
        const [first] = pages;
        const products = pages.flatMap((page) => page.products);
        if (!first || products.length === 0) return <div className="card"><Empty icon="tag" title={say('cartedNone')} text={say('cartedNoneText')} /></div>;
        const missing = first.unconverted.map((one) => format.money(one.amount, one.currency)).join('、');
        return (
          <Listed
            first={first} renewing={renewing} more={more} label={say('carted')} head={<><Head /><th className="number">{say('quantity')}</th><th className="number">{say('value')}</th></>}
            beside={<>{' · '}{say('inCarts', { value: format.money(first.value, first.currency) })}{missing && <Text span size="sm" c="var(--warm)"> {say('unconverted', { amounts: missing })}</Text>}</>}
          >
            {products.map((one) => (
              <tr key={one.id}>
                <Cells product={one} currency={first.currency} />
                <td className="number">{format.number(one.quantity)}</td>
                <td className="number" style={{ fontWeight: 600 }}>{one.value ? format.money(one.value.amount, one.value.currency) : '–'}</td>
              </tr>
            ))}
          </Listed>
        );
      }}
    </Ready>
  );
}

interface ListedProps {
  first: Viewed | Carted;
  renewing: boolean;
  more: More;
  label: string;
  head: ReactNode;
  beside?: ReactNode;
  children: ReactNode;
}

function Listed({ first, renewing, more, label, head, beside, children }: ListedProps): ReactElement {
  const say = useProductsWords();
  const shared = useShared();
  const format = useFormat();
  return (
    <div className={renewing ? 'old' : undefined}>
      <Text size="sm" mb="xs">
        {say('allPeople', { products: format.number(first.n_products), people: format.number(first.people.profiles) })}{beside}{' · '}
        <PeopleLink of={first.people}>{say('openAll')}</PeopleLink>
      </Text>
      <div className="card flush">
        <div className="wide" tabIndex={0} role="region" aria-label={label}>
          <table className="rows products"><thead><tr>{head}</tr></thead><tbody>{children}</tbody></table>
        </div>
      </div>
      {more.hasNextPage && <Group justify="center" mt="md"><Button variant="default" loading={more.isFetchingNextPage} onClick={() => void more.fetchNextPage()}>{shared('more')}</Button></Group>}
    </div>
  );
}

function Head(): ReactElement {
  const say = useProductsWords();
  return <><th>{say('product')}</th><th className="number">{say('people')}</th><th className="number">{say('price')}</th><th>{say('against')}</th><th>{say('stock')}</th></>;
}

function Cells({ product, currency }: { product: Product; currency: string }): ReactElement {
  const say = useProductsWords();
  const name = product.name ?? product.id;
  const told = [product.category, product.brand, product.name === null ? '' : product.id].filter(Boolean).join(' · ');
  return (
    <>
      <td className="product-name">
        {product.url ? <a href={product.url} target="_blank" rel="noreferrer">{name}</a> : <Text size="sm" fw={550} span>{name}</Text>}
        {told && <Text size="xs" c="dimmed">{told}</Text>}
      </td>
      <td className="number"><PeopleLink of={product.people} label={name} /></td>
      <td className="number"><Price of={product.price} currency={currency} /></td>
      <td><Against product={product} currency={currency} /></td>
      <td>{product.in_stock === null ? <Text size="sm" c="dimmed" span>{say('unknownStock')}</Text> : <Badge variant="light" tt="none" fw={550} color={product.in_stock ? 'teal' : 'red'}>{say(product.in_stock ? 'inStock' : 'soldOut')}</Badge>}</td>
    </>
  );
}

function Price({ of, currency }: { of: Reported | null; currency: string }): ReactElement {
  const format = useFormat();
  if (of === null) return <>–</>;
  return (
    <>
      {format.money(of.amount, of.currency)}
      {of.currency !== currency && of.home_amount !== null && <Text size="xs" c="dimmed" component="div">{format.money(of.home_amount, currency)}</Text>}
    </>
  );
}

function Against({ product, currency }: { product: Product; currency: string }): ReactElement {
  const say = useProductsWords();
  const format = useFormat();
  if (product.against_category === null || product.category_price === null) return <>–</>;
  const share = Number(product.against_category);
  const text = Math.abs(share) < ABOUT ? say('same') : say(share > 0 ? 'dearer' : 'cheaper', { share: format.share(Math.abs(share)) });
  return (
    <>
      <Text size="sm" span c={share >= ABOUT ? 'var(--warm)' : undefined}>{text}</Text>
      <Text size="xs" c="dimmed" component="div">{say('middlePrice', { price: format.money(product.category_price, currency) })}</Text>
    </>
  );
}
