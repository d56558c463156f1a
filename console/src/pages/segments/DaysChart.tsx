/** A segment by day: how many people as a line, who entered above and who left below the axis; by pointer and by keys. */

import { Text } from '@mantine/core';
import { scaleLinear } from '@visx/scale';
import type { ReactElement } from 'react';
import { useDayAxis } from '../../charts/useDayAxis';
import type { SegmentDay } from './useHistory';

interface Props {
  label: string;
  days: readonly SegmentDay[];
  told: (day: SegmentDay) => string;
  short: (value: number) => string;
  day: (on: string) => string;
}

// Few days do not become slabs.
const WIDEST_BAR = 34;
const SIZE_FLOOR = 170;
const HEAD = 18;
const FLOW_HEAD = 186;
const FLOW_FLOOR = 270;
const HEIGHT = 294;
// Room for the numbers of the axis.
const AXIS = 44;

export function DaysChart({ label, days, told, short, day }: Props): ReactElement {
  const { ref, width, x, at, choose, step, last, middle, isLabelled } = useDayAxis(days.map((one) => one.day), AXIS);
  const shown = days[at ?? last];
  const sizes = days.map(({ profiles }) => profiles);
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)];
  // Not from zero: a line shows change. Room above and below, so that a steady segment lies in the middle.
  const room = Math.max(1, (most - least) * 0.15);
  const y = scaleLinear({ domain: [Math.max(0, least - room), most + room], range: [SIZE_FLOOR, HEAD], nice: true });
  const flow = Math.max(1, ...days.flatMap(({ entered, left }) => [entered, left]));
  const flowY = scaleLinear({ domain: [-flow, flow], range: [FLOW_FLOOR, FLOW_HEAD] });
  const bar = Math.min(WIDEST_BAR, x.bandwidth());

  return (
    <div ref={ref}>
      <Text size="sm" fw={600} mb={4} aria-live="polite">{shown ? told(shown) : ''}</Text>
      <svg className="chart" viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={`${label}: ${days.map(told).join('; ')}`} tabIndex={0} onKeyDown={step} onMouseLeave={() => choose(null)}>
        {y.ticks(3).filter(Number.isInteger).map((tick) => (
          <g key={tick}>
            <line className="grid" x1={0} x2={width} y1={y(tick)} y2={y(tick)} />
            <text x={0} y={y(tick) - 4}>{short(tick)}</text>
          </g>
        ))}
        <line className="grid" x1={0} x2={width} y1={flowY(0)} y2={flowY(0)} />
        <polyline className="overlay sized" points={days.map((one) => `${middle(one.day)},${y(one.profiles)}`).join(' ')} />
        {days.map((one, index) => {
          const left = middle(one.day) - bar / 2;
          const chosen = index === (at ?? last);
          return (
            <g key={one.day} onMouseEnter={() => choose(index)}>
              <rect x={middle(one.day) - x.step() / 2} y={HEAD} width={x.step()} height={FLOW_FLOOR - HEAD} fill="transparent" />
              <rect className={chosen ? 'bar chosen' : 'bar'} x={left} y={flowY(one.entered)} width={bar} height={flowY(0) - flowY(one.entered)} rx={2} />
              <rect className="bar gone" x={left} y={flowY(0)} width={bar} height={flowY(-one.left) - flowY(0)} rx={2} />
              {(chosen || days.length <= 40) && <circle className="overlay-dot sized" cx={middle(one.day)} cy={y(one.profiles)} r={chosen ? 4 : 2.4} />}
              {isLabelled(index) && <text x={middle(one.day)} y={HEIGHT - 5} textAnchor={index === last && days.length > 6 ? 'end' : 'middle'}>{day(one.day)}</text>}
            </g>
          );
        })}
      </svg>
    </div>
  );
}

/** The line alone, small enough for a table. */
export function Sparkline({ label, values }: { label: string; values: readonly number[] }): ReactElement {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const y = scaleLinear({ domain: least === most ? [least - 1, most + 1] : [least, most], range: [21, 3] });
  const x = (index: number): number => 3 + (index * 66) / Math.max(1, values.length - 1);
  const end = values.length - 1;
  return (
    <svg className="chart sparkline" viewBox="0 0 72 24" width={72} height={24} role="img" aria-label={label}>
      <polyline className="overlay sized" points={values.map((value, index) => `${x(index)},${y(value)}`).join(' ')} />
      <circle className="overlay-dot sized" cx={x(end)} cy={y(values[end] ?? 0)} r={2.4} />
    </svg>
  );
}
