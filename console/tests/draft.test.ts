import { describe, expect, test } from 'vitest';
import { type Change, changed, counter, draftOf, find, rootOf, treeOf } from '../src/pages/segments/tree/draft';
import { acted, type History } from '../src/pages/segments/tree/history';
import { type Tree, treeFrom } from '../src/pages/segments/tree/nodes';

const LOYAL: Tree = { gene: 'member_stage', is: { one_of: ['loyal'] } };
const ORDERS: Tree = { gene: 'orders', in: { last_days: 90 }, is: { op: '>=', value: '3' } };
const NESTED: Tree = { all: [LOYAL, { any: [ORDERS, { not: { event: 'order_completed', in: { last_days: 7 } } }] }] };

function edit(tree: Tree | null, make: (ids: number[]) => Change) {
  const root = rootOf(tree, counter());
  const ids = root.children.map((child) => child.id);
  return changed(root, make([root.id, ...ids]));
}

describe('a draft', () => {
  test.each([NESTED, { difference: [LOYAL, ORDERS] }, { all: [{ not: { all: [LOYAL, ORDERS] } }] }] as Tree[])('says the tree that it was made of', (tree) => {
    expect(treeOf(rootOf(tree, counter())).tree).toEqual(tree);
  });

  test('puts a single condition into a group, so that others can join it', () => {
    expect(treeOf(rootOf(LOYAL, counter())).tree).toEqual({ all: [LOYAL] });
  });

  test('reads two negations as none', () => {
    expect(draftOf({ not: { not: LOYAL } }, counter()).negated).toBe(false);
  });

  test('leaves out groups without a condition, and says nothing when there is none at all', () => {
    const empty = { id: 9, kind: 'group', mode: 'any', negated: false, children: [] } as const;
    expect(treeOf(edit(NESTED, ([root = 0]) => ({ do: 'add', to: root, draft: empty }))).tree).toEqual(NESTED);
    expect(treeOf(rootOf(null, counter())).tree).toBeNull();
  });

  test('knows where each part stands, a negated one by the path outside of its "not"', () => {
    const root = rootOf(NESTED, counter());
    const { ids, paths } = treeOf(root);
    const negated = ids.get('1.1.0');
    expect(negated).toBe(ids.get('1.1'));
    expect(paths.get(negated ?? 0)).toBe('1.1');
    expect(find(root, ids.get('1.0') ?? 0)).toMatchObject({ node: ORDERS });
  });
});

describe('a change', () => {
  test('keeps the same objects for what it does not touch', () => {
    const root = rootOf(NESTED, counter());
    const [first, group] = root.children;
    const next = changed(root, { do: 'negate', id: first?.id ?? 0 });
    expect(next.children[0]).toMatchObject({ negated: true });
    expect(next.children[1]).toBe(group);
  });

  test('of nothing there changes nothing', () => {
    const root = rootOf(NESTED, counter());
    expect(changed(root, { do: 'remove', id: 999 })).toBe(root);
  });

  test('removes, sets, wraps, copies and moves', () => {
    const tree: Tree = { all: [LOYAL, ORDERS] };
    expect(treeOf(edit(tree, ([, a = 0]) => ({ do: 'remove', id: a }))).tree).toEqual({ all: [ORDERS] });
    expect(treeOf(edit(tree, ([, a = 0]) => ({ do: 'set', id: a, node: { list: 'x' } }))).tree).toEqual({ all: [{ list: 'x' }, ORDERS] });
    expect(treeOf(edit(tree, ([, , b = 0]) => ({ do: 'wrap', id: b, group: 50 }))).tree).toEqual({ all: [LOYAL, { any: [ORDERS] }] });
    expect(treeOf(edit(tree, ([, a = 0]) => ({ do: 'copy', id: a, newId: () => 60 }))).tree).toEqual({ all: [LOYAL, LOYAL, ORDERS] });
    expect(treeOf(edit(tree, ([, , b = 0]) => ({ do: 'move', id: b, by: -1 }))).tree).toEqual({ all: [ORDERS, LOYAL] });
    expect(treeOf(edit(tree, ([root = 0]) => ({ do: 'mode', id: root, mode: 'difference' }))).tree).toEqual({ difference: [LOYAL, ORDERS] });
  });

  test('can be undone and done again, until something else is done', () => {
    const start: History = { past: [], present: rootOf(NESTED, counter()), future: [] };
    const id = start.present.children[0]?.id ?? 0;
    const removed = acted(start, { do: 'remove', id });
    const undone = acted(removed, { do: 'undo' });
    expect(undone.present).toBe(start.present);
    expect(acted(undone, { do: 'redo' }).present).toBe(removed.present);
    expect(acted(undone, { do: 'negate', id }).future).toEqual([]);
  });
});

test.each(['', 'nonsense', '[]', '{"all": [1]}', '{"what": 1}', '{"not": {}}'])('an address with %j has no tree', (text) => {
  expect(treeFrom(text)).toBeNull();
});
