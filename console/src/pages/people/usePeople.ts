/** People: searching them, and everything known about one. */

import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import { loaded } from '../../api/loaded';

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

export function useTimeline(id: number) {
  return useInfiniteQuery({
    queryKey: ['timeline', id],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/profiles/{profile_id}/events', { params: { path: { profile_id: id }, query: { cursor: pageParam, limit: 40 } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: REFRESH_MILLISECONDS,
  });
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
