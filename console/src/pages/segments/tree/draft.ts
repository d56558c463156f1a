/** A tree while it is edited: every part has an id, and "not" is a mark on what it negates. */

import type { Condition, Tree } from './nodes';

export type Mode = 'all' | 'any' | 'difference';

export interface GroupDraft { id: number; kind: 'group'; mode: Mode; negated: boolean; children: readonly Draft[] }
export interface ConditionDraft { id: number; kind: 'condition'; negated: boolean; node: Condition }
export type Draft = GroupDraft | ConditionDraft;

/** Numbers drafts; one for each editor, so that ids stay the same when it draws again. */
export type NewId = () => number;

export function counter(): NewId {
  let last = 0;
  return () => (last += 1);
}

export function draftOf(tree: Tree, newId: NewId, negated = false): Draft {
  if ('not' in tree) return draftOf(tree.not, newId, !negated);
  const id = newId();
  for (const mode of ['all', 'any', 'difference'] as const) {
    const children = (tree as Partial<Record<Mode, Tree[]>>)[mode];
    if (children) return { id, kind: 'group', mode, negated, children: children.map((child) => draftOf(child, newId)) };
  }
  return { id, kind: 'condition', negated, node: tree as Condition };
}

/** The editor's root is a group that is not negated, whatever was loaded. */
export function rootOf(tree: Tree | null, newId: NewId): GroupDraft {
  if (tree === null) return { id: newId(), kind: 'group', mode: 'all', negated: false, children: [] };
  const draft = draftOf(tree, newId);
  if (draft.kind === 'group' && !draft.negated) return draft;
  return { id: newId(), kind: 'group', mode: 'all', negated: false, children: [draft] };
}

export interface Placed {
  tree: Tree | null;
  /** Which draft stands at a path of the tree ("0.1"); a negated one stands at two. */
  ids: ReadonlyMap<string, number>;
  /** Where a draft's own number is told: outside of its "not". */
  paths: ReadonlyMap<number, string>;
}

export const pathKey = (path: readonly number[]): string => path.join('.');

/** The tree that a draft stands for; groups without anything in them are left out. */
export function treeOf(root: GroupDraft): Placed {
  const ids = new Map<string, number>();
  const paths = new Map<number, string>();
  const tree = built(root, [], (path, id) => {
    ids.set(pathKey(path), id);
    if (!paths.has(id)) paths.set(id, pathKey(path));
  });
  return { tree, ids, paths };
}

function isEmpty(draft: Draft): boolean {
  return draft.kind === 'group' && draft.children.every(isEmpty);
}

function built(draft: Draft, path: readonly number[], place: (path: readonly number[], id: number) => void): Tree | null {
  if (isEmpty(draft)) return null;
  place(path, draft.id);
  const inner = draft.negated ? [...path, 0] : path;
  if (draft.negated) place(inner, draft.id);
  const tree = draft.kind === 'condition' ? draft.node : group(draft, inner, place);
  return draft.negated ? { not: tree } : tree;
}

function group(draft: GroupDraft, path: readonly number[], place: (path: readonly number[], id: number) => void): Tree {
  const full = draft.children.filter((child) => !isEmpty(child));
  // A difference of one thing is that thing.
  const mode = draft.mode === 'difference' && full.length < 2 ? 'all' : draft.mode;
  const children = full.map((child, index) => built(child, [...path, index], place)).filter((tree) => tree !== null);
  return { [mode]: children } as Tree;
}

export type Change =
  | { do: 'add'; to: number; draft: Draft }
  | { do: 'remove'; id: number }
  | { do: 'set'; id: number; node: Condition }
  | { do: 'mode'; id: number; mode: Mode }
  | { do: 'negate'; id: number }
  | { do: 'wrap'; id: number; group: number }
  | { do: 'copy'; id: number; newId: NewId }
  | { do: 'move'; id: number; by: -1 | 1 };

/** The root after a change; parts that did not change are the same objects. */
export function changed(root: GroupDraft, change: Change): GroupDraft {
  const children = edited(root.children, change);
  const self = onItself(root, change);
  return children === root.children ? self : { ...self, children };
}

function onItself(draft: GroupDraft, change: Change): GroupDraft {
  if (change.do === 'add' && change.to === draft.id) return { ...draft, children: [...draft.children, change.draft] };
  if (change.do === 'mode' && change.id === draft.id) return { ...draft, mode: change.mode };
  return draft;
}

function edited(children: readonly Draft[], change: Change): readonly Draft[] {
  const at = 'id' in change ? children.findIndex((child) => child.id === change.id) : -1;
  const found = children[at];
  if (found === undefined) {
    const next = children.map((child) => {
      if (child.kind === 'condition') return child;
      const inner = edited(child.children, change);
      const self = onItself(child, change);
      return inner === child.children ? self : { ...self, children: inner };
    });
    return next.some((child, index) => child !== children[index]) ? next : children;
  }
  const others = (replacement: readonly Draft[]) => [...children.slice(0, at), ...replacement, ...children.slice(at + 1)];
  switch (change.do) {
    case 'remove': return others([]);
    case 'set': return found.kind === 'condition' ? others([{ ...found, node: change.node }]) : children;
    case 'mode': return found.kind === 'group' ? others([{ ...found, mode: change.mode }]) : children;
    case 'negate': return others([{ ...found, negated: !found.negated }]);
    case 'wrap': return others([{ id: change.group, kind: 'group', mode: 'any', negated: false, children: [found] }]);
    case 'copy': return others([found, copied(found, change.newId)]);
    case 'move': return moved(children, at, change.by);
    case 'add': return children;
  }
}

function moved(children: readonly Draft[], at: number, by: -1 | 1): readonly Draft[] {
  const [one, other] = [children[at], children[at + by]];
  if (one === undefined || other === undefined) return children;
  return children.map((child, index) => (index === at ? other : index === at + by ? one : child));
}

function copied(draft: Draft, newId: NewId): Draft {
  if (draft.kind === 'condition') return { ...draft, id: newId() };
  return { ...draft, id: newId(), children: draft.children.map((child) => copied(child, newId)) };
}

export function find(root: Draft, id: number): Draft | null {
  if (root.id === id) return root;
  if (root.kind === 'condition') return null;
  for (const child of root.children) {
    const found = find(child, id);
    if (found) return found;
  }
  return null;
}
