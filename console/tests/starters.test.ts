/** What the segments that a shop begins with are called. */

import { expect, test } from 'vitest';
import { describedIn, folderIn, nameIn } from '../src/pages/segments/naming';

const starter = { starter: 'activity.dormant', name: '久未造訪', description: '已有一段時間未造訪\nDormant: No visit for some time', version: 1 };

test('a segment the shop began with is told in the language of the page, its name once', () => {
  expect([nameIn(starter, 'en'), describedIn(starter, 'en')]).toEqual(['Dormant', 'No visit for some time']);
  expect([nameIn(starter, 'zh-TW'), describedIn(starter, 'zh-TW')]).toEqual(['久未造訪', '已有一段時間未造訪']);
  expect([folderIn('活躍', 'en'), folderIn('活躍', 'zh-TW')]).toEqual(['Activity', '活躍']);
});

test('what somebody named or wrote stays as it is', () => {
  expect(nameIn({ ...starter, name: '好久不見', version: 2 }, 'en')).toBe('好久不見');
  const own = { starter: '', name: 'VIP', description: 'Ours: all of them\nand theirs', version: 1 };
  expect([nameIn(own, 'en'), describedIn(own, 'en'), folderIn('Sales 檔期', 'en')]).toEqual(['VIP', 'Ours: all of them\nand theirs', 'Sales 檔期']);
});
