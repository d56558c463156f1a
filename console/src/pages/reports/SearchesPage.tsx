/** What people search for, what finds nothing, and who ordered afterwards. */

import { Badge, Button, Group, NativeSelect, Switch, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import type { ReactElement } from 'react';
import { api, type Schemas } from '../../api/client';
import { loaded } from '../../api/loaded';
import { useFormat } from '../../app/session';
import { useShared } from '../../language/shared';
import { Empty } from '../../parts/Empty';
import { Icon } from '../../parts/Icon';
import { Ready } from '../../parts/Ready';
import { useUrlState } from '../../parts/useUrlState';
import { DaysFilter, FilterRow, SegmentFilter, useDays } from './Filters';
import { PeopleLink } from './PeopleLink';
import { ReportHead } from './ReportHead';
import { useSearchesWords } from './searchesWords';
import { type SearchesAsked, type SearchSort, useSearches } from './useReports';

type Term = Schemas['SearchedTerm'];

const DAYS = [7, 14, 30, 60, 90] as const;
const SORTS: readonly SearchSort[] = ['searches', 'people', 'without_result', 'not_ordered'];
const REST_MILLISECONDS = 300;

function useAsked(): SearchesAsked {
  const [days] = useDays(30, DAYS);
  const [segment] = useUrlState('segment');
  const [q] = useDebouncedValue(useUrlState('q')[0], REST_MILLISECONDS);
  const [nothing] = useUrlState('nothing');
  const [people] = useDebouncedValue(useUrlState('people')[0], REST_MILLISECONDS);
  const [sort] = useUrlState('sort', 'searches');
  const least = Number(people);
  return {
    days,
    sort: SORTS.find((one) => one === sort) ?? 'searches',
    ...(segment ? { segment } : {}),
    ...(q ? { q } : {}),
    ...(nothing ? { without_result: true } : {}),
    ...(Number.isInteger(least) && least > 1 ? { min_people: least } : {}),
  };
}

export function Page(): ReactElement {
  const say = useSearchesWords();
  const shared = useShared();
  const format = useFormat();
  const asked = useAsked();
  const query = useSearches(asked);
  const searches = loaded(query);
  return (
    <>
      <ReportHead
        title={say('title')} lead={say('lead')} asOf={searches.state === 'ready' ? (searches.value.pages[0]?.as_of ?? null) : null}
        file={{ name: 'searches', ask: () => api.GET('/v1/reports/searches/file', { params: { query: asked }, parseAs: 'blob' }) }}
      />
      <SearchFilters sort={asked.sort} />
      <Ready of={searches} height={420}>
        {({ pages }, renewing) => {
          const terms = pages.flatMap((page) => page.terms);
          if (terms.length === 0) return <div className="card"><Empty icon="search" title={say('none')} text={say('noneText')} /></div>;
          return (
            <div className={renewing ? 'old' : undefined}>
              <Text size="sm" c="dimmed" mb="xs">{say('terms', { n: format.number(pages[0]?.n_terms ?? 0) })}</Text>
              <div className="card flush"><Terms terms={terms} /></div>
              {query.hasNextPage && <Group justify="center" mt="md"><Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{shared('more')}</Button></Group>}
            </div>
          );
        }}
      </Ready>
    </>
  );
}

function SearchFilters({ sort }: { sort: SearchSort }): ReactElement {
  const say = useSearchesWords();
  const [q, setQ] = useUrlState('q');
  const [nothing, setNothing] = useUrlState('nothing');
  const [people, setPeople] = useUrlState('people');
  const [, setSort] = useUrlState('sort', 'searches');
  return (
    <FilterRow>
      <TextInput type="search" label={say('find')} placeholder={say('findHint')} leftSection={<Icon name="search" size={16} />} w={{ base: '100%', xs: 200 }} maxLength={500} value={q} onChange={(event) => setQ(event.currentTarget.value)} />
      <DaysFilter initial={30} choices={DAYS} />
      <NativeSelect label={say('sort')} value={sort} onChange={(event) => setSort(event.currentTarget.value)} data={SORTS.map((value) => ({ value, label: say(`sort_${value}`) }))} />
      <SegmentFilter />
      <TextInput type="number" min={1} step={1} label={say('minPeople')} w={100} value={people || '1'} onChange={(event) => setPeople(event.currentTarget.value === '1' ? '' : event.currentTarget.value)} />
      <Switch label={say('onlyNone')} checked={nothing !== ''} onChange={(event) => setNothing(event.currentTarget.checked ? 'only' : '')} mb={8} />
    </FilterRow>
  );
}

function Terms({ terms }: { terms: readonly Term[] }): ReactElement {
  const say = useSearchesWords();
  const format = useFormat();
  const most = Math.max(1, ...terms.map((term) => term.searches));
  return (
    <div className="wide" tabIndex={0} role="region" aria-label={say('title')}>
      <table className="rows">
        <thead>
          <tr>
            <th>{say('term')}</th><th>{say('searches')}</th><th className="number">{say('withoutResult')}</th><th className="number">{say('results')}</th><th className="number">{say('people')}</th>
            <th className="number">{say('ordered')}</th><th className="number">{say('notOrdered')}</th><th className="number">{say('soon')}</th><th>{say('similar')}</th>
          </tr>
        </thead>
        <tbody>
          {terms.map((term) => (
            <tr key={term.term}>
              <th scope="row" className="source-name">{term.term}</th>
              <td><div className="bar-cell"><span><i style={{ width: `${(100 * term.searches) / most}%` }} /></span>{format.number(term.searches)}</div></td>
              <td className="number">{format.number(term.without_result)}</td>
              <td className="number">{term.results === 0 ? <Badge variant="light" color="red" tt="none" fw={550}>{say('noneFound')}</Badge> : term.results === null ? <Text size="sm" c="dimmed" span>{say('unknownResults')}</Text> : format.number(term.results)}</td>
              <td className="number"><PeopleLink of={term.people} label={term.term} /></td>
              <td className="number"><PeopleLink of={term.ordered} label={`${term.term} · ${say('ordered')}`} /></td>
              <td className="number"><PeopleLink of={term.not_ordered} label={`${term.term} · ${say('notOrdered')}`} /></td>
              <td className="number"><PeopleLink of={term.ordered_soon} label={`${term.term} · ${say('soon')}`} /></td>
              <td>{term.similar.length === 0 ? '–' : term.similar.join('、')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
