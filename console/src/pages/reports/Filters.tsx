/** Of whom and of which days a report is asked: all of it is in the address. */

import { NativeSelect, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ReactElement, type ReactNode, useState } from 'react';
import { answer, api } from '../../api/client';
import { useUrlState } from '../../parts/useUrlState';
import type { Scope } from './useReports';
import { useReportWords } from './words';

const REST_MILLISECONDS = 200;
const OFFERED = 50;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** What an address says of a day; nothing where it says something else. */
export const dayOf = (text: string): string => (DAY.test(text) ? text : '');

export function FilterRow({ children }: { children: ReactNode }): ReactElement {
  return <div className="report-filters">{children}</div>;
}

export function SegmentFilter(): ReactElement {
  const say = useReportWords();
  const [segment, setSegment] = useUrlState('segment');
  const [typed, setTyped] = useState('');
  const [q] = useDebouncedValue(typed, REST_MILLISECONDS);
  const chosen = useQuery({
    queryKey: ['segment', segment],
    queryFn: ({ signal }) => answer(api.GET('/v1/segments/{segment_id}', { params: { path: { segment_id: segment } }, signal })),
    enabled: segment !== '',
  });
  const name = chosen.data?.name ?? '';
  const found = useQuery({
    queryKey: ['segment names', q === name ? '' : q],
    queryFn: ({ signal }) => answer(api.GET('/v1/segments', { params: { query: { q: q === name ? '' : q, sort: 'name', limit: OFFERED } }, signal })),
    placeholderData: keepPreviousData,
  });
  const offers = (found.data?.segments ?? []).map((one) => ({ value: one.id, label: one.name }));
  const known = segment === '' || offers.some((one) => one.value === segment) ? offers : [{ value: segment, label: name || segment }, ...offers];
  return (
    <Select
      label={say('segment')} placeholder={say('everybody')} searchable clearable clearButtonProps={{ 'aria-label': say('clear') }} w={{ base: '100%', xs: 240 }} nothingFoundMessage={say('noSegment')} comboboxProps={{ shadow: 'md' }}
      data={known} value={segment || null} onChange={(id) => setSegment(id ?? '')} onSearchChange={setTyped} filter={({ options }) => options}
    />
  );
}

export function DayFilter({ name, label, error }: { name: string; label: string; error?: string | undefined }): ReactElement {
  const [day, setDay] = useUrlState(name);
  return <TextInput type="date" label={label} w={158} value={dayOf(day)} error={error} onChange={(event) => setDay(event.currentTarget.value)} />;
}

export function DaysFilter({ initial, choices }: { initial: number; choices: readonly number[] }): ReactElement {
  const say = useReportWords();
  const [days, setDays] = useDays(initial, choices);
  return <NativeSelect label={say('range')} value={String(days)} data={choices.map((n) => ({ value: String(n), label: say('days', { n }) }))} onChange={(event) => setDays(event.currentTarget.value)} />;
}

/** One of the choices, whatever the address says. */
export function useDays(initial: number, choices: readonly number[]): [number, (days: string) => void] {
  const [said, setSaid] = useUrlState('days', String(initial));
  return [choices.find((one) => String(one) === said) ?? initial, setSaid];
}

/** Segment and days of the first contact, and what is wrong with them. */
export function useScope(): { scope: Scope; wrong: boolean } {
  const [segment] = useUrlState('segment');
  const [from] = useUrlState('seen_from');
  const [to] = useUrlState('seen_to');
  const wrong = dayOf(from) !== '' && dayOf(to) !== '' && from > to;
  const days = wrong ? {} : { ...(dayOf(from) ? { first_seen_from: from } : {}), ...(dayOf(to) ? { first_seen_to: to } : {}) };
  return { scope: { ...(segment ? { segment } : {}), ...days }, wrong };
}

export function ScopeFilters(): ReactElement {
  const say = useReportWords();
  const { wrong } = useScope();
  return (
    <>
      <SegmentFilter />
      <DayFilter name="seen_from" label={say('firstSeenFrom')} />
      <DayFilter name="seen_to" label={say('firstSeenTo')} error={wrong ? say('wrongRange') : undefined} />
    </>
  );
}

/** An order, or one of the shop's own goals in its place; not there while the shop has none. */
export function GoalFilter(): ReactElement | null {
  const say = useReportWords();
  const [goal, setGoal] = useUrlState('goal');
  const goals = useQuery({ queryKey: ['goals', 'names'], queryFn: ({ signal }) => answer(api.GET('/v1/goals', { params: { query: { limit: 200 } }, signal })) });
  const known = goals.data?.goals ?? [];
  if (known.length === 0 && goal === '') return null;
  // One that was deleted since the link was made can be left again.
  const lost = goal !== '' && goals.data && !known.some((one) => one.id === goal) ? [{ value: goal, label: say('lostGoal') }] : [];
  return (
    <NativeSelect
      label={say('goal')} value={goal} onChange={(event) => setGoal(event.currentTarget.value)}
      data={[{ value: '', label: say('orderGoal') }, ...known.map((one) => ({ value: one.id, label: one.name })), ...lost]}
    />
  );
}
