/** What may be asked of a value: an operator's name in the catalogue, and the test that says it. */

import type { NumericTest, Op, ValueTest } from './nodes';

export const NUMERIC = ['>=', '<=', '>', '<', '=', '!=', 'between', 'above_mean', 'below_mean', 'above_median', 'below_median', 'top_percent', 'bottom_percent'] as const;
const DATES = ['in_last_days', 'more_than_days_ago', 'before', 'after', 'on', 'anniversary_within_days', 'month'] as const;
const KNOWN = ['is_known', 'is_unknown'] as const;
const COMPARISONS: readonly string[] = ['=', '!=', '<', '<=', '>', '>='];

export type Operator =
  | (typeof NUMERIC)[number] | (typeof DATES)[number] | (typeof KNOWN)[number]
  | 'one_of' | 'not_one_of' | 'contains_any' | 'contains_all' | 'contains_none' | 'of' | 'rising' | 'falling';

const BY_TYPE: Readonly<Record<string, readonly Operator[]>> = {
  number: [...NUMERIC, ...KNOWN], money: [...NUMERIC, ...KNOWN], ratio: [...NUMERIC, ...KNOWN],
  category: ['one_of', 'not_one_of', ...KNOWN], text: ['one_of', 'not_one_of', ...KNOWN], boolean: ['one_of', 'not_one_of', ...KNOWN],
  list: ['contains_any', 'contains_all', 'contains_none', ...KNOWN], keywords: ['contains_any', 'contains_all', 'contains_none', ...KNOWN],
  products: ['contains_any', 'contains_all', 'contains_none', ...KNOWN], map: ['of', 'rising', 'falling', ...KNOWN], date: [...DATES, ...KNOWN],
};

export function operatorsOf(type: string): readonly Operator[] {
  return BY_TYPE[type] ?? KNOWN;
}

export function operatorOf(test: ValueTest): Operator {
  if ('op' in test) return test.op;
  if ('above' in test) return test.above === 'mean' ? 'above_mean' : 'above_median';
  if ('below' in test) return test.below === 'mean' ? 'below_mean' : 'below_median';
  if ('known' in test) return test.known ? 'is_known' : 'is_unknown';
  return (Object.keys(test).find((key) => key !== 'is' && key !== 'part' && key !== 'by_category') ?? 'is_known') as Operator;
}

/** Numbers, texts and days that a test holds, so that changing the operator keeps what was typed. */
function held(test: ValueTest): { numbers: string[]; texts: string[]; days: string[] } {
  const found = { numbers: [] as string[], texts: [] as string[], days: [] as string[] };
  if ('value' in test) found.numbers.push(test.value);
  if ('between' in test) found.numbers.push(...test.between);
  for (const value of Object.values(test)) {
    if (Array.isArray(value) && !('between' in test)) found.texts.push(...(value as string[]));
    else if (typeof value === 'number') found.numbers.push(String(value));
  }
  for (const key of ['of', 'rising', 'falling'] as const) if (key in test) found.texts.push((test as Record<string, string>)[key] ?? '');
  for (const key of ['before', 'after', 'on'] as const) if (key in test) found.days.push((test as Record<string, string>)[key] ?? '');
  return found;
}

/** The same question with another operator, on `today` where it needs a first day. */
export function testWith(operator: Operator, before: ValueTest, today: string): ValueTest {
  const { numbers, texts, days } = held(before);
  const first = numbers[0] ?? '1';
  const flags = 'part' in before || 'by_category' in before ? { part: before.part ?? false, by_category: before.by_category ?? false } : {};
  if (COMPARISONS.includes(operator)) return { op: operator as Op, value: first };
  switch (operator) {
    case 'between': return { between: [first, numbers[1] ?? String(Number(first) + 1)] };
    case 'above_mean': return { above: 'mean' };
    case 'above_median': return { above: 'median' };
    case 'below_mean': return { below: 'mean' };
    case 'below_median': return { below: 'median' };
    case 'top_percent': return { top_percent: '20' };
    case 'bottom_percent': return { bottom_percent: '20' };
    case 'one_of': return { one_of: texts };
    case 'not_one_of': return { not_one_of: texts };
    case 'contains_any': return { ...flags, contains_any: texts };
    case 'contains_all': return { ...flags, contains_all: texts };
    case 'contains_none': return { ...flags, contains_none: texts };
    case 'of': return { of: texts[0] ?? '', is: { op: '>=', value: '60' } };
    case 'rising': return { rising: texts[0] ?? '' };
    case 'falling': return { falling: texts[0] ?? '' };
    case 'before': return { before: days[0] ?? today };
    case 'after': return { after: days[0] ?? today };
    case 'on': return { on: days[0] ?? today };
    case 'in_last_days': return { in_last_days: whole(numbers[0], 30) };
    case 'more_than_days_ago': return { more_than_days_ago: whole(numbers[0], 30) };
    case 'anniversary_within_days': return { anniversary_within_days: whole(numbers[0], 7) };
    case 'month': return { month: Math.min(12, whole(numbers[0], Number(today.slice(5, 7)))) };
    case 'is_known': return { known: true };
    default: return { known: false };
  }
}

function whole(text: string | undefined, otherwise: number): number {
  const value = Math.trunc(Number(text));
  return text !== undefined && value > 0 ? value : otherwise;
}

/** A first question about a value of this type. */
export function firstTest(type: string): ValueTest {
  switch (type) {
    case 'number': case 'money': case 'ratio': return { op: '>=', value: '1' };
    case 'date': return { in_last_days: 30 };
    default: return { known: true };
  }
}

/** The two ends of what a numeric test lets through; null: open. Undefined for tests without a place on an axis. */
export function rangeOf(test: ValueTest): { low: number | null; high: number | null } | undefined {
  if ('between' in test) return { low: Number(test.between[0]), high: Number(test.between[1]) };
  if (!('op' in test)) return undefined;
  const value = Number(test.value);
  switch (test.op) {
    case '>': case '>=': return { low: value, high: null };
    case '<': case '<=': return { low: null, high: value };
    case '=': return { low: value, high: value };
    case '!=': return undefined;
  }
}

/** A test with one of its ends moved to `value`. */
export function movedTo(test: NumericTest, end: 'low' | 'high', value: string): NumericTest {
  if ('op' in test) return { ...test, value };
  const [low, high] = test.between;
  if (end === 'low') return { between: [value, Number(value) > Number(high) ? value : high] };
  return { between: [Number(value) < Number(low) ? value : low, value] };
}
