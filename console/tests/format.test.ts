import { expect, test } from 'vitest';
import { dayAfter, formatOf, todayIn } from '../src/language/format';
import { eventText } from '../src/language/eventNames';

const taipei = formatOf('zh-TW', 'Asia/Taipei', 'TWD');
const london = formatOf('en', 'Europe/London', 'GBP');
const LATE = '2026-11-22T17:30:00Z';

test('times are of the zone of the shop, not of the browser', () => {
  expect(taipei.clock(LATE)).toBe('01:30:00');
  expect(london.clock(LATE)).toBe('17:30:00');
  expect(todayIn('Asia/Taipei', Date.parse(LATE))).toBe('2026-11-23');
  expect(todayIn('Europe/London', Date.parse(LATE))).toBe('2026-11-22');
});

test('days are dates: no zone moves them', () => {
  expect(london.day('2026-03-29')).toBe('Mar 29');
  expect(taipei.weekday('2026-11-22')).toBe('週日');
  expect(dayAfter('2026-02-28', 1)).toBe('2026-03-01');
  expect(dayAfter('2026-03-01', -1)).toBe('2026-02-28');
});

test('amounts are rounded only where they are shown', () => {
  expect(taipei.money('1234.5')).toBe('$1,234.50');
  expect(london.money('0.105', 'GBP')).toBe('£0.11');
  expect(london.share(0.0932)).toBe('9.3%');
});

test('what is not there is a dash', () => {
  expect(taipei.time(null)).toBe('–');
  expect(taipei.ago(undefined, 0)).toBe('–');
});

test('names of events are said in the language, unknown ones as sent', () => {
  expect(eventText('track', 'Product Viewed', 'zh-TW')).toBe('瀏覽商品');
  expect(eventText('page', '', 'en')).toBe('Saw a page');
  expect(eventText('track', 'wishlist_opened', 'en')).toBe('Wishlist opened');
  expect(eventText('track', '抽獎', 'en')).toBe('抽獎');
  expect(eventText('track', 'constructor', 'en')).toBe('Constructor');
});
