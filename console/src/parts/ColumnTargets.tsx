/** Says of each column of a file what it becomes, beside some of what stands in it. */

import { NativeSelect, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Import } from './useFileImport';
import './columns.css';

const SHOWN_SAMPLES = 3;

export type Targets = Record<string, string>;

/** As the gateway keeps them, else as it suggests. */
export function targetsOf(found: Import): Targets {
  const began = found.mapping ?? found.suggested;
  return Object.fromEntries(found.columns.map(({ column }) => [column, began?.columns?.find((one) => one.column === column)?.to ?? '']));
}

interface Props {
  label: string;
  heads: { column: string; becomes: string; samples: string };
  found: Import;
  choices: { value: string; label: string }[];
  targets: Targets;
  onChange: (targets: Targets) => void;
}

export function ColumnTargets({ label, heads, found, choices, targets, onChange }: Props): ReactElement {
  return (
    <div className="wide" tabIndex={0} role="region" aria-label={label}>
      <table className="rows columns">
        <thead><tr><th>{heads.column}</th><th>{heads.becomes}</th><th>{heads.samples}</th></tr></thead>
        <tbody>
          {found.columns.map(({ column, samples }) => (
            <tr key={column}>
              <th scope="row">{column}</th>
              <td><NativeSelect aria-label={`${column}: ${heads.becomes}`} size="xs" miw={150} value={targets[column] ?? ''} onChange={(event) => onChange({ ...targets, [column]: event.currentTarget.value })} data={choices} /></td>
              <td><Text size="xs" c="dimmed" className="cut" maw={320}>{samples.slice(0, SHOWN_SAMPLES).join('、')}</Text></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
