/** The team: who is in, who is invited, and which operator acts here. */

import { Anchor, Avatar, Badge, Button, Group, NativeSelect, Stack, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type ReactElement, useState } from 'react';
import { loaded } from '../../api/loaded';
import { problemOf } from '../../api/problem';
import { mayLead, type Role, useHere } from '../../app/session';
import { useProblemText } from '../../language/problems';
import { useShared } from '../../language/shared';
import { Confirm } from '../../parts/Confirm';
import { PageHead } from '../../parts/PageHead';
import { Ready } from '../../parts/Ready';
import { Invitations } from './Invitations';
import { changeRole, endActing, leave, removeTeammate, type Teammate, useActing, useTeamChange, useTeammates } from './useTeam';
import { ROLES, useMayGive } from './roles';
import { useTeamWords } from './words';
import './team.css';

export function Page(): ReactElement {
  const say = useTeamWords();
  const shared = useShared();
  const { role } = useHere();
  const query = useTeammates();
  return (
    <>
      <PageHead title={say('title')} lead={say('lead')}><Anchor href="/docs/roles" size="sm">{say('rolesHelp')}</Anchor></PageHead>
      <Stack gap="md">
        {mayLead(role) && <Acting />}
        <section className="card">
          <Title order={2} mb={4}>{say('members')}</Title>
          <Ready of={loaded(query)} height={160}>{({ pages }) => <Members members={pages.flatMap((page) => page.teammates)} />}</Ready>
          {query.hasNextPage && <Group justify="center" py="sm"><Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{shared('more')}</Button></Group>}
        </section>
        {mayLead(role) && <Invitations />}
      </Stack>
    </>
  );
}

function Members({ members }: { members: readonly Teammate[] }): ReactElement {
  const say = useTeamWords();
  const { format, session } = useHere();
  return (
    <ul className="people-list" data-testid="members">
      {members.map((member) => (
        <li key={member.id}>
          <Avatar radius="xl" size={36} aria-hidden styles={{ placeholder: { background: 'var(--accent-soft)', color: 'var(--accent)', fontWeight: 650 } }}>{[...member.name][0]?.toLocaleUpperCase() ?? '?'}</Avatar>
          <div className="people-about">
            <Group gap={8}><Text size="sm" fw={550} span>{member.name}</Text>{member.id === session.teammate_id && <Badge variant="light" color="gray" tt="none" fw={550}>{say('you')}</Badge>}</Group>
            <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>{member.email} · {say('since', { at: format.time(member.since) })}</Text>
          </div>
          <Group gap={8} wrap="nowrap"><RoleOf member={member} /><LeaveOrRemove member={member} /></Group>
        </li>
      ))}
    </ul>
  );
}

function useTold() {
  const problemText = useProblemText();
  return {
    done: (message: string) => notifications.show({ message }),
    failed: (error: Error) => notifications.show({ message: problemText(problemOf(error)), color: 'red' }),
  };
}

function RoleOf({ member }: { member: Teammate }): ReactElement {
  const say = useTeamWords();
  const told = useTold();
  const mayGive = useMayGive();
  const [wanted, want] = useState<Role | null>(null);
  const change = useTeamChange(changeRole);
  if (!mayGive(member.role)) return <Badge variant="light" color="gray" tt="none" fw={550}>{say(member.role)}</Badge>;
  return (
    <>
      <NativeSelect size="xs" aria-label={say('roleOf', { name: member.name })} value={member.role} onChange={(event) => want(event.currentTarget.value as Role)} data={ROLES.filter(mayGive).map((role) => ({ value: role, label: say(role) }))} miw={104} />
      {wanted && (
        <Confirm
          title={say('changeRole')} text={say('changeRoleAsk', { name: member.name, role: say(wanted) })} yes={say('changeRole')} danger={false} busy={change.isPending} onClose={() => want(null)}
          onYes={() => change.mutate({ id: member.id, role: wanted }, { onSuccess: () => told.done(say('saved')), onError: told.failed, onSettled: () => want(null) })}
        />
      )}
    </>
  );
}

function LeaveOrRemove({ member }: { member: Teammate }): ReactElement | null {
  const say = useTeamWords();
  const told = useTold();
  const { session } = useHere();
  const mayGive = useMayGive();
  const [asked, ask] = useState(false);
  const own = member.id === session.teammate_id;
  const remove = useTeamChange(() => (own ? leave() : removeTeammate(member.id)));
  if (session.acting || (!own && !mayGive(member.role))) return null;
  const words = own ? { title: say('leave'), text: say('leaveAsk') } : { title: say('remove'), text: say('removeAsk', { name: member.name }) };
  return (
    <>
      <Button size="xs" variant="default" onClick={() => ask(true)}>{words.title}</Button>
      {asked && (
        <Confirm
          {...words} yes={words.title} busy={remove.isPending} onClose={() => ask(false)}
          onYes={() => remove.mutate(undefined, { onSuccess: () => (own ? location.assign('/') : told.done(say('removed'))), onError: told.failed, onSettled: () => ask(false) })}
        />
      )}
    </>
  );
}

function Acting(): ReactElement | null {
  const say = useTeamWords();
  const told = useTold();
  const { role, session, format } = useHere();
  const acting = useActing(true);
  const end = useTeamChange(endActing);
  const now = Date.now();
  const open = acting.state === 'ready' ? acting.value.impersonations.filter((one) => one.ended_at === null && Date.parse(one.ends_at) > now) : [];
  if (open.length === 0) return null;
  return (
    <section className="card">
      <Title order={2}>{say('acting')}</Title>
      <Text size="sm" c="dimmed" mb="sm">{say('actingText')}</Text>
      {open.map((one) => (
        <Group key={one.id} justify="space-between" gap="sm">
          <div><Text size="sm" fw={550}>{one.reason}</Text><Text size="xs" c="dimmed">{say(one.role)} · {say('until', { at: format.time(one.ends_at) })}</Text></div>
          {role === 'owner' && !session.acting && <Button size="xs" variant="default" loading={end.isPending} onClick={() => end.mutate(one.id, { onSuccess: () => told.done(say('saved')), onError: told.failed })}>{say('endNow')}</Button>}
        </Group>
      ))}
    </section>
  );
}
