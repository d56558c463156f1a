/** A table as a file for spreadsheets. */

import { expect, test } from 'vitest';
import { tableCsv } from '../src/parts/tableCsv';

test('a table is UTF-8 with a mark, one row a line, and quotes only where they are needed', () => {
  expect(tableCsv(['Größe', 'n'], [['a, "b"', 3], [null, true]])).toBe('\uFEFFGröße,n\r\n"a, ""b""",3\r\n,true\r\n');
});

test('no cell is taken for a formula, and numbers stay numbers', () => {
  expect(tableCsv([], [['=1+1', '＠x', '-5', '-5.25', '-a', -7]])).toBe("\uFEFF\r\n'=1+1,'＠x,-5,-5.25,'-a,-7\r\n");
});
