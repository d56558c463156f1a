/** What home compares: seasons day for day, and what is unusual. */

import { expect, test } from 'vitest';
import { metricChanges } from '../src/pages/home/changes';
import { dayOfSeason, isDay, monthSeason } from '../src/pages/home/seasons';

test('without a season this month is compared with the one before', () => {
  expect(monthSeason('2026-03-15')).toEqual({ start: '2026-03-01', before: '2026-02-01' });
  expect(monthSeason('2026-01-01')).toEqual({ start: '2026-01-01', before: '2025-12-01' });
});

test('the first day of a season is day 1, over a change of clocks too', () => {
  expect(dayOfSeason({ start: '2026-03-28', before: '2025-03-28' }, '2026-03-28')).toBe(1);
  expect(dayOfSeason({ start: '2026-03-28', before: '2025-03-28' }, '2026-03-30')).toBe(3);
});

test('a season that has not begun, or is compared with itself or a later one, is none', () => {
  expect(dayOfSeason({ start: '2026-04-01', before: '2025-04-01' }, '2026-03-31')).toBeNull();
  expect(dayOfSeason({ start: '2026-04-01', before: '2026-04-01' }, '2026-04-02')).toBeNull();
});

test('only days that are in the calendar are days', () => {
  expect(['2026-02-28', '2026-02-30', '2026-2-3', 'yesterday', ''].map(isDay)).toEqual([true, false, false, false, false]);
});

const day = (visitors: number, orders: number) => ({ visitors, orders, members: 0, revenue: '0', refunds: 0, events: 0, on: '' });

function overview(last: ReturnType<typeof day>[]) {
  // Twenty-two days before yesterday and today.
  const days = [...Array.from({ length: 22 }, () => day(100, 2)), ...last];
  return { days } as unknown as Parameters<typeof metricChanges>[0];
}

test('yesterday is unusual when it is far from the same weekday of three weeks, and today is not looked at', () => {
  const [first, ...others] = metricChanges(overview([day(150, 2), day(0, 0)]));
  expect(first).toMatchObject({ metric: 'visitors', value: 150, usual: 100 });
  expect(first?.change).toBeCloseTo(0.5);
  expect(others).toEqual([]);
});

test('little numbers are never called unusual, nor is a young shop', () => {
  expect(metricChanges(overview([day(100, 9), day(0, 0)]))).toEqual([]);
  expect(metricChanges({ days: [day(1, 1), day(500, 1), day(2, 2)] } as unknown as Parameters<typeof metricChanges>[0])).toEqual([]);
});
