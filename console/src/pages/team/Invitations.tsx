/** Inviting somebody by letter, and the letters that nobody has followed yet. */

import { Badge, Button, Group, NativeSelect, Text, TextInput, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type FormEvent, type ReactElement, useState } from 'react';
import { loaded } from '../../api/loaded';
import { problemOf } from '../../api/problem';
import { type Role, useHere } from '../../app/session';
import { useProblemText } from '../../language/problems';
import { useShared } from '../../language/shared';
import type { Language } from '../../language/words';
import { Confirm } from '../../parts/Confirm';
import { Ready } from '../../parts/Ready';
import { ROLES, useMayGive } from './roles';
import { type Invitation, invite, resend, revoke, useInvitations, useTeamChange } from './useTeam';
import { useTeamWords } from './words';

export function Invitations(): ReactElement {
  const say = useTeamWords();
  const shared = useShared();
  const { session } = useHere();
  const query = useInvitations(true);
  return (
    <section className="card">
      <Title order={2}>{say('invite')}</Title>
      {!session.acting && <InviteForm />}
      <Title order={3} size="sm" mt="lg" mb={4}>{say('open')}</Title>
      <Ready of={loaded(query)} height={60}>
        {({ pages }) => {
          const found = pages.flatMap((page) => page.invitations);
          return found.length === 0 ? <Text size="sm" c="dimmed">{say('noneOpen')}</Text> : <ul className="people-list" data-testid="invitations">{found.map((one) => <OneInvitation key={one.id} invitation={one} />)}</ul>;
        }}
      </Ready>
      {query.hasNextPage && <Group justify="center" mt="sm"><Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{shared('more')}</Button></Group>}
    </section>
  );
}

function InviteForm(): ReactElement {
  const say = useTeamWords();
  const { language } = useHere();
  const mayGive = useMayGive();
  const problemText = useProblemText();
  const roles = ROLES.filter(mayGive).toReversed();
  const [fields, setFields] = useState<{ email: string; role: Role; language: Language }>({ email: '', role: 'marketer', language });
  const send = useTeamChange(invite);
  function submit(event: FormEvent): void {
    event.preventDefault();
    send.mutate(fields, {
      onSuccess: () => {
        notifications.show({ message: say('sent') });
        setFields({ ...fields, email: '' });
      },
    });
  }
  return (
    <form onSubmit={submit}>
      <Text size="sm" c="dimmed" mb="sm">{say('inviteHint')}</Text>
      <Group gap="sm" align="flex-end">
        <TextInput type="email" required maxLength={254} autoComplete="off" label={say('email')} value={fields.email} onChange={(event) => setFields({ ...fields, email: event.currentTarget.value })} flex="2 1 220px" />
        <NativeSelect label={say('role')} value={fields.role} onChange={(event) => setFields({ ...fields, role: event.currentTarget.value as Role })} data={roles.map((role) => ({ value: role, label: say(role) }))} flex="1 1 110px" />
        <NativeSelect label={say('letterLanguage')} value={fields.language} onChange={(event) => setFields({ ...fields, language: event.currentTarget.value as Language })} data={[{ value: 'zh-TW', label: '繁體中文' }, { value: 'en', label: 'English' }]} flex="1 1 120px" />
        <Button type="submit" loading={send.isPending}>{say('send')}</Button>
      </Group>
      {send.isError && <Text size="sm" c="var(--bad)" role="alert" mt="sm">{problemText(problemOf(send.error))}</Text>}
    </form>
  );
}

function OneInvitation({ invitation }: { invitation: Invitation }): ReactElement {
  const say = useTeamWords();
  const { format } = useHere();
  const mayGive = useMayGive();
  const problemText = useProblemText();
  const [asked, ask] = useState(false);
  const again = useTeamChange(resend);
  const take = useTeamChange(revoke);
  const late = Date.parse(invitation.expires_at) < Date.now();
  const failed = (error: Error) => notifications.show({ message: problemText(problemOf(error)), color: 'red' });
  return (
    <li>
      <div className="people-about">
        <Text size="sm" fw={550} style={{ overflowWrap: 'anywhere' }}>{invitation.email}</Text>
        <Text size="xs" c={late ? 'var(--bad)' : 'dimmed'}>{late ? say('expired') : say('validUntil', { at: format.time(invitation.expires_at) })}</Text>
      </div>
      <Badge variant="light" color="gray" tt="none" fw={550}>{say(invitation.role)}</Badge>
      {mayGive(invitation.role) && (
        <Group gap={6} wrap="nowrap">
          <Button size="xs" variant="default" loading={again.isPending} onClick={() => again.mutate(invitation.id, { onSuccess: () => notifications.show({ message: say('sent') }), onError: failed })}>{say('resend')}</Button>
          <Button size="xs" variant="default" onClick={() => ask(true)}>{say('revoke')}</Button>
        </Group>
      )}
      {asked && (
        <Confirm
          title={say('revoke')} text={say('revokeAsk', { name: invitation.email })} yes={say('revoke')} busy={take.isPending} onClose={() => ask(false)}
          onYes={() => take.mutate(invitation.id, { onSuccess: () => notifications.show({ message: say('revoked') }), onError: failed, onSettled: () => ask(false) })}
        />
      )}
    </li>
  );
}
