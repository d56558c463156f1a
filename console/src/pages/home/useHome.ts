/** What the home page asks: the overview of days, what became of everything received, and how people lie on the stages. */

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import { loaded } from '../../api/loaded';

const REFRESH_MILLISECONDS = 5000;

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

export function useIntake() {
  return loaded(
    useQuery({
      queryKey: ['intake'],
      queryFn: ({ signal }) => answer(api.GET('/v1/reports/intake', { signal })),
      refetchInterval: REFRESH_MILLISECONDS,
    }),
  );
}

/** People by stage, with the names that the catalogue has for the stages. */
export function useStages() {
  return loaded(
    useQuery({
      queryKey: ['stages'],
      queryFn: async ({ signal }) => {
        const [lie, catalogue] = await Promise.all([
          answer(api.GET('/v1/genes/{gene_id}/distribution', { params: { path: { gene_id: 'member_stage' } }, signal })),
          answer(api.GET('/v1/genes', { signal })),
        ]);
        const choices = catalogue.genes.find((gene) => gene.id === 'member_stage')?.choices ?? [];
        return {
          everybody: lie.everybody,
          stages: choices.map(({ value, name }) => ({
            value,
            name,
            profiles: lie.buckets.find((bucket) => bucket.value === value)?.profiles ?? 0,
          })),
        };
      },
      refetchInterval: 4 * REFRESH_MILLISECONDS,
    }),
  );
}
