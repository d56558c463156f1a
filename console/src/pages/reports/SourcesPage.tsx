/** Where people came from, what became of them, and what that cost. */

import { SegmentedControl, Tabs } from '@mantine/core';
import { lazy, type ReactElement, Suspense } from 'react';
import { api } from '../../api/client';
import { loaded } from '../../api/loaded';
import { LoadingPage } from '../../parts/LoadingPage';
import { useUrlState } from '../../parts/useUrlState';
import { DayFilter, dayOf, FilterRow, SegmentFilter } from './Filters';
import { ReportHead } from './ReportHead';
import { SourcesTable } from './SourcesTable';
import { useSourcesWords } from './sourcesWords';
import { type SourcesAsked, useSources } from './useReports';
import { useReportWords } from './words';

const CostsTab = lazy(async () => ({ default: (await import('./CostsTab')).CostsTab }));

function useAsked(): { asked: SourcesAsked; wrong: boolean } {
  const [of] = useUrlState('of', 'first_visit');
  const [segment] = useUrlState('segment');
  const [from] = useUrlState('from');
  const [to] = useUrlState('to');
  const both = dayOf(from) !== '' && dayOf(to) !== '';
  const wrong = both && from > to;
  // One end alone is not a range yet.
  return { wrong, asked: { of: of === 'visits' ? 'visits' : 'first_visit', ...(segment ? { segment } : {}), ...(both && !wrong ? { from, to } : {}) } };
}

export function Page(): ReactElement {
  const say = useSourcesWords();
  const report = useReportWords();
  const { asked, wrong } = useAsked();
  const [tab, setTab] = useUrlState('tab', 'results');
  const [, setOf] = useUrlState('of', 'first_visit');
  const query = useSources(asked);
  const sources = loaded(query);
  const costs = tab === 'costs';
  return (
    <>
      <ReportHead
        title={say('title')} lead={say('lead')} asOf={costs ? undefined : sources.state === 'ready' ? (sources.value.pages[0]?.as_of ?? null) : null}
        {...(costs ? {} : { file: { name: 'traffic-sources', ask: () => api.GET('/v1/reports/traffic-sources/file', { params: { query: asked }, parseAs: 'blob' }) } })}
      />
      <Tabs value={costs ? 'costs' : 'results'} onChange={(next) => setTab(next ?? 'results')} keepMounted={false}>
        <Tabs.List mb="md"><Tabs.Tab value="results">{say('results')}</Tabs.Tab><Tabs.Tab value="costs">{say('costs')}</Tabs.Tab></Tabs.List>
        <Tabs.Panel value="results">
          <FilterRow>
            <div>
              <div className="report-label">{say('of')}</div>
              <SegmentedControl aria-label={say('of')} value={asked.of} onChange={setOf} data={(['first_visit', 'visits'] as const).map((value) => ({ value, label: say(`of_${value}`) }))} />
            </div>
            <DayFilter name="from" label={report('from')} />
            <DayFilter name="to" label={report('to')} error={wrong ? report('wrongRange') : undefined} />
            <SegmentFilter />
          </FilterRow>
          <SourcesTable of={sources} hint={say(`ofHint_${asked.of}`)} more={query} />
        </Tabs.Panel>
        <Tabs.Panel value="costs"><Suspense fallback={<LoadingPage />}><CostsTab /></Suspense></Tabs.Panel>
      </Tabs>
    </>
  );
}
