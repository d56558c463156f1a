/** Columns of an export as the API names them, and as somebody chooses them: genes, and one period for all that have one. */

import type { Catalogue } from '../segments/useCatalogue';
import type { Format } from './useSchedules';

/** Before the id of a gene whose values were brought. */
export const EXTERNAL = 'external:';

export interface Content {
  format: Format;
  genes: readonly string[];
  /** Of genes that have one: a number of days, "all", or empty for each gene's own. */
  window: string;
}

/** "orders:90"; a gene that looks back less far keeps to that. */
export function columnsOf({ genes, window }: Content, known: Catalogue['genes']): string[] {
  return genes.map((id) => {
    const windows = known.get(id)?.windows;
    if (!windows || !window) return id;
    if (window === 'all') return windows.all_time ? `${id}:all` : id;
    return `${id}:${Math.min(Number(window), windows.max_days)}`;
  });
}

/** The id of the gene that a column shows. */
export const geneOf = (column: string): string => (column.startsWith(EXTERNAL) ? column : (column.split(':')[0] ?? column));

export function contentOf(format: string, columns: readonly string[]): Content {
  const window = columns.find((column) => column.includes(':') && !column.startsWith(EXTERNAL))?.split(':')[1] ?? '';
  return { format: format as Format, genes: columns.map(geneOf), window };
}
