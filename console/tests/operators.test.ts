import { expect, test } from 'vitest';
import type { ValueTest } from '../src/pages/segments/tree/nodes';
import { firstTest, movedTo, NUMERIC, operatorOf, operatorsOf, rangeOf, testWith } from '../src/pages/segments/tree/operators';

const TODAY = '2026-11-22';

test.each(['number', 'category', 'keywords', 'products', 'map', 'date'])('every operator of a %s makes a test of that operator', (type) => {
  for (const operator of operatorsOf(type)) expect(operatorOf(testWith(operator, firstTest(type), TODAY))).toBe(operator);
});

test('another operator keeps what was typed', () => {
  expect(testWith('<=', { op: '>=', value: '12.50' }, TODAY)).toEqual({ op: '<=', value: '12.50' });
  expect(testWith('between', { op: '>=', value: '5' }, TODAY)).toEqual({ between: ['5', '6'] });
  expect(testWith('not_one_of', { one_of: ['loyal'] }, TODAY)).toEqual({ not_one_of: ['loyal'] });
  expect(testWith('contains_all', { contains_any: ['a'], part: true }, TODAY)).toEqual({ contains_all: ['a'], part: true, by_category: false });
  expect(testWith('more_than_days_ago', { in_last_days: 14 }, TODAY)).toEqual({ more_than_days_ago: 14 });
});

test('only tests that have a place on an axis have a range', () => {
  expect(rangeOf({ op: '>=', value: '4' })).toEqual({ low: 4, high: null });
  expect(rangeOf({ op: '<', value: '4' })).toEqual({ low: null, high: 4 });
  expect(rangeOf({ between: ['1', '3'] })).toEqual({ low: 1, high: 3 });
  for (const test of [{ op: '!=', value: '4' }, { above: 'mean' }, { top_percent: '5' }] as ValueTest[]) expect(rangeOf(test)).toBeUndefined();
  expect(NUMERIC).toContain('between');
});

test('an end that is moved past the other takes it along', () => {
  expect(movedTo({ op: '>=', value: '4' }, 'low', '9')).toEqual({ op: '>=', value: '9' });
  expect(movedTo({ between: ['1', '3'] }, 'low', '7')).toEqual({ between: ['7', '7'] });
  expect(movedTo({ between: ['5', '8'] }, 'high', '2')).toEqual({ between: ['2', '2'] });
});
