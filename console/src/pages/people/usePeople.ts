/** People: searching them, and everything known about one. */

import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import { loaded } from '../../api/loaded';
import type { Asked } from './sieves';

export type Kind = '' | 'member' | 'visitor';

const REFRESH_MILLISECONDS = 10_000;

/** The gateway masks personal data of everybody but whom it was asked to reveal: `reveal` is its word for it, '' without. */
const shown = (reveal: string) => (reveal ? { 'X-Reveal': reveal } : {});
/** What was revealed is forgotten as soon as nobody looks. */
const kept = (reveal: string) => (reveal ? { gcTime: 0 } : {});

export function usePeople(q: string, kind: Kind) {
  return useInfiniteQuery({
    queryKey: ['people', q, kind],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/profiles', { params: { query: { q, kind, cursor: pageParam, limit: 30 } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

export function usePerson(id: number, reveal: string) {
  return loaded(
    useQuery({
      queryKey: ['person', id, reveal],
      queryFn: ({ signal }) => answer(api.GET('/v1/profiles/{profile_id}', { params: { path: { profile_id: id }, query: { limit: 1 }, header: shown(reveal) }, signal })),
      placeholderData: (before) => (before?.profile.id === id ? before : undefined),
      refetchInterval: REFRESH_MILLISECONDS,
      ...kept(reveal),
    }),
  );
}

export function useTimeline(id: number, asked: Omit<Asked, 'cursor' | 'limit'>, reveal: string) {
  return useInfiniteQuery({
    queryKey: ['timeline', id, asked, reveal],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/profiles/{profile_id}/events', { params: { path: { profile_id: id }, query: { ...asked, cursor: pageParam, limit: 40 }, header: shown(reveal) }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MILLISECONDS,
    ...kept(reveal),
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

export function useLinks(id: number, reveal: string) {
  return useInfiniteQuery({
    queryKey: ['links', id, reveal],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/profiles/{profile_id}/links', { params: { path: { profile_id: id }, query: { cursor: pageParam, limit: 50 }, header: shown(reveal) }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    ...kept(reveal),
  });
}

export function useConsents(id: number, reveal: string) {
  return loaded(
    useQuery({
      queryKey: ['consents', id, reveal],
      queryFn: ({ signal }) => answer(api.GET('/v1/profiles/{profile_id}/consents', { params: { path: { profile_id: id }, header: shown(reveal) }, signal })),
      placeholderData: keepPreviousData,
      ...kept(reveal),
    }),
  );
}

export function useLedger(id: number, reveal: string) {
  return useInfiniteQuery({
    queryKey: ['ledger', id, reveal],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/ledger', { params: { query: { profile: id, cursor: pageParam, limit: 20 }, header: shown(reveal) }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    ...kept(reveal),
  });
}
