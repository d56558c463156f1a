/** Averages of retention weigh cohorts by their people and leave out what is not over. */

import { expect, test } from 'vitest';
import { averagesOf } from '../src/pages/reports/averages';

const cell = (profiles: number, complete = true) => ({ active: { profiles }, period: { complete } });

test('a cohort counts for as much as it has people', () => {
  const cohorts = [
    { people: { profiles: 300 }, cells: [cell(300), cell(30)] },
    { people: { profiles: 100 }, cells: [cell(100), cell(50)] },
  ];
  expect(averagesOf(cohorts)).toEqual([1, 0.2]);
});

test('a period that is not over is in no average', () => {
  const cohorts = [
    { people: { profiles: 100 }, cells: [cell(100), cell(20), cell(1, false)] },
    { people: { profiles: 100 }, cells: [cell(100), cell(1, false)] },
  ];
  expect(averagesOf(cohorts)).toEqual([1, 0.2, null]);
});
