/** What the shop used by day, and how much it may. */

import { Group, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { answer, api } from '../../api/client';
import { loaded } from '../../api/loaded';
import { useHere } from '../../app/session';
import { DayBars } from '../../charts/DayBars';
import { dayAfter, todayIn } from '../../language/format';
import { AsOf } from '../../parts/AsOf';
import { CsvButton } from '../../parts/CsvButton';
import { Ready } from '../../parts/Ready';
import { useSettingsWords } from './words';

const MEGABYTE = 1024 * 1024;
const DAYS = 30;
const DAY_SECONDS = 86_400;

type Days = readonly { on: string; events: number }[];

/** The last days, those without any use too; days of use are UTC's. */
function days(used: Days): { on: string; value: number }[] {
  const known = new Map(used.map((day) => [day.on, day.events]));
  const today = todayIn('UTC', Date.now());
  return Array.from({ length: DAYS }, (_, index) => dayAfter(today, index + 1 - DAYS)).map((on) => ({ on, value: known.get(on) ?? 0 }));
}

const peak = (used: Days): number => Math.max(0, ...used.map((day) => day.events));

export function UsageTab(): ReactElement {
  const say = useSettingsWords();
  const { format, tenant } = useHere();
  const usage = loaded(useQuery({ queryKey: ['usage'], queryFn: ({ signal }) => answer(api.GET('/v1/usage', { signal })) }));
  return (
    <Ready of={usage} height={240}>
      {(found) => (
        <>
          <Group justify="space-between" mb="sm">
            <div><Text fw={600}>{say('profiles', { count: format.number(found.profiles) })}</Text><AsOf at={found.as_of} /></div>
            <Text size="sm" c="dimmed">{say('quota', { count: format.number(tenant.events_per_second) })}</Text>
          </Group>
          <section className="card" style={{ marginBottom: 16, maxWidth: 860 }}>
            <Group justify="space-between" mb="xs">
              <Title order={2}>{say('perDay')}</Title>
              <CsvButton name="usage" head={[say('day'), say('events'), say('setAside'), say('bytes'), say('calls')]} rows={() => found.days.map((day) => [day.on, day.events, day.set_aside, day.bytes, day.calls])} />
            </Group>
            <DayBars label={say('perDay')} days={days(found.days)} text={format.number} short={format.compact} day={format.day} />
            <Text size="sm" c="dimmed">{say('peak', { count: format.number(peak(found.days)), rate: format.number(peak(found.days) / DAY_SECONDS), share: format.share(peak(found.days) / DAY_SECONDS / tenant.events_per_second) })}</Text>
          </section>
          <div className="card flush">
            <div className="wide" tabIndex={0} role="region" aria-label={say('usage')}>
              <table className="rows">
                <thead><tr><th>{say('day')}</th><th className="number">{say('events')}</th><th className="number">{say('setAside')}</th><th className="number">{say('bytes')}</th><th className="number">{say('calls')}</th></tr></thead>
                <tbody>
                  {[...found.days.toReversed().map((day) => ({ ...day, name: format.day(day.on) })), { ...found.total, name: say('total') }].map((day) => (
                    <tr key={day.name}>
                      <th scope="row">{day.name}</th><td className="number">{format.number(day.events)}</td><td className="number">{format.number(day.set_aside)}</td><td className="number">{format.number(day.bytes / MEGABYTE)} MB</td><td className="number">{format.number(day.calls)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </div>
        </>
      )}
    </Ready>
  );
}
