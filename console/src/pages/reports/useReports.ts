/** What the reports ask; an answer stays on the screen while a newer one is on its way. Trees are told by their full types. */

import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { answer, api, type Schemas } from '../../api/client';
import { loaded } from '../../api/loaded';

export type Scope = { segment?: string; first_seen_from?: string; first_seen_to?: string };

const A_MINUTE = 60_000;
const PAGE = 50;

export function useFunnel(query: Scope & { goal?: string }) {
  return loaded(
    useQuery({
      queryKey: ['funnel', query],
      queryFn: ({ signal }) => answer(api.GET('/v1/reports/funnel', { params: { query }, signal })) as Promise<Schemas['Funnel']>,
      placeholderData: keepPreviousData,
      refetchInterval: A_MINUTE,
    }),
  );
}

export type RetentionAsked = Scope & { unit: 'week' | 'month'; periods: number; start: 'first_order' | 'first_goal' | 'first_visit' | 'member_since'; activity: 'order' | 'goal' | 'visit'; goal?: string };

export function useRetention(query: RetentionAsked) {
  return loaded(
    useQuery({
      queryKey: ['retention', query],
      queryFn: ({ signal }) => answer(api.GET('/v1/reports/retention', { params: { query }, signal })) as Promise<Schemas['Retention']>,
      placeholderData: keepPreviousData,
      refetchInterval: A_MINUTE,
    }),
  );
}

export type SourcesAsked = Scope & { of: 'first_visit' | 'visits'; from?: string; to?: string };

export function useSources(query: SourcesAsked) {
  return useInfiniteQuery({
    queryKey: ['sources', query],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/reports/traffic-sources', { params: { query: { ...query, cursor: pageParam, limit: PAGE } }, signal })) as Promise<Schemas['TrafficSources']>,
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

export type ProductSort = 'people' | 'amount' | 'price' | 'against_category' | 'value';
export type ProductsAsked = { days: number; segment?: string; category?: string; brand?: string; min_people?: number; sort: ProductSort };

export function useViewedProducts(query: ProductsAsked, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: ['viewed products', query],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/reports/products/viewed', { params: { query: { ...query, cursor: pageParam, limit: PAGE } }, signal })) as Promise<Schemas['ViewedProducts']>,
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    enabled,
  });
}

export function useCartedProducts(query: ProductsAsked, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: ['carted products', query],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/reports/products/carted', { params: { query: { ...query, cursor: pageParam, limit: PAGE } }, signal })) as Promise<Schemas['CartedProducts']>,
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    enabled,
  });
}

export type SearchSort = 'searches' | 'people' | 'without_result' | 'not_ordered';
export type SearchesAsked = { days: number; segment?: string; without_result?: boolean; q?: string; min_people?: number; sort: SearchSort };

export function useSearches(query: SearchesAsked) {
  return useInfiniteQuery({
    queryKey: ['searches', query],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/reports/searches', { params: { query: { ...query, cursor: pageParam, limit: PAGE } }, signal })) as Promise<Schemas['SearchedTerms']>,
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

export type StateName = Schemas['TransitionsAsked']['state'];

export function useStateNames() {
  return loaded(
    useQuery({ queryKey: ['states'], queryFn: ({ signal }) => answer(api.GET('/v1/states', { signal })) as Promise<Schemas['StateList']>, staleTime: 60 * A_MINUTE }),
  );
}

/** `segment`: only of its people as they are now. */
export function useTransitions(state: NonNullable<StateName>, from: string, to: string, segment: string) {
  const body = { state, from_on: from, to_on: to || null, tree: segment ? ({ segment } as never) : null };
  return loaded(
    useQuery({
      queryKey: ['transitions', body],
      queryFn: ({ signal }) => answer(api.POST('/v1/reports/state-transitions', { body, signal })) as Promise<Schemas['Transitions']>,
      placeholderData: keepPreviousData,
    }),
  );
}
