/** External genes: all of them, one of them, how its values lie, and what changes did. */

import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { answer, api, type Schemas } from '../../api/client';
import { loaded } from '../../api/loaded';

export type ExternalGene = Schemas['ExternalGene'];
export type Lies = Schemas['ExternalDistribution'];

const A_WHILE = 30_000;

export function useExternalGenes() {
  return useInfiniteQuery({
    queryKey: ['external-genes'],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/external-genes', { params: { query: { limit: 50, cursor: pageParam } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

export function useExternalGene(id: string) {
  return loaded(
    useQuery({
      queryKey: ['external-gene', id],
      queryFn: ({ signal }) => answer(api.GET('/v1/external-genes/{gene_id}', { params: { path: { gene_id: id } }, signal })),
    }),
  );
}

/** With who ordered since. */
export function useLies(id: string) {
  return loaded(
    useQuery({
      queryKey: ['external-gene', id, 'lies'],
      queryFn: ({ signal }) => answer(api.GET('/v1/external-genes/{gene_id}/distribution', { params: { path: { gene_id: id }, query: { conversion: true } }, signal })),
      staleTime: A_WHILE,
    }),
  );
}

export function useChanges(id: string) {
  return useInfiniteQuery({
    queryKey: ['external-gene', id, 'changes'],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/external-genes/{gene_id}/changes', { params: { path: { gene_id: id }, query: { limit: 50, cursor: pageParam } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}
