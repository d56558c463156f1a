import { describe, expect, test } from 'vitest';
import type { Tree } from '../src/pages/segments/tree/nodes';
import { usersOf } from '../src/pages/segments/usedBy';

const one = (id: string, tree: Tree) => ({ id, tree });

describe('a segment', () => {
  test('is used by those whose trees name it, however deep and however often', () => {
    const inner: Tree = { difference: [{ segment: 'a' }, { any: [{ not: { segment: 'b' } }, { segment: 'a' }] }] };
    const segments = [one('a', { list: 'x' }), one('b', { all: [{ segment: 'a' }] }), one('c', inner)];
    const users = usersOf(segments);
    expect([...users].map(([id, found]) => [id, found.map((user) => user.id)])).toEqual([['a', ['b', 'c']], ['b', ['c']]]);
  });
});
