/** Who came back: cohorts down, periods across, every cell a segment. */

import { NativeSelect, SegmentedControl, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import { api, type Schemas } from '../../api/client';
import { useHere } from '../../app/session';
import { Heatmap, type HeatRow } from '../../charts/Heatmap';
import { Empty } from '../../parts/Empty';
import { Ready } from '../../parts/Ready';
import { useUrlState } from '../../parts/useUrlState';
import { FilterRow, GoalFilter, ScopeFilters, useScope } from './Filters';
import { averagesOf } from './averages';
import { PeopleLink } from './PeopleLink';
import { ReportHead } from './ReportHead';
import { useRetentionWords } from './retentionWords';
import { type RetentionAsked, useRetention } from './useReports';
import { useReportWords } from './words';

type Retention = Schemas['Retention'];
type Unit = RetentionAsked['unit'];

const STARTS = ['first_order', 'first_visit', 'member_since'] as const;
const ACTIVITIES = ['order', 'visit'] as const;
const PERIODS = [6, 8, 12, 18, 24] as const;

/** What the address asks; words that it does not know are as if it said nothing. */
function useAsked(): RetentionAsked {
  const { scope } = useScope();
  const [unit] = useUrlState('unit', 'month');
  const [start] = useUrlState('start', 'first_order');
  const [activity] = useUrlState('activity', 'order');
  const [periods] = useUrlState('periods', '12');
  const [goal] = useUrlState('goal');
  return {
    ...scope,
    unit: unit === 'week' ? 'week' : 'month',
    periods: PERIODS.find((one) => String(one) === periods) ?? 12,
    start: goal && start === 'first_goal' ? 'first_goal' : (STARTS.find((one) => one === start) ?? 'first_order'),
    activity: goal && activity === 'goal' ? 'goal' : (ACTIVITIES.find((one) => one === activity) ?? 'order'),
    ...(goal ? { goal } : {}),
  };
}

export function Page(): ReactElement {
  const say = useRetentionWords();
  const report = useReportWords();
  const asked = useAsked();
  const retention = useRetention(asked);
  const [, setUnit] = useUrlState('unit', 'month');
  const [, setStart] = useUrlState('start', 'first_order');
  const [, setActivity] = useUrlState('activity', 'order');
  const [, setPeriods] = useUrlState('periods', '12');
  return (
    <>
      <ReportHead
        title={say('title')} lead={say('lead')} asOf={retention.state === 'ready' ? retention.value.as_of : null}
        file={{ name: 'retention', ask: () => api.GET('/v1/reports/retention/file', { params: { query: asked }, parseAs: 'blob' }) }}
      />
      <FilterRow>
        <NativeSelect label={say('unit')} value={asked.unit} onChange={(event) => setUnit(event.currentTarget.value)} data={(['month', 'week'] as const).map((value) => ({ value, label: say(value) }))} />
        <NativeSelect label={say('periods')} value={String(asked.periods)} onChange={(event) => setPeriods(event.currentTarget.value)} data={PERIODS.map((n) => ({ value: String(n), label: say(`n_${asked.unit}`, { n }) }))} />
        <NativeSelect label={say('start')} value={asked.start} onChange={(event) => setStart(event.currentTarget.value)} data={[...STARTS, ...(asked.goal ? (['first_goal'] as const) : [])].map((value) => ({ value, label: say(value) }))} />
        <NativeSelect label={say('activity')} value={asked.activity} onChange={(event) => setActivity(event.currentTarget.value)} data={[...ACTIVITIES.map((value) => ({ value: value as string, label: say(value) })), ...(asked.goal ? [{ value: 'goal', label: say('reach') }] : [])]} />
        <ScopeFilters />
        <GoalFilter />
      </FilterRow>
      <Ready of={retention} height={480}>
        {(found, renewing) => (
          <section className={renewing ? 'card old' : 'card'}>
            {found.cohorts.every((cohort) => cohort.people.profiles === 0) ? <Empty icon="history" title={report('noneTitle')} text={report('noneText')} /> : <Cohorts found={found} unit={asked.unit} />}
          </section>
        )}
      </Ready>
    </>
  );
}

function Cohorts({ found, unit }: { found: Retention; unit: Unit }): ReactElement {
  const say = useRetentionWords();
  const report = useReportWords();
  const { format, language } = useHere();
  const [shown, setShown] = useUrlState('shown', 'share');
  const monthOf = new Intl.DateTimeFormat(language, { year: 'numeric', month: 'short', timeZone: 'UTC' });
  const cohort = (on: string) => (unit === 'week' ? say('weekOf', { day: format.day(on) }) : monthOf.format(Date.parse(`${on}T00:00:00Z`)));
  const after = (n: number) => (n === 0 ? say(unit === 'week' ? 'sameWeek' : 'sameMonth') : say(unit === 'week' ? 'weekAfter' : 'monthAfter', { n }));
  // The shop had nobody yet.
  const cohorts = found.cohorts.slice(found.cohorts.findIndex((one) => one.people.profiles > 0));
  const averages = averagesOf(cohorts);
  const columns = Array.from({ length: Math.max(...cohorts.map((one) => one.cells.length)) }, (_, index) => after(index));
  // The first period is everybody by definition, so that the ground is of what comes after.
  const most = Math.max(0.0001, ...cohorts.flatMap((one) => one.cells.slice(1).map((cell) => cell.share ?? 0)));
  const rows: HeatRow[] = cohorts.map((one) => ({
    key: one.period.first_on,
    name: cohort(one.period.first_on),
    beside: <PeopleLink of={one.people} />,
    cells: one.cells.map((cell, index) => ({
      heat: index === 0 ? 0 : (cell.share ?? 0) / most,
      unfinished: !cell.period.complete,
      content: (
        <PeopleLink of={cell.active} label={say('cell', { cohort: cohort(one.period.first_on), after: after(index), n: format.number(cell.active.profiles), share: cell.share === null ? '–' : format.share(cell.share) })}>
          {shown === 'people' ? format.number(cell.active.profiles) : cell.share === null ? '–' : format.share(cell.share)}
        </PeopleLink>
      ),
    })),
  }));
  return (
    <>
      <div className="report-filters" style={{ justifyContent: 'space-between', marginBottom: 8 }}>
        <Text size="sm" c="dimmed" maw={560}>{say('unfinished')} {say('averageHint')}</Text>
        <SegmentedControl size="xs" aria-label={say('shown')} value={shown === 'people' ? 'people' : 'share'} onChange={setShown} data={[{ value: 'share', label: say('asShare') }, { value: 'people', label: say('asPeople') }]} />
      </div>
      <Heatmap label={report('retention')} corner={say('cohort')} beside={say('people')} columns={columns} rows={rows} foot={{ name: say('average'), cells: averages.map((share) => (share === null ? '–' : format.share(share))) }} />
    </>
  );
}
