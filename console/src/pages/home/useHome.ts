/** What the home page asks: the overview of days, the funnel, what became of everything received, and which segments moved. */

import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api, type Schemas } from '../../api/client';
import { loaded } from '../../api/loaded';
import type { Season } from './seasons';

export type Overview = Schemas['Overview'];

/** A number of people, and the tree that finds them. */
export interface People {
  profiles: number;
  tree: unknown;
}

export interface Funnel extends Pick<Schemas['Funnel'], 'everybody'> {
  steps: Pick<Schemas['FunnelStep'], 'start' | 'end' | 'median_days'>[];
  stages: { key: Schemas['FunnelStage']['key']; there: People; so_far: People; conversion: number | null }[];
}

const REFRESH_MILLISECONDS = 5000;
const SEGMENTS = 200;

export function useOverview() {
  return loaded(
    useQuery({
      queryKey: ['overview'],
      queryFn: ({ signal }) => answer(api.GET('/v1/reports/overview', { signal })),
      refetchInterval: REFRESH_MILLISECONDS,
      placeholderData: keepPreviousData,
    }),
  );
}

/** Of the days from one to another, both included. */
export function useOverviewOf(from: string, to: string) {
  return loaded(
    useQuery({
      queryKey: ['overview', from, to],
      queryFn: ({ signal }) => answer(api.GET('/v1/reports/overview', { params: { query: { from, to } }, signal })),
      refetchInterval: 4 * REFRESH_MILLISECONDS,
      placeholderData: keepPreviousData,
    }),
  );
}

export function useIntake() {
  return loaded(
    useQuery({
      queryKey: ['intake'],
      queryFn: ({ signal }) => answer(api.GET('/v1/reports/intake', { signal })),
      refetchInterval: REFRESH_MILLISECONDS,
    }),
  );
}

export function useFunnel() {
  return loaded(
    useQuery<Funnel>({
      queryKey: ['home-funnel'],
      queryFn: ({ signal }) => answer(api.GET('/v1/reports/funnel', { signal })),
      // The first person is waited for.
      refetchInterval: (query) => (query.state.data?.everybody === 0 ? 1 : 4) * REFRESH_MILLISECONDS,
    }),
  );
}

/** The first segments by name, with how many came in and went out today. */
export function useMoving() {
  return loaded(
    useQuery({
      queryKey: ['home-segments'],
      queryFn: ({ signal }) => answer(api.GET('/v1/segments', { params: { query: { limit: SEGMENTS } }, signal })),
      refetchInterval: 4 * REFRESH_MILLISECONDS,
    }),
  );
}

/** The season that everybody in the team begins with. */
export function useShareSeason() {
  const questions = useQueryClient();
  return useMutation({
    mutationFn: ({ start, before }: Season) => answer(api.PATCH('/v1/tenant', { body: { season_on: start, season_before_on: before } })),
    onSuccess: () => questions.invalidateQueries({ queryKey: ['tenant'] }),
  });
}
