/** How somebody's identifiers came together: each link with its event, refused and withdrawn ones too, and taking one back. */

import { Alert, Anchor, Badge, Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { answer, api, type Schemas } from '../../api/client';
import { loaded } from '../../api/loaded';
import { problemOf } from '../../api/problem';
import { mayWrite, useHere } from '../../app/session';
import { useProblemText } from '../../language/problems';
import { useShared } from '../../language/shared';
import { Confirm } from '../../parts/Confirm';
import { Empty } from '../../parts/Empty';
import { Ready } from '../../parts/Ready';
import { Ledger } from './Ledger';
import { useLinks } from './usePeople';
import { usePeopleWords } from './words';

type LinkAnswer = Schemas['LinkAnswer'];

type Outcome = Pick<Schemas['Unlinked'], 'profiles' | 'remaining'> & { restored: boolean };

const COLOURS = { joining: 'teal', refused: 'gray', withdrawn: 'orange' } as const;

export function LinksTab({ id, reveal }: { id: number; reveal: string }): ReactElement {
  const say = usePeopleWords();
  const shared = useShared();
  const { role, format } = useHere();
  const problemText = useProblemText();
  const questions = useQueryClient();
  const query = useLinks(id, reveal);
  const links = loaded(query);
  const [asked, ask] = useState<LinkAnswer | null>(null);
  const change = useMutation({
    mutationFn: async (link: LinkAnswer): Promise<Outcome> => {
      const call = { params: { path: { profile_id: id } }, body: { links: [{ a: link.a.nid, b: link.b.nid }] } };
      if (link.state === 'withdrawn') return { ...(await answer(api.POST('/v1/profiles/{profile_id}/links/restore', call))), restored: true, remaining: [] };
      return { ...(await answer(api.POST('/v1/profiles/{profile_id}/links/withdraw', call))), restored: false };
    },
    onSuccess: async () => {
      ask(null);
      await Promise.all([['links', id], ['ledger', id], ['person', id], ['timeline', id], ['person-genes', id], ['segments-of', id]].map((queryKey) => questions.invalidateQueries({ queryKey })));
    },
    onError: (error) => notifications.show({ message: problemText(problemOf(error)), color: 'red' }),
  });
  const text = (end: LinkAnswer['a']) => `${say(end.kind as 'email')} ${end.value}`;
  return (
    <Ready of={links} height={200}>
      {({ pages }) => {
        const found = pages.flatMap((page) => page.links);
        if (found.length === 0) return <div className="card"><Empty icon="link" title={say('joined')} text={say('notJoined')} /></div>;
        return (
          <>
            {change.data && <Outcome id={id} of={change.data} />}
            <ul className="card timeline">
              {found.map((link) => (
                <li key={`${link.a.nid} ${link.b.nid}`}>
                  <Group py={10} gap={10}>
                    <Badge variant="light" color={COLOURS[link.state]} c="var(--ink)" tt="none" fw={550}>{say(link.state)}</Badge>
                    <div style={{ flex: 1, minWidth: 200 }}>
                      <Text size="sm">{text(link.a)} – {text(link.b)}</Text>
                      <Text size="xs" c="dimmed">{[link.refused_reason && say(link.refused_reason as 'EMAIL_LIMIT'), format.time(link.occurred_at), link.message_id].filter(Boolean).join(' · ')}</Text>
                    </div>
                    {mayWrite(role) && link.state !== 'refused' && <Button size="xs" variant="default" onClick={() => (link.state === 'withdrawn' ? change.mutate(link) : ask(link))}>{link.state === 'withdrawn' ? say('restore') : say('withdraw')}</Button>}
                  </Group>
                </li>
              ))}
            </ul>
            {query.hasNextPage && <Group justify="center" mt="md"><Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{shared('more')}</Button></Group>}
            {asked && <Confirm title={say('withdraw')} text={say('withdrawAsk')} yes={say('withdraw')} busy={change.isPending} onClose={() => ask(null)} onYes={() => change.mutate(asked)} />}
            <Ledger id={id} reveal={reveal} />
          </>
        );
      }}
    </Ready>
  );
}

/** Who is who after a change: into whom they were parted, or why they are still one. */
function Outcome({ id, of: { profiles, remaining, restored } }: { id: number; of: Outcome }): ReactElement {
  const say = usePeopleWords();
  const others = profiles.filter((one) => one.id !== id);
  return (
    <Alert variant="light" mb="md" role="status" title={restored ? say('restored_done') : say('withdrawn_done')}>
      <Text size="sm">
        {remaining.length > 0 ? say('stillOne', { n: remaining.length }) : say(others.length > 0 ? (restored ? 'oneAgain' : 'partedInto') : 'noChange')}{' '}
        {remaining.length === 0 && others.map((one) => <Anchor key={one.id} component={Link} size="sm" mr={8} to={`/people/${one.id}` as string} underline="always">#{one.id}</Anchor>)}
      </Text>
    </Alert>
  );
}
