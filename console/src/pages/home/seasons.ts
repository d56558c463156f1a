/** A campaign season 檔期 and the one it is compared with: two first days; the same number of days of each. */

import { dayAfter } from '../../language/format';

export interface Season {
  start: string;
  before: string;
}

const DAY = 86_400_000;
/** What one overview takes. */
const MOST_DAYS = 800;

export const isDay = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text);

/** This month beside the one before, until a season is named. */
export function monthSeason(today: string): Season {
  const start = `${today.slice(0, 8)}01`;
  return { start, before: `${dayAfter(start, -1).slice(0, 8)}01` };
}

/** Which day of the season today is, from 1; null when it has not begun, is too long ago, or is compared with a later one. */
export function dayOfSeason(season: Season, today: string): number | null {
  const day = Math.round((Date.parse(today) - Date.parse(season.start)) / DAY) + 1;
  return day >= 1 && day <= MOST_DAYS && season.before < season.start ? day : null;
}
