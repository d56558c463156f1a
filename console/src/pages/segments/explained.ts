/** A tree as lines that say one after another who fulfils what: each node with its place and what stands below it. */

import type { Condition, Tree } from './tree/nodes';

export type LineKind = 'all' | 'any' | 'difference' | 'not' | 'condition';

export interface Line {
  /** Its place as the API counts: "0,2,0". */
  place: string;
  /** Of a negated condition the place of the condition itself, where the value is. */
  valueAt: string;
  kind: LineKind;
  /** What it asks, also where it is negated; null for groups. */
  condition: Condition | null;
  inner: Line[];
}

export function linesOf(tree: Tree, path: readonly number[] = []): Line {
  const place = path.join(',');
  const own = { place, valueAt: place, condition: null };
  if ('not' in tree) {
    const inner = linesOf(tree.not, [...path, 0]);
    // "Not this one condition" is read as one line.
    if (inner.condition) return { ...own, valueAt: inner.place, kind: 'condition', condition: inner.condition, inner: [] };
    return { ...own, kind: 'not', inner: [inner] };
  }
  for (const kind of ['all', 'any', 'difference'] as const) {
    const children = (tree as Partial<Record<typeof kind, Tree[]>>)[kind];
    if (children) return { ...own, kind, inner: children.map((child, index) => linesOf(child, [...path, index])) };
  }
  return { ...own, kind: 'condition', condition: tree as Condition, inner: [] };
}
