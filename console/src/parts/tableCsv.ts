/** CSV of a table that spreadsheets read as it was meant: UTF-8 with a mark, and no cell that is taken for a formula. */

export type Cell = string | number | boolean | null | undefined;

// Spreadsheets know UTF-8 by it.
const MARK = '\uFEFF';
// As the gateway's own files: full-width forms too, and a tab or a line end may stand before one.
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
const NUMBER = /^-[0-9]+(\.[0-9]+)?$/;

function cellText(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell !== 'string') return String(cell);
  const safe = FORMULA.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function tableCsv(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return MARK + [head, ...rows].map((row) => row.map(cellText).join(',') + '\r\n').join('');
}

/** Gives the browser a file to keep. */
export function keepFile(name: string, text: string, type = 'text/csv;charset=utf-8'): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  // Kept until the browser has surely begun to read it.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
