/** The draft of a page: what is saved, or what its address says was edited; every edit goes into the address. */

import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useReducer, useRef } from 'react';
import { useUrlState } from '../../../parts/useUrlState';
import { counter, type NewId, rootOf, treeOf } from '../tree/draft';
import { acted, type Act, type History } from '../tree/history';
import { type Tree, treeFrom } from '../tree/nodes';

const REST_MILLISECONDS = 400;

export interface DraftState {
  history: History;
  act: (act: Act) => void;
  newId: NewId;
  tree: Tree | null;
  /** Whether it says something else than what is saved. */
  edited: boolean;
  /** Takes a tree as the saved one, and forgets the edits. */
  load: (tree: Tree | null) => void;
}

const same = (a: Tree | null, b: Tree | null): boolean => canonical(a) === canonical(b);

/** As the editor would write it, without what the API adds to say "none". */
function canonical(tree: Tree | null): string {
  return JSON.stringify(treeOf(rootOf(tree, counter())).tree, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null && one !== false && !(Array.isArray(one) && one.length === 0)).toSorted(([a], [b]) => a.localeCompare(b)))
      : value,
  );
}

export function useDraft(saved: Tree | null): DraftState {
  const [inAddress, setInAddress] = useUrlState('tree');
  const newId = useRef(counter()).current;
  const [history, act] = useReducer(acted, null, (): History => ({ past: [], present: rootOf(treeFrom(inAddress) ?? saved, newId), future: [] }));
  const { tree } = treeOf(history.present);
  const edited = !same(tree, saved);
  const remember = useDebouncedCallback(setInAddress, REST_MILLISECONDS);
  const text = edited && tree ? JSON.stringify(tree) : '';
  const written = useRef(inAddress);
  useEffect(() => {
    if (text === written.current) return;
    written.current = text;
    remember(text);
  }, [text, remember]);
  // Somebody went to another address of the same page: back, forward, or a link.
  useEffect(() => {
    if (inAddress === written.current) return;
    written.current = inAddress;
    act({ do: 'load', root: rootOf(treeFrom(inAddress) ?? saved, newId) });
  }, [inAddress, saved, newId]);
  const load = (next: Tree | null) => act({ do: 'load', root: rootOf(next, newId) });
  return { history, act, newId, tree, edited, load };
}
