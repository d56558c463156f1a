/** Up to eight sets as an UpSet plot: a column for each region with people, its bar, and dots for the sets that it is in. */

import type { ReactElement } from 'react';
import { keyOf, type Part, type Region } from './regions';

interface Props {
  label: string;
  names: readonly string[];
  sets: readonly Part[];
  /** In the order of the columns. */
  regions: readonly Region[];
  picked: readonly string[];
  onPick: (key: string) => void;
  number: (value: number) => string;
  told: (region: Region) => string;
}

const BAR_PIXELS = 150;
// A bar of few people is still seen.
const LEAST_PIXELS = 2;

export function Upset({ label, names, sets, regions, picked, onPick, number, told }: Props): ReactElement {
  const most = Math.max(1, ...regions.map(({ profiles }) => profiles));
  const widest = Math.max(1, ...sets.map(({ profiles }) => profiles));
  return (
    <div className="upset" role="group" aria-label={label}>
      <div className="upset-names" style={{ paddingTop: BAR_PIXELS + 34 }}>
        {names.map((name, set) => (
          <div key={set} className="upset-name">
            <span className="upset-text" title={name}>{name}</span>
            <span className="upset-size">{sets[set]?.profiles !== 0 && <i style={{ width: `${(100 * (sets[set]?.profiles ?? 0)) / widest}%` }} />}</span>
            <b>{number(sets[set]?.profiles ?? 0)}</b>
          </div>
        ))}
      </div>
      <div className="upset-columns wide" tabIndex={-1}>
        {regions.map((region) => {
          const key = keyOf(region);
          const top = Math.min(...region.inside);
          const bottom = Math.max(...region.inside);
          return (
            <button key={key} type="button" className="upset-column" data-region={key} aria-pressed={picked.includes(key)} aria-label={told(region)} title={told(region)} onClick={() => onPick(key)}>
              <span className="upset-bar" style={{ height: BAR_PIXELS + 34 }}>
                <span>{number(region.profiles)}</span>
                <i style={{ height: Math.max(LEAST_PIXELS, (BAR_PIXELS * region.profiles) / most) }} />
              </span>
              {names.map((_, set) => (
                <span key={set} className="upset-cell" data-in={region.inside.includes(set) || undefined} data-joined={(set > top && set <= bottom) || undefined}><i /></span>
              ))}
            </button>
          );
        })}
      </div>
    </div>
  );
}
