/** Saved segments: the list, one of them, its size, people and versions. */

import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { answer, api, type Schemas } from '../../api/client';
import { loaded } from '../../api/loaded';
import type { Tree } from './tree/nodes';

// The tree as the builder knows it.
export type Segment = Omit<Schemas['ListedSegment'], 'tree'> & { tree: Tree };
export type OneSegment = Omit<Schemas['OneSegment'], 'tree'> & { tree: Tree };
export type Sort = 'name' | 'changed' | 'created';

export interface Asked {
  q: string;
  folder: string | undefined;
  sort: Sort;
  archived: boolean;
}

const REFRESH_MILLISECONDS = 5_000;

export function useSegmentList({ q, folder, sort, archived }: Asked) {
  const query = { q, sort, archived, limit: 200, ...(folder === undefined ? {} : { folder }) };
  return loaded(
    useQuery({
      queryKey: ['segments', query],
      queryFn: ({ signal }) => answer(api.GET('/v1/segments', { params: { query }, signal })) as Promise<{ segments: Segment[]; folders: Schemas['Folder'][]; next_cursor: string | null }>,
      placeholderData: keepPreviousData,
      refetchInterval: REFRESH_MILLISECONDS,
    }),
  );
}

export function useSegment(id: string) {
  return useQuery({
    queryKey: ['segment', id],
    queryFn: ({ signal }) => answer(api.GET('/v1/segments/{segment_id}', { params: { path: { segment_id: id } }, signal })) as Promise<OneSegment>,
  });
}

export function useVersions(id: string) {
  return loaded(
    useQuery({
      queryKey: ['versions', id],
      queryFn: ({ signal }) => answer(api.GET('/v1/segments/{segment_id}/versions', { params: { path: { segment_id: id }, query: { limit: 100 } }, signal })),
    }),
  );
}

export function useMembers(id: string, genes: string[]) {
  return useInfiniteQuery({
    queryKey: ['members', id, genes],
    queryFn: ({ signal, pageParam }) =>
      answer(api.GET('/v1/segments/{segment_id}/members', { params: { path: { segment_id: id }, query: { gene: genes, cursor: pageParam, limit: 50 } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}
