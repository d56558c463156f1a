/** How sets overlap, asked again while the page is open; and what there is to choose from. */

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import { loaded } from '../../api/loaded';
import { type Overlap, setTree } from './regions';

const RENEW_MILLISECONDS = 15_000;

export function useOverlap(sets: readonly string[]) {
  return loaded(
    useQuery({
      queryKey: ['overlap', sets],
      queryFn: async ({ signal }) => {
        const found = await answer(api.POST('/v1/segments/overlap', { body: { sets: sets.map(setTree) as never }, signal }));
        return found as Overlap & { as_of: string | null; everybody: number };
      },
      enabled: sets.length > 0,
      placeholderData: keepPreviousData,
      refetchInterval: RENEW_MILLISECONDS,
    }),
  );
}
