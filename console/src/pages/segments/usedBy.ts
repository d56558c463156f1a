/** Which segments name which, told by their trees. */

import type { Tree } from './tree/nodes';

/** Saved segments that a tree names, each once. */
export function namedIn(tree: Tree): ReadonlySet<string> {
  const found = new Set<string>();
  function look(node: Tree): void {
    if ('not' in node) return look(node.not);
    const inner = 'all' in node ? node.all : 'any' in node ? node.any : 'difference' in node ? node.difference : null;
    if (inner) return inner.forEach(look);
    if ('segment' in node) found.add(node.segment);
  }
  look(tree);
  return found;
}

/** Of each segment that is named, the ones that name it. */
export function usersOf<S extends { id: string; tree: Tree }>(segments: readonly S[]): ReadonlyMap<string, readonly S[]> {
  const users = new Map<string, S[]>();
  for (const segment of segments) {
    for (const id of namedIn(segment.tree)) users.set(id, [...(users.get(id) ?? []), segment]);
  }
  return users;
}
