/** Bars by day with their values on hover and by keyboard, the same days as a table, and today marked as filling up. */

import { ActionIcon, Group, Text } from '@mantine/core';
import { scaleLinear } from '@visx/scale';
import { type ReactElement, useState } from 'react';
import { useShared } from '../language/shared';
import { Icon } from '../parts/Icon';
import { useDayAxis } from './useDayAxis';

export interface DayValue {
  on: string;
  value: number;
}

interface Props {
  label: string;
  days: readonly DayValue[];
  text: (value: number) => string;
  short: (value: number) => string;
  day: (on: string) => string;
}

const HEIGHT = 220;
const FOOT = 24;
const HEAD = 16;

export function DayBars({ label, days, text, short, day }: Props): ReactElement {
  const say = useShared();
  const [asTable, setAsTable] = useState(false);
  const { ref, width, x, at, choose, step, last, middle, isLabelled } = useDayAxis(days.map(({ on }) => on));
  const shown = days[at ?? last];
  const top = Math.max(1, ...days.map(({ value }) => value));
  const y = scaleLinear({ domain: [0, top], range: [HEIGHT - FOOT, HEAD], nice: true });
  const summary = `${label}: ${days.map((one) => `${day(one.on)} ${text(one.value)}`).join(', ')}`;

  return (
    <div ref={ref}>
      <Group justify="space-between" mb={4}>
        <Text size="sm" fw={600} aria-live="polite">{shown ? `${day(shown.on)} · ${text(shown.value)}` : ''}</Text>
        <ActionIcon variant="subtle" color="gray" c="dimmed" size={28} aria-label={asTable ? say('asChart') : say('asTable')} aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          <Icon name="table" />
        </ActionIcon>
      </Group>
      {asTable ? (
        <div className="wide" style={{ maxHeight: 260, overflowY: 'auto' }} tabIndex={0} role="region" aria-label={label}>
          <table className="rows">
            <tbody>
              {days.toReversed().map((one) => (
                <tr key={one.on}><th scope="row">{day(one.on)}</th><td className="number">{text(one.value)}</td></tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <svg className="chart" viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={summary} tabIndex={0} onKeyDown={step} onMouseLeave={() => choose(null)}>
          <defs>
            <pattern id="filling" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <rect width="6" height="6" fill="var(--accent-soft)" /><rect width="3" height="6" fill="var(--bar-chosen)" />
            </pattern>
          </defs>
          {y.ticks(3).map((tick) => (
            <g key={tick}>
              <line className="grid" x1={0} x2={width} y1={y(tick)} y2={y(tick)} />
              {tick > 0 && <text x={0} y={y(tick) - 4}>{short(tick)}</text>}
            </g>
          ))}
          {days.map((one, index) => {
            const left = x(one.on) ?? 0;
            const height = Math.max(one.value > 0 ? 2 : 0, HEIGHT - FOOT - y(Math.max(0, one.value)));
            return (
              <g key={one.on} onMouseEnter={() => choose(index)}>
                <rect x={left - x.step() * 0.14} y={HEAD} width={x.step()} height={HEIGHT - FOOT - HEAD} fill="transparent" />
                <rect className={`bar${at === index ? ' chosen' : ''}${index === last ? ' filling' : ''}`} x={left} y={HEIGHT - FOOT - height} width={x.bandwidth()} height={height} rx={3} />
                {isLabelled(index) && <text x={index === last ? width : middle(one.on)} y={HEIGHT - 6} textAnchor={index === last ? 'end' : 'middle'}>{day(one.on)}</text>}
              </g>
            );
          })}
        </svg>
      )}
    </div>
  );
}
