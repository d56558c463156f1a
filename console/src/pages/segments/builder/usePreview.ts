/** Whom a tree contains while it is edited: asked when typing rests, the question before is hung up on. */

import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useRef } from 'react';
import { answer, api, type Schemas } from '../../../api/client';
import { type Fault, Problem, problemOf } from '../../../api/problem';
import { type GroupDraft, pathKey, treeOf } from '../tree/draft';

export type Preview = Schemas['Preview'];

export interface Counted {
  /** The newest answer; of what was edited since it may say nothing yet. */
  preview: Preview | null;
  /** Whether `preview` is of something else than what is on the screen. */
  old: boolean;
  /** Whether there is something to count, and no answer yet. */
  counting: boolean;
  countOf: (id: number) => number | undefined;
  faultsOf: (id: number) => readonly Fault[];
  /** A failure that is nobody's fault in the tree. */
  problem: Problem | null;
}

const REST_MILLISECONDS = 200;
const RENEW_MILLISECONDS = 15_000;

export function usePreview(root: GroupDraft): Counted {
  const placed = useMemo(() => treeOf(root), [root]);
  const [asked] = useDebouncedValue(placed, REST_MILLISECONDS);
  const last = useRef<{ preview: Preview; counts: ReadonlyMap<number, number> } | null>(null);
  const text = JSON.stringify(asked.tree);
  const query = useQuery({
    queryKey: ['preview', text],
    queryFn: ({ signal }) => answer(api.POST('/v1/segments/preview', { body: { tree: asked.tree as never }, signal })),
    enabled: asked.tree !== null,
    refetchInterval: RENEW_MILLISECONDS,
    gcTime: 60_000,
  });
  if (asked.tree === null) last.current = null;
  else if (query.data) last.current = { preview: query.data, counts: countsOf(query.data, asked.ids) };

  const problem = query.isError ? problemOf(query.error) : null;
  const faults = problem?.code === 'SEGMENT_NOT_VALID' ? problem.faults : [];
  return {
    preview: last.current?.preview ?? null,
    old: asked !== placed || query.data === undefined,
    counting: placed.tree !== null && last.current === null && problem === null,
    countOf: (id) => last.current?.counts.get(id),
    faultsOf: (id) => faults.filter((fault) => asked.ids.get(pathKey(fault.path ?? [])) === id),
    problem: faults.length ? null : problem,
  };
}

/** By draft; of a negated one the number outside of its "not" comes first. */
function countsOf(preview: Preview, ids: ReadonlyMap<string, number>): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { path, profiles } of preview.counts.toSorted((a, b) => a.path.length - b.path.length)) {
    const id = ids.get(pathKey(path));
    if (id !== undefined && !counts.has(id)) counts.set(id, profiles);
  }
  return counts;
}
