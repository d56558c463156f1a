import { describe, expect, test } from 'vitest';
import { linesOf } from '../src/pages/segments/explained';
import type { Tree } from '../src/pages/segments/tree/nodes';

const LOYAL: Tree = { gene: 'member_stage', is: { one_of: ['loyal'] } };
const BOUGHT: Tree = { event: 'order_completed', in: { last_days: 7 } };

describe('an explanation', () => {
  test('reads "not this condition" as one line whose value stands inside of it', () => {
    const root = linesOf({ all: [LOYAL, { not: BOUGHT }] });
    expect(root.inner.map(({ place, valueAt, kind }) => [place, valueAt, kind])).toEqual([['0', '0', 'condition'], ['1', '1,0', 'condition']]);
    expect(root.inner[1]?.condition).toEqual(BOUGHT);
  });

  test('keeps "none of these" as a group, with the places that the API counts', () => {
    const root = linesOf({ difference: [LOYAL, { not: { any: [LOYAL, BOUGHT] } }] });
    expect(root.inner[1]).toMatchObject({ place: '1', kind: 'not', condition: null });
    expect(root.inner[1]?.inner[0]?.inner.map(({ place }) => place)).toEqual(['1,0,0', '1,0,1']);
  });
});
