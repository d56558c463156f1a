/** Two or three sets as circles: every region can be chosen by pointer or key, and shows how many are in it. */

import { type KeyboardEvent, type ReactElement, useId } from 'react';
import { keyOf, type Region } from './regions';

interface Props {
  label: string;
  names: readonly string[];
  regions: readonly Region[];
  picked: readonly string[];
  onPick: (key: string) => void;
  number: (value: number) => string;
  /** What a region is called aloud. */
  told: (region: Region) => string;
}

interface Layout {
  width: number;
  height: number;
  radius: number;
  circles: readonly (readonly [number, number])[];
  names: readonly (readonly [number, number, 'start' | 'middle' | 'end'])[];
  /** Where the number of each region stands, by its key. */
  at: Readonly<Record<string, readonly [number, number]>>;
}

const ONE: Layout = { width: 520, height: 330, radius: 130, circles: [[260, 180]], names: [[260, 34, 'middle']], at: { '0': [260, 180] } };
const TWO: Layout = {
  width: 520, height: 330, radius: 130, circles: [[180, 185], [340, 185]], names: [[140, 36, 'middle'], [380, 36, 'middle']],
  at: { '0': [118, 185], '1': [402, 185], '0.1': [260, 185] },
};
const THREE: Layout = {
  width: 520, height: 440, radius: 122, circles: [[192, 166], [328, 166], [260, 284]], names: [[130, 28, 'middle'], [390, 28, 'middle'], [260, 432, 'middle']],
  at: { '0': [146, 136], '1': [374, 136], '2': [260, 346], '0.1': [260, 124], '0.2': [186, 242], '1.2': [334, 242], '0.1.2': [260, 202] },
};
const LAYOUTS: Readonly<Record<number, Layout>> = { 1: ONE, 2: TWO, 3: THREE };
const LONGEST_NAME = 18;

export function Venn({ label, names, regions, picked, onPick, number, told }: Props): ReactElement {
  const id = useId();
  const layout = LAYOUTS[names.length] ?? THREE;
  const { width, height, radius, circles } = layout;
  const most = Math.max(1, ...regions.map(({ profiles }) => profiles));

  function press(event: KeyboardEvent, key: string): void {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    onPick(key);
  }

  return (
    <svg className="chart venn" viewBox={`0 0 ${width} ${height}`} role="group" aria-label={label}>
      <defs>
        {circles.map(([x, y], set) => (
          <g key={set}>
            <clipPath id={`${id}in${set}`}><circle cx={x} cy={y} r={radius} /></clipPath>
            <clipPath id={`${id}out${set}`}><path clipRule="evenodd" d={`M0 0H${width}V${height}H0Z ${circlePath(x, y, radius)}`} /></clipPath>
          </g>
        ))}
      </defs>
      {regions.map((region) => {
        const key = keyOf(region);
        const chosen = picked.includes(key);
        const [x, y] = layout.at[key] ?? [0, 0];
        // The more people, the stronger; a square root keeps the small ones apart.
        const shade = Math.round(14 + 52 * Math.sqrt(region.profiles / most));
        const area = circles.reduceRight<ReactElement>(
          (inner, _, set) => <g clipPath={`url(#${id}${region.inside.includes(set) ? 'in' : 'out'}${set})`}>{inner}</g>,
          <rect className="venn-area" width={width} height={height} style={chosen ? undefined : { fill: `color-mix(in srgb, var(--bar) ${shade}%, var(--card))` }} />,
        );
        return (
          <g key={key} className="venn-region" role="button" tabIndex={0} aria-pressed={chosen} aria-label={told(region)} data-region={key} onClick={() => onPick(key)} onKeyDown={(event) => press(event, key)}>
            {area}
            <circle className="venn-focus" cx={x} cy={y} r={27} />
            <text x={x} y={y + 6} textAnchor="middle" className="venn-number">{number(region.profiles)}</text>
          </g>
        );
      })}
      {circles.map(([x, y], set) => <circle key={set} cx={x} cy={y} r={radius} className="venn-edge" />)}
      {names.map((name, set) => {
        const [x, y, anchor] = layout.names[set] ?? [0, 0, 'middle'];
        return <text key={set} x={x} y={y} textAnchor={anchor} className="venn-name"><title>{name}</title>{[...name].length > LONGEST_NAME ? `${[...name].slice(0, LONGEST_NAME - 1).join('')}…` : name}</text>;
      })}
    </svg>
  );
}

function circlePath(x: number, y: number, radius: number): string {
  return `M${x - radius} ${y}a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0 ${-2 * radius} 0Z`;
}
