/** What conditions can be about: genes and states, attributes, saved segments, lists, goals and brought values. */

import { useQuery } from '@tanstack/react-query';
import { answer, api, type Schemas } from '../../api/client';
import { loaded } from '../../api/loaded';
import type { Segment } from './useSegments';

export type Gene = Schemas['Gene'];
export type ExternalGene = Schemas['ExternalGene'];
export type Attribute = Schemas['AttributeList']['attributes'][number];

export interface Catalogue {
  genes: ReadonlyMap<string, Gene>;
  attributes: readonly Attribute[];
  segments: readonly Segment[];
  lists: readonly { id: string; name: string }[];
  goals: readonly { id: string; name: string }[];
  externalGenes: readonly ExternalGene[];
}

const A_WHILE = 60_000;

const byId = (genes: readonly Gene[]): Catalogue['genes'] => new Map(genes.map((gene) => [gene.id, gene]));

export function useCatalogue() {
  return loaded(
    useQuery({
      queryKey: ['catalogue'],
      queryFn: async ({ signal }): Promise<Catalogue> => {
        const [genes, states, attributes, segments, lists, goals, external] = await Promise.all([
          answer(api.GET('/v1/genes', { signal })),
          answer(api.GET('/v1/states', { signal })),
          answer(api.GET('/v1/attributes', { signal })),
          answer(api.GET('/v1/segments', { params: { query: { limit: 200 } }, signal })),
          answer(api.GET('/v1/lists', { params: { query: { limit: 200 } }, signal })),
          answer(api.GET('/v1/goals', { params: { query: { limit: 200 } }, signal })),
          answer(api.GET('/v1/external-genes', { params: { query: { limit: 200 } }, signal })),
        ]);
        return {
          // States are asked like genes.
          genes: byId([...(genes.genes as Gene[]), ...(states.states as Gene[])]),
          attributes: attributes.attributes,
          segments: segments.segments as Segment[],
          lists: lists.lists.map(({ id, name }) => ({ id, name })),
          goals: goals.goals.map(({ id, name }) => ({ id, name })),
          externalGenes: external.genes,
        };
      },
      staleTime: A_WHILE,
    }),
  );
}

/** Genes and states alone, where nothing else is chosen from. */
export function useGenes() {
  return loaded(
    useQuery({
      queryKey: ['catalogue', 'genes'],
      queryFn: async ({ signal }): Promise<Catalogue['genes']> => {
        const [genes, states] = await Promise.all([answer(api.GET('/v1/genes', { signal })), answer(api.GET('/v1/states', { signal }))]);
        return byId([...(genes.genes as Gene[]), ...(states.states as Gene[])]);
      },
      staleTime: A_WHILE,
    }),
  );
}

/** Genes whose values the shop brought; none until they are known. */
export function useExternalGenes(): readonly ExternalGene[] {
  const found = useQuery({ queryKey: ['catalogue', 'external-genes'], queryFn: ({ signal }) => answer(api.GET('/v1/external-genes', { params: { query: { limit: 200 } }, signal })), staleTime: A_WHILE });
  return found.data?.genes ?? [];
}

type Query = { last_days?: number; from?: string; to?: string; all_time?: boolean; conversion?: boolean };

/** How a gene's values lie in a window; with `conversion`, who ordered since. */
export function useDistribution(gene: string | null, window: object | null | undefined, conversion: boolean) {
  const asked = window as { last_days?: number; from?: string; to?: string; all_time?: true } | null | undefined;
  const query: Query = { conversion };
  if (asked?.last_days) query.last_days = asked.last_days;
  if (asked?.from && asked.to) Object.assign(query, { from: asked.from, to: asked.to });
  if (asked?.all_time) query.all_time = true;
  return loaded(
    useQuery({
      queryKey: ['distribution', gene, query],
      queryFn: ({ signal }) =>
        answer(api.GET('/v1/genes/{gene_id}/distribution', { params: { path: { gene_id: gene ?? '' }, query }, signal })),
      enabled: gene !== null,
      staleTime: A_WHILE,
    }),
  );
}
