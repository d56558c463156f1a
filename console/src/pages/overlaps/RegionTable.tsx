/** The regions as a table: what the picture shows, in words and numbers. */

import { Checkbox, Group } from '@mantine/core';
import type { ReactElement } from 'react';
import { useHere } from '../../app/session';
import { useShared } from '../../language/shared';
import { CsvButton } from '../../parts/CsvButton';
import { keyOf, type Region } from './regions';
import { useOverlapWords } from './words';

interface Props {
  regions: readonly Region[];
  everybody: number;
  picked: readonly string[];
  onPick: (key: string) => void;
  text: (region: Region) => string;
}

export function RegionTable({ regions, everybody, picked, onPick, text }: Props): ReactElement {
  const say = useOverlapWords();
  const shared = useShared();
  const { format } = useHere();
  return (
    <>
      <div className="wide" tabIndex={0} role="region" aria-label={say('regions')}>
        <table className="rows">
          <thead><tr><th><span className="visually-hidden">{say('picked')}</span></th><th>{say('region')}</th><th className="number">{say('people')}</th><th className="number">{say('share')}</th><th className="number hide-narrow">{shared('members')}</th><th className="number hide-narrow">{shared('visitors')}</th></tr></thead>
          <tbody>
            {regions.map((region) => {
              const key = keyOf(region);
              return (
                <tr key={key}>
                  <td style={{ width: 40 }}><Checkbox aria-label={text(region)} checked={picked.includes(key)} onChange={() => onPick(key)} /></td>
                  <td>{text(region)}</td>
                  <td className="number">{format.number(region.profiles)}</td>
                  <td className="number">{format.share(everybody ? region.profiles / everybody : 0)}</td>
                  <td className="number hide-narrow">{format.number(region.members)}</td>
                  <td className="number hide-narrow">{format.number(region.visitors)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <Group justify="flex-end" mt="xs">
        <CsvButton name="overlaps" head={[say('region'), say('people'), say('share'), shared('members'), shared('visitors')]} rows={() => regions.map((region) => [text(region), region.profiles, everybody ? region.profiles / everybody : 0, region.members, region.visitors])} />
      </Group>
    </>
  );
}
