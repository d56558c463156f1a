/** What the shop used by day, and how much it may. */

import { Group, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { answer, api } from '../../api/client';
import { loaded } from '../../api/loaded';
import { useHere } from '../../app/session';
import { AsOf } from '../../parts/AsOf';
import { Ready } from '../../parts/Ready';
import { useSettingsWords } from './words';

const MEGABYTE = 1024 * 1024;

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
