/** Where events come from, and how each source is. */

import { useQuery } from '@tanstack/react-query';
import { answer, api, type Schemas } from '../../api/client';
import { loaded } from '../../api/loaded';

export type Source = Schemas['EventSource'];

const REFRESH_MILLISECONDS = 30_000;
export const MOST_SOURCES = 100;

export function useSources() {
  return loaded(
    useQuery({
      queryKey: ['event-sources'],
      queryFn: ({ signal }) => answer(api.GET('/v1/event-sources', { params: { query: { limit: MOST_SOURCES } }, signal })),
      refetchInterval: REFRESH_MILLISECONDS,
    }),
  );
}
