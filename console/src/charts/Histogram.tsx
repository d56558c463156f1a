/** How values lie: a bar for each bucket, the chosen ones marked, a threshold to drag or to move by keys, and who ordered since. */

import { scaleBand, scaleLinear, scaleSymlog } from '@visx/scale';
import { type KeyboardEvent, type PointerEvent, type ReactElement, useRef } from 'react';

export interface HistogramBucket {
  low: number;
  high: number;
  label: string;
  profiles: number;
  /** 0 to 1; null where too few are known to say. */
  conversion: number | null;
  text: string;
}

interface Props {
  label: string;
  buckets: readonly HistogramBucket[];
  /** What a condition lets through; undefined: nothing to mark. */
  range?: { low: number | null; high: number | null } | undefined;
  handleLabel: string;
  onMove?: ((end: 'low' | 'high', value: number) => void) | undefined;
  showConversion: boolean;
}

const WIDTH = 340;
const HEIGHT = 190;
const HEAD = 14;
const FOOT = 22;
const GRIP = 24;

export function Histogram({ label, buckets, range, handleLabel, onMove, showConversion }: Props): ReactElement {
  const picture = useRef<SVGSVGElement>(null);
  const floor = HEIGHT - FOOT;
  const x = scaleBand({ domain: buckets.map((_, index) => index), range: [0, WIDTH], paddingInner: 0.12 });
  const most = Math.max(1, ...buckets.map(({ profiles }) => profiles));
  // A long tail of few people stays visible beside the many.
  const y = scaleSymlog({ domain: [0, most], range: [floor, HEAD], constant: Math.max(1, most / 60) });
  const share = scaleLinear({ domain: [0, 1], range: [floor, HEAD] });
  const isIn = ({ low, high }: HistogramBucket) => range !== undefined && (range.low === null || high >= range.low) && (range.high === null || low <= range.high);

  /** The edge of a bucket nearest to a place on the axis. */
  function edgeAt(place: number): number {
    return Math.min(buckets.length, Math.max(0, Math.round(place / x.step())));
  }

  function valueAt(end: 'low' | 'high', edge: number): number | undefined {
    return end === 'low' ? (buckets[edge]?.low ?? buckets.at(-1)?.high) : (buckets[edge - 1]?.high ?? buckets[0]?.low);
  }

  function edgeOf(end: 'low' | 'high', value: number): number {
    if (end === 'low') {
      const at = buckets.findIndex(({ high }) => high >= value);
      return at < 0 ? buckets.length : at;
    }
    return buckets.filter(({ low }) => low <= value).length;
  }

  function drag(event: PointerEvent<SVGGElement>, end: 'low' | 'high'): void {
    const box = picture.current?.getBoundingClientRect();
    if (!box || event.buttons === 0) return;
    const value = valueAt(end, edgeAt(((event.clientX - box.left) / box.width) * WIDTH));
    if (value !== undefined && value !== range?.[end]) onMove?.(end, value);
  }

  function step(event: KeyboardEvent, end: 'low' | 'high', edge: number): void {
    const moves: Record<string, number> = { ArrowLeft: edge - 1, ArrowDown: edge - 1, ArrowRight: edge + 1, ArrowUp: edge + 1, Home: 0, End: buckets.length };
    const next = moves[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const value = valueAt(end, Math.min(buckets.length, Math.max(0, next)));
    if (value !== undefined) onMove?.(end, value);
  }

  const line = buckets.flatMap(({ conversion }, index) => (conversion === null ? [] : [[(x(index) ?? 0) + x.bandwidth() / 2, share(conversion)] as const]));
  const ends = (['low', 'high'] as const).filter((end) => range?.[end] !== null && range !== undefined);
  return (
    <svg ref={picture} className="chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="group" aria-label={label} style={{ touchAction: 'pan-y' }}>
      <line className="grid" x1={0} x2={WIDTH} y1={floor} y2={floor} />
      {buckets.map((bucket, index) => {
        const height = bucket.profiles > 0 ? Math.max(2, floor - y(bucket.profiles)) : 0;
        return (
          <g key={index}>
            <title>{bucket.text}</title>
            <rect x={(x(index) ?? 0) - 1} y={HEAD} width={x.step()} height={floor - HEAD} fill="transparent" />
            <rect className={isIn(bucket) ? 'bar chosen' : 'bar'} x={x(index)} y={floor - height} width={x.bandwidth()} height={height} rx={2} />
          </g>
        );
      })}
      {showConversion && line.length > 1 && <polyline className="overlay" points={line.map((point) => point.join(',')).join(' ')} />}
      {showConversion && line.map(([left, top]) => <circle key={left} className="overlay-dot" cx={left} cy={top} r={2.6} />)}
      {buckets.length > 0 && <text x={0} y={HEIGHT - 5}>{buckets[0]?.label}</text>}
      {buckets.length > 2 && <text x={WIDTH / 2} y={HEIGHT - 5} textAnchor="middle">{buckets[Math.floor(buckets.length / 2)]?.label}</text>}
      {buckets.length > 1 && <text x={WIDTH} y={HEIGHT - 5} textAnchor="end">{buckets.at(-1)?.label}</text>}
      {onMove && ends.map((end) => {
        const value = range?.[end] ?? 0;
        const edge = edgeOf(end, value);
        const left = Math.min(WIDTH - 1, Math.max(1, edge * x.step() - x.step() * 0.06));
        return (
          <g
            key={end} className="handle" role="slider" tabIndex={0} aria-label={handleLabel} aria-valuenow={value} aria-valuemin={buckets[0]?.low ?? 0} aria-valuemax={buckets.at(-1)?.high ?? 0} aria-valuetext={String(value)}
            onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); event.currentTarget.focus(); }} onPointerMove={(event) => drag(event, end)} onKeyDown={(event) => step(event, end, edge)}
          >
            <rect x={left - GRIP / 2} y={0} width={GRIP} height={floor} style={{ fill: 'transparent', stroke: 'none' }} />
            <line x1={left} x2={left} y1={4} y2={floor} />
            <rect x={left - 6} y={HEIGHT / 2 - 34} width={12} height={26} rx={4} />
          </g>
        );
      })}
    </svg>
  );
}
