/** The days that a condition looks at. */

import { NativeSelect, Text, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { useHere } from '../../../app/session';
import { dayAfter, todayIn } from '../../../language/format';
import { NumberBox } from '../../../parts/NumberBox';
import type { Window } from '../tree/nodes';
import { useSegmentWords } from '../words';

type Kind = 'last_days' | 'days_ago' | 'dates' | 'all_time';

const LONGEST = 730;

function kindOf(window: Window): Kind {
  if ('last_days' in window) return 'last_days';
  if ('days_ago' in window) return 'days_ago';
  return 'from' in window ? 'dates' : 'all_time';
}

interface Props {
  value: Window;
  onChange: (window: Window) => void;
  maxDays?: number;
  allTime?: boolean;
}

export function WindowControl({ value, onChange, maxDays = LONGEST, allTime = true }: Props): ReactElement {
  const say = useSegmentWords();
  const { tenant } = useHere();
  const kinds: Kind[] = ['last_days', 'days_ago', 'dates', ...(allTime ? (['all_time'] as const) : [])];

  function switchTo(kind: Kind): void {
    const today = todayIn(tenant.time_zone, Date.now());
    if (kind === 'last_days') onChange({ last_days: 30 });
    else if (kind === 'days_ago') onChange({ days_ago: { from: 60, to: 31 } });
    else if (kind === 'dates') onChange({ from: dayAfter(today, -29), to: today });
    else onChange({ all_time: true });
  }

  const days = (label: string, current: number, least: number, set: (days: number) => void) => (
    <NumberBox label={label} width={66} whole min={least} max={maxDays} value={String(current)} onChange={(next) => set(Number(next))} />
  );
  return (
    <>
      <NativeSelect aria-label={say('window')} size="xs" value={kindOf(value)} onChange={(event) => switchTo(event.currentTarget.value as Kind)} data={kinds.map((kind) => ({ value: kind, label: say(`window_${kind}`) }))} />
      {'last_days' in value && <span className="part-words">{days(say('days'), value.last_days, 1, (next) => onChange({ last_days: next }))}<Text size="sm" span>{say('days')}</Text></span>}
      {'days_ago' in value && (
        <span className="part-words">
          {days(say('from'), value.days_ago.from, 0, (next) => onChange({ days_ago: { ...value.days_ago, from: next } }))}
          <Text size="sm" span>–</Text>
          {days(say('to'), value.days_ago.to, 0, (next) => onChange({ days_ago: { ...value.days_ago, to: next } }))}
          <Text size="sm" span>{say('daysAgo')}</Text>
        </span>
      )}
      {'from' in value && (
        <>
          <TextInput type="date" aria-label={say('from')} size="xs" value={value.from} onChange={(event) => event.currentTarget.value && onChange({ ...value, from: event.currentTarget.value })} />
          <Text size="sm" span>–</Text>
          <TextInput type="date" aria-label={say('to')} size="xs" value={value.to} onChange={(event) => event.currentTarget.value && onChange({ ...value, to: event.currentTarget.value })} />
        </>
      )}
    </>
  );
}
