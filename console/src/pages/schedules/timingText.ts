/** When a schedule runs, in words. */

import { useLanguage } from '../../language/words';
import { useExportWords } from './words';
import type { Timing } from './useSchedules';

// A Monday.
const MONDAY = Date.UTC(2024, 0, 1);
const DAY_MILLISECONDS = 86_400_000;
const LAST_DAY = 31;

export const hourText = (hour: number): string => `${String(hour).padStart(2, '0')}:00`;

export function useWeekdays(): readonly string[] {
  const language = useLanguage();
  const format = new Intl.DateTimeFormat(language, { weekday: 'long', timeZone: 'UTC' });
  return Array.from({ length: 7 }, (_, day) => format.format(MONDAY + day * DAY_MILLISECONDS));
}

export function useTimingText(): (timing: Timing) => string {
  const say = useExportWords();
  const weekdays = useWeekdays();
  return ({ every, hour, weekday, day_of_month }) => {
    const at = hourText(hour);
    if (every === 'day') return say('onDay', { hour: at });
    if (every === 'week') return say('onWeek', { weekday: weekdays[weekday - 1] ?? '', hour: at });
    return say('onMonth', { day: day_of_month === LAST_DAY ? say('lastDay') : say('nth', { count: day_of_month }), hour: at });
  };
}
