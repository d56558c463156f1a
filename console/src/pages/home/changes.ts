/** What is worth a look: measures of yesterday that are far from the same weekday before, and segments that moved today. */

import { METRICS, type Metric } from './metrics';
import type { Overview } from './useHome';

export interface MetricChange {
  metric: Metric;
  value: number;
  usual: number;
  /** 0.25 is a quarter more than usual. */
  change: number;
}

const WEEKS = 3;
const WORTH = 0.15;
/** Fewer a day say nothing by being more or fewer. */
const FEWEST = 5;

/** Yesterday, for today is still filling up, beside the mean of the same weekday of three weeks. */
export function metricChanges(overview: Overview): MetricChange[] {
  const days = overview.days;
  const at = days.length - 2;
  const weeks = Array.from({ length: WEEKS }, (_, week) => days[at - 7 * (week + 1)]).filter((day) => day !== undefined);
  const yesterday = days[at];
  if (!yesterday || weeks.length === 0) return [];
  return METRICS.map((metric) => {
    const usual = weeks.reduce((sum, day) => sum + Number(day[metric]), 0) / weeks.length;
    const value = Number(yesterday[metric]);
    return { metric, value, usual, change: usual > 0 ? value / usual - 1 : 0 };
  })
    .filter((one) => one.usual >= FEWEST && Math.abs(one.change) >= WORTH)
    .toSorted((a, b) => Math.abs(b.change) - Math.abs(a.change));
}
