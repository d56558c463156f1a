/** How long what people did is kept, what remains of it, and the end of the shop with the days to take it back. */

import { Alert, Button, Checkbox, Group, Modal, Stack, Text, TextInput, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactElement, useState } from 'react';
import { answer, api } from '../../api/client';
import { problemOf } from '../../api/problem';
import { useHere } from '../../app/session';
import { useShared } from '../../language/shared';
import { ProblemNotice } from '../../parts/ProblemNotice';
import { usePrivacyWords } from './privacyWords';

export function PrivacyTab(): ReactElement {
  const { role, session, tenant } = useHere();
  return (
    <Stack gap="md" maw={760}>
      <Retention key={`${tenant.retention_days} ${tenant.keep_orders} ${tenant.keep_first_seen}`} />
      {role === 'owner' && !session.acting && <Ending />}
    </Stack>
  );
}

function Retention(): ReactElement {
  const say = usePrivacyWords();
  const shared = useShared();
  const { tenant, session } = useHere();
  const questions = useQueryClient();
  const [days, setDays] = useState(tenant.retention_days === null ? '' : String(tenant.retention_days));
  const [orders, setOrders] = useState(tenant.keep_orders);
  const [firstSeen, setFirstSeen] = useState(tenant.keep_first_seen);
  const save = useMutation({
    mutationFn: () => answer(api.PATCH('/v1/tenant', { body: { retention_days: days === '' ? null : Number(days), keep_orders: orders, keep_first_seen: firstSeen } })),
    onSuccess: async () => {
      notifications.show({ message: say('saved') });
      await questions.invalidateQueries({ queryKey: ['tenant'] });
    },
  });
  const shorter = days !== '' && (tenant.retention_days === null || Number(days) < tenant.retention_days);
  function submit(event: FormEvent): void {
    event.preventDefault();
    save.mutate();
  }
  return (
    <form className="card" onSubmit={submit}>
      <Title order={2}>{say('retention')}</Title>
      <Text size="sm" c="dimmed" mb="md">{say('retentionText')}</Text>
      <Stack gap="sm">
        <TextInput type="number" min={1} max={36_500} label={say('days')} description={say('daysHint')} maw={280} value={days} onChange={(event) => setDays(event.currentTarget.value)} />
        <Checkbox label={say('keepOrders')} checked={orders} onChange={(event) => setOrders(event.currentTarget.checked)} disabled={days === ''} />
        <Checkbox label={say('keepFirstSeen')} checked={firstSeen} onChange={(event) => setFirstSeen(event.currentTarget.checked)} disabled={days === ''} />
        {shorter && <Alert color="orange" role="status">{say('shorter', { n: days })}</Alert>}
        {save.isError && <ProblemNotice problem={problemOf(save.error)} />}
        {!session.acting && <Group><Button type="submit" loading={save.isPending}>{shared('save')}</Button></Group>}
      </Stack>
    </form>
  );
}

function Ending(): ReactElement {
  const say = usePrivacyWords();
  const shared = useShared();
  const { tenant, format } = useHere();
  const questions = useQueryClient();
  const [asking, ask] = useState(false);
  const [typed, setTyped] = useState('');
  const again = () => Promise.all([questions.invalidateQueries({ queryKey: ['tenant'] }), questions.invalidateQueries({ queryKey: ['deletion'] }), questions.invalidateQueries({ queryKey: ['session'] })]);
  const closing = tenant.closing_at !== null;
  const deletion = useQuery({
    queryKey: ['deletion'],
    queryFn: ({ signal }) => answer(api.GET('/v1/tenant/deletion', { signal })),
    enabled: closing,
  });
  const remove = useMutation({
    mutationFn: () => answer(api.POST('/v1/tenant/deletion', { body: { name_confirmation: typed } })),
    onSuccess: async () => {
      ask(false);
      await again();
    },
  });
  const keep = useMutation({ mutationFn: () => answer(api.DELETE('/v1/tenant/deletion')), onSuccess: again });
  const asked = closing ? deletion.data : undefined;
  return (
    <section className="card">
      <Title order={2}>{tenant.demo ? say('removeDemo') : say('remove')}</Title>
      <Text size="sm" c="dimmed" mb="md">{tenant.demo ? say('removeDemoText') : say('removeText')}</Text>
      {asked ? (
        <Alert color="red" role="status">
          <Text size="sm">{asked.state === 'waiting' ? say('waiting', { at: format.time(asked.due_at) }) : say('going')}</Text>
          {asked.state === 'waiting' && <Button mt="sm" size="xs" variant="default" loading={keep.isPending} onClick={() => keep.mutate()}>{say('takeBack')}</Button>}
        </Alert>
      ) : (
        <Button color="red" variant="light" onClick={() => ask(true)}>{tenant.demo ? say('removeDemo') : say('remove')}…</Button>
      )}
      {keep.isError && <ProblemNotice problem={problemOf(keep.error)} />}
      <Modal opened={asking} onClose={() => ask(false)} title={tenant.demo ? say('removeDemo') : say('remove')} closeButtonProps={{ 'aria-label': shared('close') }}>
        <form onSubmit={(event) => { event.preventDefault(); remove.mutate(); }}>
          <Stack gap="sm">
            <Text size="sm">{say('removeAsk')}</Text>
            <TextInput label={say('typeName', { name: tenant.name })} required data-autofocus autoComplete="off" value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
            {remove.isError && <ProblemNotice problem={problemOf(remove.error)} />}
            <Group justify="flex-end" gap="xs">
              <Button variant="default" onClick={() => ask(false)}>{shared('cancel')}</Button>
              <Button type="submit" color="red" disabled={typed !== tenant.name} loading={remove.isPending}>{shared('delete')}</Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </section>
  );
}
