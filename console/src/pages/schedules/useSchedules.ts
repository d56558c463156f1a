/** Schedules of exports: all of them, one with its runs, and what changes them. */

import { notifications } from '@mantine/notifications';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api, type Schemas } from '../../api/client';
import { loaded } from '../../api/loaded';
import { problemOf } from '../../api/problem';
import { useProblemText } from '../../language/problems';

export type Schedule = Schemas['ScheduleAnswer'];
export type Run = Schemas['RunAnswer'];
export type Format = 'csv' | 'parquet';

export interface Timing {
  every: 'day' | 'week' | 'month';
  hour: number;
  /** 1 is Monday. */
  weekday: number;
  /** 31 is the last day of every month. */
  day_of_month: number;
}

export const FIRST_TIMING: Timing = { every: 'week', hour: 6, weekday: 1, day_of_month: 1 };
const REFRESH_MILLISECONDS = 5_000;

/** What the API takes: a weekday of weeks only, a day of months only. */
export function timingBody({ every, hour, weekday, day_of_month }: Timing): Schemas['TimingBody'] {
  return { every, hour, ...(every === 'week' ? { weekday } : {}), ...(every === 'month' ? { day_of_month } : {}) };
}

export function timingOf({ timing }: Schedule): Timing {
  return { every: timing.every as Timing['every'], hour: timing.hour, weekday: timing.weekday ?? 1, day_of_month: timing.day_of_month ?? 1 };
}

export function useSchedules() {
  return useInfiniteQuery({
    queryKey: ['schedules'],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/export-schedules', { params: { query: { cursor: pageParam, limit: 50 } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: REFRESH_MILLISECONDS,
  });
}

export function useSchedule(id: string) {
  return loaded(useQuery({ queryKey: ['schedule', id], queryFn: ({ signal }) => answer(api.GET('/v1/export-schedules/{export_schedule_id}', { params: { path: { export_schedule_id: id } }, signal })) }));
}

/** A change, after which the list is asked anew. */
export function useScheduleDeed<V>(act: (what: V) => Promise<unknown>, onDone: () => void) {
  const questions = useQueryClient();
  const problemText = useProblemText();
  return useMutation({
    mutationFn: act,
    onSuccess: async () => {
      await questions.invalidateQueries({ queryKey: ['schedules'] });
      onDone();
    },
    onError: (error) => notifications.show({ message: problemText(problemOf(error)), color: 'red', autoClose: 10_000 }),
  });
}

export const changeSchedule = (id: string, body: Schemas['ChangedSchedule']): Promise<unknown> =>
  answer(api.PATCH('/v1/export-schedules/{export_schedule_id}', { params: { path: { export_schedule_id: id } }, body }));

export const deleteSchedule = (id: string): Promise<unknown> => answer(api.DELETE('/v1/export-schedules/{export_schedule_id}', { params: { path: { export_schedule_id: id } } }));
