/** One of today's numbers, beside the whole of the same weekday a week ago. */

import { Group, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import { useFormat } from '../../app/session';
import type { Metric } from './metrics';
import type { Overview } from './useHome';
import { useHomeWords } from './words';

const WEEK = 7;

export function useMetricText(overview: Overview, metric: Metric): (value: number | string) => string {
  const format = useFormat();
  return (value) => (metric === 'revenue' ? format.money(value, overview.currency) : format.number(value));
}

export function TodayCard({ metric, overview }: { metric: Metric; overview: Overview }): ReactElement {
  const say = useHomeWords();
  const format = useFormat();
  const text = useMetricText(overview, metric);
  const today = overview.days.at(-1);
  const before = overview.days.at(-1 - WEEK);
  return (
    <section className="card" aria-label={`${say('today')} ${say(metric)}`}>
      <Group justify="space-between" gap={4} wrap="nowrap">
        <Text size="sm" c="dimmed">{say('today')} · {say(metric)}</Text>
      </Group>
      <div className="figure">{text(today?.[metric] ?? 0)}</div>
      {before && <Text size="xs" c="dimmed" mt={4}>{say('sameWeekday', { weekday: format.weekday(before.on), value: text(before[metric]) })}</Text>}
      <Text size="xs" c="dimmed">{say('total', { value: text(overview.total[metric]) })}</Text>
    </section>
  );
}
