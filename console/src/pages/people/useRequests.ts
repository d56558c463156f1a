/** What people may ask for: their data as a file, and to be forgotten. */

import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api, type Schemas } from '../../api/client';
import { loaded } from '../../api/loaded';

export type Erasure = Schemas['ErasureAnswer'];
export type Export = Schemas['ExportAnswer'];
export type Store = Schemas['StoreAnswer'];

const OFTEN_MILLISECONDS = 2000;
const SELDOM_MILLISECONDS = 15_000;

/** What shows somebody's personal data for a while; the audit log notes who looked. */
export function useReveal(id: number) {
  return useMutation({ mutationFn: () => answer(api.POST('/v1/profiles/{profile_id}/reveal', { params: { path: { profile_id: id } } })) });
}

export function useErasures() {
  return useInfiniteQuery({
    queryKey: ['erasures'],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/erasures', { params: { query: { cursor: pageParam, limit: 30 } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

export function useReceipt(id: string) {
  return loaded(
    useQuery({
      queryKey: ['erasure', id],
      queryFn: ({ signal }) => answer(api.GET('/v1/erasures/{erasure_id}', { params: { path: { erasure_id: id } }, signal })),
      // Backups take days; the stores that people read are done within the minute.
      refetchInterval: (query) => (query.state.data?.state === 'closed' ? false : (query.state.data?.stores ?? []).some((one) => one.state === 'due' && soon(one)) ? OFTEN_MILLISECONDS : SELDOM_MILLISECONDS),
    }),
  );
}

const SOON_MILLISECONDS = 3_600_000;
const soon = (store: Store): boolean => store.due_at === null || Date.parse(store.due_at) - Date.now() < SOON_MILLISECONDS;

export function useErase() {
  const questions = useQueryClient();
  return useMutation({
    mutationFn: ({ id, suppress }: { id: number; suppress: boolean }) => answer(api.POST('/v1/erasures', { body: { profile_id: id, suppress } })),
    onSuccess: async () => {
      await Promise.all([['people'], ['erasures']].map((queryKey) => questions.invalidateQueries({ queryKey })));
    },
  });
}

export function useExports() {
  return useInfiniteQuery({
    queryKey: ['person-exports'],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/exports', { params: { query: { cursor: pageParam, limit: 30 } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: (query) => (query.state.data?.pages.some((page) => page.exports.some((one) => one.state === 'making')) ? OFTEN_MILLISECONDS : false),
  });
}

export function useMakeExport() {
  const questions = useQueryClient();
  return useMutation({
    mutationFn: (id: number) => answer(api.POST('/v1/profiles/{profile_id}/export', { params: { path: { profile_id: id } } })),
    onSuccess: () => questions.invalidateQueries({ queryKey: ['person-exports'] }),
  });
}
