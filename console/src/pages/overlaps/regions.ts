/** Regions of segments that overlap: choosing some, and the tree that says exactly those. */

import type { Tree } from '../segments/tree/nodes';

export interface Part {
  profiles: number;
  members: number;
  visitors: number;
  tree: Tree;
}

export interface Region extends Part {
  /** Places of the sets that its people are in; they are in none of the others. */
  inside: readonly number[];
}

export interface Overlap {
  sets: readonly Part[];
  regions: readonly Region[];
  union: Part;
}

/** A set as an address says it: "segment:<id>" or "list:<id>". */
export function setTree(said: string): Tree {
  const [kind, id = ''] = said.split(':');
  return kind === 'list' ? { list: id } : { segment: id };
}

export const keyOf = (region: Pick<Region, 'inside'>): string => region.inside.join('.');

export type Shape = 'union' | 'intersection' | 'unique' | 'first';

/** Keys of the regions that make up a well-known operation on all sets. */
export function shapeOf(shape: Shape, { sets, regions }: Overlap): string[] {
  const test: Record<Shape, (inside: readonly number[]) => boolean> = {
    union: () => true,
    intersection: (inside) => inside.length === sets.length,
    unique: (inside) => inside.length === 1,
    first: (inside) => inside.length === 1 && inside[0] === 0,
  };
  return regions.filter(({ inside }) => test[shape](inside)).map(keyOf);
}

/** What the chosen regions are together. Nobody is in two regions, so their numbers add up. */
export function together(picked: readonly string[], overlap: Overlap): Part | null {
  const chosen = overlap.regions.filter((region) => picked.includes(keyOf(region)));
  const [first, ...others] = chosen;
  if (!first) return null;
  const sum = (of: (region: Region) => number): number => chosen.reduce((total, region) => total + of(region), 0);
  const counted = { profiles: sum((one) => one.profiles), members: sum((one) => one.members), visitors: sum((one) => one.visitors) };
  return { ...counted, tree: whole(chosen, overlap) ?? (others.length ? { any: chosen.map(({ tree }) => tree) } : first.tree) };
}

/** A shorter tree where the regions are a whole set, or all of them. */
function whole(chosen: readonly Region[], { sets, regions, union }: Overlap): Tree | null {
  if (chosen.length === regions.length) return union.tree;
  const at = sets.findIndex((_, set) => {
    const own = regions.filter(({ inside }) => inside.includes(set));
    return own.length === chosen.length && own.every((region) => chosen.includes(region));
  });
  return sets[at]?.tree ?? null;
}

/** Those with people, the largest first; as many as asked for. */
export function largest(regions: readonly Region[], most: number): Region[] {
  return regions.filter(({ profiles }) => profiles > 0).toSorted((a, b) => b.profiles - a.profiles).slice(0, most);
}
