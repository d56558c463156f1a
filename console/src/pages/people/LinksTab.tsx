/** How somebody's identifiers came together: each link with its event, refused and withdrawn ones too, and taking one back. */

import { Badge, Button, Group, Modal, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { answer, api, type Schemas } from '../../api/client';
import { loaded } from '../../api/loaded';
import { problemOf } from '../../api/problem';
import { mayWrite, useHere } from '../../app/session';
import { useProblemText } from '../../language/problems';
import { useShared } from '../../language/shared';
import { Empty } from '../../parts/Empty';
import { Ready } from '../../parts/Ready';
import { shownIdentifier } from './masking';
import { useLinks } from './usePeople';
import { usePeopleWords } from './words';

type LinkAnswer = Schemas['LinkAnswer'];

const COLOURS = { joining: 'teal', refused: 'gray', withdrawn: 'orange' } as const;

export function LinksTab({ id, revealed }: { id: number; revealed: boolean }): ReactElement {
  const say = usePeopleWords();
  const shared = useShared();
  const { role, format } = useHere();
  const problemText = useProblemText();
  const questions = useQueryClient();
  const query = useLinks(id);
  const links = loaded(query);
  const [asked, ask] = useState<LinkAnswer | null>(null);
  const change = useMutation({
    mutationFn: async (link: LinkAnswer): Promise<void> => {
      const call = { params: { path: { profile_id: id } }, body: { links: [{ a: link.a.nid, b: link.b.nid }] } };
      if (link.state === 'withdrawn') await answer(api.POST('/v1/profiles/{profile_id}/links/restore', call));
      else await answer(api.POST('/v1/profiles/{profile_id}/links/withdraw', call));
    },
    onSuccess: async (_, link) => {
      ask(null);
      notifications.show({ message: link.state === 'withdrawn' ? say('restored_done') : say('withdrawn_done') });
      await Promise.all([['links', id], ['person', id], ['timeline', id], ['person-genes', id]].map((queryKey) => questions.invalidateQueries({ queryKey })));
    },
    onError: (error) => notifications.show({ message: problemText(problemOf(error)), color: 'red' }),
  });
  const text = (end: LinkAnswer['a']) => `${say(end.kind as 'email')} ${shownIdentifier(end.kind, end.value, revealed)}`;
  return (
    <Ready of={links} height={200}>
      {({ pages }) => {
        const found = pages.flatMap((page) => page.links);
        if (found.length === 0) return <div className="card"><Empty icon="link" title={say('joined')} text={say('notJoined')} /></div>;
        return (
          <>
            <ul className="card timeline">
              {found.map((link) => (
                <li key={`${link.a.nid} ${link.b.nid}`}>
                  <Group py={10} gap={10}>
                    <Badge variant="light" color={COLOURS[link.state]} tt="none" fw={550}>{say(link.state)}</Badge>
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
            <Modal opened={asked !== null} onClose={() => ask(null)} title={say('withdraw')} closeButtonProps={{ 'aria-label': shared('close') }}>
              <Text size="sm">{say('withdrawAsk')}</Text>
              <Group justify="flex-end" gap="xs" mt="md">
                <Button variant="default" onClick={() => ask(null)}>{shared('cancel')}</Button>
                <Button color="red" loading={change.isPending} onClick={() => asked && change.mutate(asked)}>{say('withdraw')}</Button>
              </Group>
            </Modal>
          </>
        );
      }}
    </Ready>
  );
}
