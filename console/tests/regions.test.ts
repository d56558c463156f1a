import { describe, expect, test } from 'vitest';
import { keyOf, largest, type Overlap, type Region, setTree, shapeOf, together } from '../src/pages/overlaps/regions';

const tree = (name: string) => ({ segment: name });
const region = (inside: number[], profiles: number): Region => ({ inside, profiles, members: profiles, visitors: 0, tree: tree(`only ${inside.join()}`) });
const TWO: Overlap = {
  sets: [{ profiles: 5, members: 5, visitors: 0, tree: tree('a') }, { profiles: 6, members: 6, visitors: 0, tree: tree('b') }],
  regions: [region([0], 3), region([1], 4), region([0, 1], 2)],
  union: { profiles: 9, members: 9, visitors: 0, tree: tree('union') },
};

describe('chosen regions', () => {
  test('add up, because nobody is in two of them', () => {
    expect(together(['0', '1'], TWO)).toMatchObject({ profiles: 7, tree: { any: [tree('only 0'), tree('only 1')] } });
  });

  test('that make up a whole set, or everything, are said as that', () => {
    expect(together(['0', '0.1'], TWO)?.tree).toEqual(tree('a'));
    expect(together(['0', '1', '0.1'], TWO)?.tree).toEqual(tree('union'));
    expect(together([], TWO)).toBeNull();
  });

  test('are those that an operation on all sets means', () => {
    expect([shapeOf('intersection', TWO), shapeOf('unique', TWO), shapeOf('first', TWO)]).toEqual([['0.1'], ['0', '1'], ['0']]);
  });

  test('are shown by size, the empty ones not at all', () => {
    expect(largest([...TWO.regions, region([], 0)], 2).map(keyOf)).toEqual(['1', '0']);
  });

  test('come of segments and of lists', () => {
    expect([setTree('segment:x'), setTree('list:y')]).toEqual([{ segment: 'x' }, { list: 'y' }]);
  });
});
