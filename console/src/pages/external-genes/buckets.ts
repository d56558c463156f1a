/** Buckets of an external gene's values as conditions, and how many of each ordered since. */

import type { ExternalGene, Lies } from './useExternalGenes';

type Bucket = Lies['buckets'][number];

export const NUMERIC: readonly string[] = ['number', 'money', 'ratio'];
// Of fewer people a share says little.
const ENOUGH = 5;
const DAY = 86_400_000;

/** 0 to 1; null where too few had such a value 30 days ago. */
export function conversionOf({ before, converted }: Bucket): number | null {
  return before !== null && converted !== null && before >= ENOUGH ? converted / before : null;
}

const daysOn = (iso: string, days: number): string => new Date(Date.parse(`${iso}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);

/** Who is in a bucket. */
export function bucketTree({ id, type }: Pick<ExternalGene, 'id' | 'type'>, { low, high, value }: Pick<Bucket, 'low' | 'high' | 'value'>): object {
  const is = (test: object) => ({ external_gene: id, is: test });
  if (value !== null) return is(type === 'list' ? { contains_any: [value] } : { one_of: [value] });
  const [from, to] = [low ?? '', high ?? ''];
  if (type === 'date') return from === to ? is({ on: from }) : { all: [is({ after: daysOn(from, -1) }), is({ before: daysOn(to, 1) })] };
  return is(from === to ? { op: '=', value: from } : { between: [from, to] });
}

/** What a first segment with the gene may be: the upper half, the most frequent value, or who has one. */
export function beginningTree(gene: Pick<ExternalGene, 'id' | 'type'>, { median, buckets }: Pick<Lies, 'median' | 'buckets'>): object {
  if (NUMERIC.includes(gene.type) && median !== null) return { external_gene: gene.id, is: { op: '>=', value: median } };
  const [first] = buckets;
  return gene.type === 'date' || !first ? { external_gene: gene.id, is: { known: true } } : bucketTree(gene, first);
}
