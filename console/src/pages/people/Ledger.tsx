/** Every time it changed who this person is: which identifiers moved from whom to whom, why, and who asked for it. */

import { Anchor, Button, Group, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { loaded } from '../../api/loaded';
import { useHere } from '../../app/session';
import { useShared } from '../../language/shared';
import { Ready } from '../../parts/Ready';
import { useLedger } from './usePeople';
import { useWho } from './useWho';
import { usePeopleWords } from './words';

const SHOWN = 4;

export function Ledger({ id, reveal }: { id: number; reveal: string }): ReactElement {
  const say = usePeopleWords();
  const shared = useShared();
  const { format } = useHere();
  const who = useWho();
  const query = useLedger(id, reveal);
  return (
    <section className="card" style={{ marginTop: 16 }}>
      <Title order={2} mb={4}>{say('ledger')}</Title>
      <Ready of={loaded(query)} height={120}>
        {({ pages }) => {
          const entries = pages.flatMap((page) => page.entries);
          const names = new Map(pages.flatMap((page) => page.identifiers).map((one) => [one.nid, `${say(one.kind)} ${one.value}`]));
          if (entries.length === 0) return <Text size="sm" c="dimmed">{say('ledgerNone')}</Text>;
          return (
            <ol className="timeline ledger">
              {entries.map((entry) => (
                <li key={entry.entry}>
                  <Group justify="space-between" gap="xs"><Text size="sm" fw={550}>{say(`cause_${entry.cause}`)}{entry.actor && ` · ${who(entry.actor)}`}</Text><Text size="xs" c="dimmed">{format.time(entry.recorded_at)}</Text></Group>
                  {entry.moves.slice(0, SHOWN).map((move) => (
                    <Text key={move.nid} size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                      {names.get(move.nid) ?? `#${move.nid}`}{say('colon')}{move.from_profile === id ? say('thisPerson') : `#${move.from_profile}`} → <Into id={move.to_profile} own={id} />
                    </Text>
                  ))}
                  {entry.moves.length > SHOWN && <Text size="xs" c="dimmed">{say('moreMoves', { n: entry.moves.length - SHOWN })}</Text>}
                </li>
              ))}
            </ol>
          );
        }}
      </Ready>
      {query.hasNextPage && <Group justify="center" mt="md"><Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{shared('more')}</Button></Group>}
    </section>
  );
}

/** Whom they came from may be nobody any more; whom they went to is somebody. */
function Into({ id, own }: { id: number; own: number }): ReactElement {
  const say = usePeopleWords();
  if (id === own) return <>{say('thisPerson')}</>;
  return <Anchor component={Link} size="sm" to={`/people/${id}` as string} underline="always">#{id}</Anchor>;
}
