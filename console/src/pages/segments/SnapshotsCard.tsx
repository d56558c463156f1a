/** A segment's snapshots: taken now with a note, opened as a condition, deleted. */

import { Button, Group, Text, TextInput, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Link } from '@tanstack/react-router';
import { type FormEvent, type ReactElement, useState } from 'react';
import { mayWrite, useHere } from '../../app/session';
import { useShared } from '../../language/shared';
import { Ready } from '../../parts/Ready';
import { useWho } from '../people/useWho';
import { useKindWords } from './kindWords';
import type { OneSegment } from './useSegments';
import { useDeleteSnapshot, useSnapshots, useTakeSnapshot } from './useSnapshots';

export function SnapshotsCard({ segment }: { segment: OneSegment }): ReactElement {
  const say = useKindWords();
  const shared = useShared();
  const { format, role } = useHere();
  const who = useWho();
  const [note, setNote] = useState('');
  const snapshots = useSnapshots(segment.id);
  const take = useTakeSnapshot(segment.id, (taken) => {
    setNote('');
    notifications.show({ message: say('taken', { count: format.number(taken.profiles) }) });
  });
  const remove = useDeleteSnapshot(segment.id, () => notifications.show({ message: say('deleted') }));
  function submit(event: FormEvent): void {
    event.preventDefault();
    take.mutate(note);
  }
  return (
    <section className="card" aria-label={say('snapshots')}>
      <Title order={2}>{say('snapshots')}</Title>
      <Text size="xs" c="dimmed" mb="sm">{say('snapshotsLead')}</Text>
      {mayWrite(role) && (
        <form onSubmit={submit}>
          <Group gap="xs" mb="sm" align="flex-end">
            <TextInput label={say('snapshotNote')} maxLength={500} value={note} onChange={(event) => setNote(event.currentTarget.value)} flex="1 1 200px" maw={420} />
            <Button type="submit" variant="default" loading={take.isPending}>{say('take')}</Button>
          </Group>
        </form>
      )}
      <Ready of={snapshots} height={60}>
        {(found) => found.length === 0 ? <Text size="sm" c="dimmed">{say('noneYet')}</Text> : (
          <ul className="movements">
            {found.map((one) => (
              <li key={one.id}>
                <Group justify="space-between" gap="xs">
                  <div>
                    <Text size="sm" fw={600} span>{shared('peopleCount', { count: one.profiles, n: format.number(one.profiles) })}</Text>{one.note && <Text size="sm" span> · {one.note}</Text>}
                    <Text size="xs" c="dimmed">{say('takenBy', { who: who(one.taken_by), at: format.time(one.taken_at), version: one.version })}</Text>
                  </div>
                  <Group gap={4}>
                    <Button component={Link} size="compact-sm" h={28} variant="subtle" to={'/segments/new' as string} search={{ tree: JSON.stringify({ snapshot: one.id }) } as never}>{say('useIt')}</Button>
                    {mayWrite(role) && <Button size="compact-sm" h={28} variant="subtle" color="gray" c="dimmed" loading={remove.isPending && remove.variables === one.id} onClick={() => remove.mutate(one.id)}>{shared('delete')}</Button>}
                  </Group>
                </Group>
              </li>
            ))}
          </ul>
        )}
      </Ready>
    </section>
  );
}
