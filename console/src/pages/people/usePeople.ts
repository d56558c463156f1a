/** People: searching them, and everything known about one. */

import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import { loaded } from '../../api/loaded';
import type { Asked } from './sieves';

export type Kind = '' | 'member' | 'visitor';

const REFRESH_MILLISECONDS = 10_000;

export function usePeople(q: string, kind: Kind) {
  return useInfiniteQuery({
    queryKey: ['people', q, kind],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/profiles', { params: { query: { q, kind, cursor: pageParam, limit: 30 } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

export function usePerson(id: number) {
  return loaded(
    useQuery({
      queryKey: ['person', id],
      queryFn: ({ signal }) => answer(api.GET('/v1/profiles/{profile_id}', { params: { path: { profile_id: id }, query: { limit: 1 } }, signal })),
      refetchInterval: REFRESH_MILLISECONDS,
    }),
  );
}

export function useTimeline(id: number, asked: Omit<Asked, 'cursor' | 'limit'>) {
  return useInfiniteQuery({
    queryKey: ['timeline', id, asked],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/profiles/{profile_id}/events', { params: { path: { profile_id: id }, query: { ...asked, cursor: pageParam, limit: 40 } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MILLISECONDS,
  });
}

/** Segments are looked through a page at a time: a page may have none of theirs. */
export function useSegmentsOf(id: number) {
  return useInfiniteQuery({
    queryKey: ['segments-of', id],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/segments', { params: { query: { profile: id, cursor: pageParam, limit: 100 } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

export function useFoundSegments(q: string) {
  return loaded(
    useQuery({
      queryKey: ['segments-found', q],
      queryFn: ({ signal }) => answer(api.GET('/v1/segments', { params: { query: { q, limit: 20 } }, signal })),
      placeholderData: keepPreviousData,
    }),
  );
}

export function usePersonGenes(id: number) {
  return loaded(
    useQuery({
      queryKey: ['person-genes', id],
      queryFn: ({ signal }) => answer(api.GET('/v1/profiles/{profile_id}/genes', { params: { path: { profile_id: id }, query: { percentiles: true } }, signal })),
    }),
  );
}

export function useLinks(id: number) {
  return useInfiniteQuery({
    queryKey: ['links', id],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/profiles/{profile_id}/links', { params: { path: { profile_id: id }, query: { cursor: pageParam, limit: 50 } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

export function useConsents(id: number) {
  return loaded(
    useQuery({
      queryKey: ['consents', id],
      queryFn: ({ signal }) => answer(api.GET('/v1/profiles/{profile_id}/consents', { params: { path: { profile_id: id } }, signal })),
    }),
  );
}

export function useLedger(id: number) {
  return useInfiniteQuery({
    queryKey: ['ledger', id],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/ledger', { params: { query: { profile: id, cursor: pageParam, limit: 20 } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}
