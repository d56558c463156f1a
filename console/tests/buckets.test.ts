/** Buckets of external genes as conditions: whoever is in the bucket, and nobody else. */

import { describe, expect, it } from 'vitest';
import { beginningTree, bucketTree, conversionOf } from '../src/pages/external-genes/buckets';

const bucket = (told: object) => ({ low: null, high: null, value: null, profiles: 1, before: null, converted: null, ...told });

describe('a bucket as a condition', () => {
  it('has both ends of numbers, or the one value', () => {
    expect(bucketTree({ id: 'g', type: 'ratio' }, bucket({ low: '0.1', high: '0.2' }))).toEqual({ external_gene: 'g', is: { between: ['0.1', '0.2'] } });
    expect(bucketTree({ id: 'g', type: 'number' }, bucket({ low: '3', high: '3' }))).toEqual({ external_gene: 'g', is: { op: '=', value: '3' } });
  });
  it('has every day of a month, and none beside it', () => {
    const tree = bucketTree({ id: 'g', type: 'date' }, bucket({ low: '2026-03-01', high: '2026-03-31' }));
    expect(tree).toEqual({ all: [{ external_gene: 'g', is: { after: '2026-02-28' } }, { external_gene: 'g', is: { before: '2026-04-01' } }] });
  });
  it('asks for one text, in lists among others', () => {
    expect(bucketTree({ id: 'g', type: 'category' }, bucket({ value: '金卡' }))).toEqual({ external_gene: 'g', is: { one_of: ['金卡'] } });
    expect(bucketTree({ id: 'g', type: 'list' }, bucket({ value: '登山' }))).toEqual({ external_gene: 'g', is: { contains_any: ['登山'] } });
  });
});

describe('a share who ordered', () => {
  it('is said of five people or more only', () => {
    expect(conversionOf(bucket({ before: 5, converted: 1 }))).toBe(0.2);
    expect(conversionOf(bucket({ before: 4, converted: 4 }))).toBeNull();
  });
});

it('a first segment is the upper half, the most frequent value, or who has one', () => {
  expect(beginningTree({ id: 'g', type: 'money' }, { median: '120', buckets: [] })).toEqual({ external_gene: 'g', is: { op: '>=', value: '120' } });
  expect(beginningTree({ id: 'g', type: 'boolean' }, { median: null, buckets: [bucket({ value: 'true' })] })).toEqual({ external_gene: 'g', is: { one_of: ['true'] } });
  expect(beginningTree({ id: 'g', type: 'date' }, { median: null, buckets: [] })).toEqual({ external_gene: 'g', is: { known: true } });
});
