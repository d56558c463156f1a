/** The past day whose end a gene is told of, or now. */

import { NativeSelect, Text, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { useHere } from '../../../app/session';
import { dayAfter, todayIn } from '../../../language/format';
import { NumberBox } from '../../../parts/NumberBox';
import { useKindWords } from '../kindWords';
import type { Day, GeneNode } from '../tree/nodes';
import { useSegmentWords } from '../words';

const LONGEST = 730;
const KINDS = ['now', 'daysAgo', 'date'] as const;

export function AsOfControl({ node, onChange }: { node: GeneNode; onChange: (node: GeneNode) => void }): ReactElement | null {
  const say = useSegmentWords();
  const kinds = useKindWords();
  const { tenant } = useHere();
  const { as_of: day, ...now } = node;
  if (!day) return null;
  const yesterday = dayAfter(todayIn(tenant.time_zone, Date.now()), -1);
  const set = (next: Day): void => onChange({ ...now, as_of: next });
  const ago = (days: number): void => set({ days_ago: { from: days, to: days } });
  const switchTo = (kind: string): void => {
    if (kind === 'now') onChange(now);
    else if (kind === 'daysAgo') ago(30);
    else set({ from: yesterday, to: yesterday });
  };
  return (
    <span className="part-words">
      <NativeSelect aria-label={kinds('asOf')} size="xs" value={'days_ago' in day ? 'daysAgo' : 'date'} onChange={(event) => switchTo(event.currentTarget.value)} data={KINDS.map((kind) => ({ value: kind, label: kinds(`asOf_${kind}`) }))} />
      {'days_ago' in day
        ? <><NumberBox label={say('daysAgo')} width={66} whole min={1} max={LONGEST} value={String(day.days_ago.from)} onChange={(days) => ago(Number(days))} /><Text size="sm" span>{say('daysAgo')}</Text></>
        : <TextInput type="date" aria-label={kinds('asOf_date')} size="xs" max={yesterday} value={day.from} onChange={({ currentTarget: { value } }) => { if (value) set({ from: value, to: value }); }} />}
    </span>
  );
}
