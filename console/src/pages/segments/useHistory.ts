/** How a segment was: people by day, and who came and went lately. */

import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { answer, api, type Schemas } from '../../api/client';
import { loaded } from '../../api/loaded';

export type SegmentDay = Schemas['SegmentDay'];
export type Movement = Schemas['Movement'];

const REFRESH_MILLISECONDS = 15_000;
const A_WHILE = 600_000;

/** The oldest first; `refetch` only where somebody looks at it alone. */
export function useSegmentDays(id: string, days: number, { seen = true, renewed = true } = {}) {
  return loaded(
    useQuery({
      queryKey: ['segment-days', id, days],
      queryFn: async ({ signal }) => {
        const found = await answer(api.GET('/v1/segments/{segment_id}/history', { params: { path: { segment_id: id }, query: { limit: days } }, signal }));
        return { state: found.state, days: found.days.toReversed() };
      },
      enabled: seen,
      ...(renewed ? { refetchInterval: REFRESH_MILLISECONDS } : { staleTime: A_WHILE }),
    }),
  );
}

export function useMovements(id: string) {
  return useInfiniteQuery({
    queryKey: ['segment-changes', id],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/segments/{segment_id}/changes', { params: { path: { segment_id: id }, query: { cursor: pageParam, limit: 20 } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: REFRESH_MILLISECONDS,
  });
}
