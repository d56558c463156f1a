/** What somebody agreed to, and by which channels they may be written to. */

import { Alert, Badge, Text, Title } from '@mantine/core';
import type { ReactElement } from 'react';
import { useFormat } from '../../app/session';
import { Ready } from '../../parts/Ready';
import { useConsents } from './usePeople';
import { usePeopleWords } from './words';

export function ConsentTab({ id, reveal }: { id: number; reveal: string }): ReactElement {
  const say = usePeopleWords();
  const format = useFormat();
  const consents = useConsents(id, reveal);
  return (
    <Ready of={consents} height={200}>
      {(found) => (
        <section className="card">
          {found.suppressed && <Alert color="orange" mb="md">{say('suppressed')}</Alert>}
          <Title order={2} mb="xs">{say('channels')}</Title>
          <dl className="lines">
            {found.channels.map((one) => (
              <div key={one.channel} style={{ display: 'contents' }}>
                <dt>{say(one.channel as 'email')}</dt>
                <dd>
                  <Badge variant="light" color={one.reachable ? 'teal' : 'gray'} tt="none" fw={550} mr={8}>{one.reachable ? say('reachable') : say('notReachable')}</Badge>
                  {one.reason ? say(one.reason as 'DENIED') : one.address}
                </dd>
              </div>
            ))}
          </dl>
          <Title order={2} mt="lg" mb="xs">{say('purposes')}</Title>
          {found.consents.length === 0 && <Text size="sm" c="dimmed">{say('noConsents')}</Text>}
          <dl className="lines">
            {found.consents.map((one) => (
              <div key={one.purpose} style={{ display: 'contents' }}><dt>{one.purpose}</dt><dd>{say(one.state)} <Text span size="xs" c="dimmed">{format.time(one.stated_at)}</Text></dd></div>
            ))}
          </dl>
        </section>
      )}
    </Ready>
  );
}
