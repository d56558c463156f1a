/** One measure by day; which one is in the address. */

import { Group, SegmentedControl, Text, Title } from '@mantine/core';
import type { ReactElement } from 'react';
import { useFormat } from '../../app/session';
import { DayBars } from '../../charts/DayBars';
import { useUrlState } from '../../parts/useUrlState';
import { METRICS, type Metric } from './metrics';
import { useMetricText } from './TodayCard';
import type { Overview } from './useHome';
import { useHomeWords } from './words';

export function DaysCard({ overview }: { overview: Overview }): ReactElement {
  const say = useHomeWords();
  const format = useFormat();
  const [said, setMetric] = useUrlState('metric', 'visitors');
  const metric: Metric = METRICS.find((one) => one === said) ?? 'visitors';
  const text = useMetricText(overview, metric);
  return (
    <section className="card">
      <Group justify="space-between" mb="sm" gap="xs">
        <Title order={2}>{say('byDay')}</Title>
        <div className="wide"><SegmentedControl aria-label={say('metric')} size="xs" value={metric} onChange={setMetric} data={METRICS.map((one) => ({ value: one, label: say(one) }))} /></div>
      </Group>
      <DayBars
        label={say(metric)} days={overview.days.map((day) => ({ on: day.on, value: Number(day[metric]) }))}
        text={text} short={metric === 'revenue' ? format.moneyCompact : format.compact} day={format.day}
      />
      <Text size="xs" c="dimmed" mt={6}>{say('filling')}</Text>
    </section>
  );
}
