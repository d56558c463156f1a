/** The browsers one is signed in with, and ending any of them. */

import { Badge, Button, Group, Text } from '@mantine/core';
import { type ReactElement, useState } from 'react';
import { answer, api } from '../../api/client';
import { loaded } from '../../api/loaded';
import { useAnyFormat, useSignedIn } from '../../app/session';
import { useShared } from '../../language/shared';
import { Confirm } from '../../parts/Confirm';
import { Ready } from '../../parts/Ready';
import { browserName } from './browserName';
import { Card } from './Card';
import { type Account, type SignedInLine, useSessions } from './useAccount';
import { useDeed } from './useDeed';
import { useAccountWords } from './words';

export function SessionsCard({ account }: { account: Account }): ReactElement {
  const say = useAccountWords();
  const shared = useShared();
  const deed = useDeed(account);
  const sessions = useSessions();
  const borrowed = useSignedIn().only_tenant !== null;
  const [asked, ask] = useState(false);
  async function everywhere(): Promise<void> {
    if (await deed.run(() => answer(api.DELETE('/v1/account/sessions')))) location.assign('/sign-in');
    ask(false);
  }
  const end = (one: SignedInLine) => void deed.run(() => answer(api.DELETE('/v1/account/sessions/{session_id}', { params: { path: { session_id: one.id } } })), say('saved'));
  return (
    <Card id="sessions" title={say('sessions')} hint={say('sessionsHint')}>
      {deed.told}
      <Ready of={loaded(sessions)} height={56}>
        {({ pages }) => (
          <ul className="kept">
            {pages.flatMap((page) => page.sessions).map((one) => <Line key={one.id} one={one} {...(borrowed || one.current ? {} : { end: () => end(one) })} />)}
          </ul>
        )}
      </Ready>
      {sessions.hasNextPage && <Group justify="center" pt="sm"><Button variant="default" loading={sessions.isFetchingNextPage} onClick={() => void sessions.fetchNextPage()}>{shared('more')}</Button></Group>}
      {!borrowed && <Group justify="flex-end" mt="xs"><Button size="xs" variant="default" onClick={() => ask(true)}>{say('everywhere')}</Button></Group>}
      {asked && <Confirm title={say('everywhere')} text={say('everywhereAsk')} yes={say('everywhere')} busy={deed.busy} onYes={() => void everywhere()} onClose={() => ask(false)} />}
    </Card>
  );
}

function Line({ one, end }: { one: SignedInLine; end?: () => void }): ReactElement {
  const say = useAccountWords();
  const format = useAnyFormat();
  const told = [one.address, say(`by_${one.method}`), say('lastUsed', { at: format.time(one.last_used_at) })];
  return (
    <li>
      <div className="kept-about">
        <Text size="sm" fw={550}>{browserName(one.browser) || say('unknownBrowser')}</Text>
        <Text size="xs" c="dimmed">{told.filter(Boolean).join(' · ')}</Text>
      </div>
      {one.current && <Badge variant="light" tt="none" fw={550}>{say('current')}</Badge>}
      {end && <Button size="xs" variant="default" onClick={end}>{say('end')}</Button>}
    </li>
  );
}
