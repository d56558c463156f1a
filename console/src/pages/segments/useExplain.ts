/** Why somebody is in or out, and finding the somebody. */

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { answer, api, type Schemas } from '../../api/client';
import { loaded } from '../../api/loaded';
import type { Tree } from './tree/nodes';

export type ExplainedOf = { segmentId: string } | { tree: Tree };
export type Reason = Schemas['NodeReason'];

export function useExplanation(profileId: number | null, of: ExplainedOf, on: string) {
  return loaded(
    useQuery({
      queryKey: ['explain', profileId, of, on],
      queryFn: ({ signal }) =>
        answer(api.POST('/v1/segments/explain', {
          body: { profile_id: profileId ?? 0, on: on || null, ...('tree' in of ? { tree: of.tree as never } : { segment_id: of.segmentId }) },
          signal,
        })),
      enabled: profileId !== null,
    }),
  );
}

export function useFoundPeople(q: string) {
  return loaded(
    useQuery({
      queryKey: ['people-found', q],
      queryFn: ({ signal }) => answer(api.GET('/v1/profiles', { params: { query: { q, limit: 8 } }, signal })),
      placeholderData: keepPreviousData,
    }),
  );
}
