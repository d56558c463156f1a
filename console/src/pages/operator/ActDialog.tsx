/** Going into somebody's shop for a while: why, as what, and how long. */

import { Button, Group, Modal, NativeSelect, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { FormEvent, ReactElement } from 'react';
import { answer, api, type Schemas } from '../../api/client';
import { problemOf } from '../../api/problem';
import { useShared } from '../../language/shared';
import { ProblemNotice } from '../../parts/ProblemNotice';
import { useOperatorWords } from './words';

type Role = NonNullable<Schemas['ImpersonationBody']['role']>;

const ROLES: readonly Role[] = ['viewer', 'analyst', 'marketer', 'admin'];

export function ActDialog({ tenant, close }: { tenant: Schemas['TenantLine']; close: () => void }): ReactElement {
  const say = useOperatorWords();
  const shared = useShared();
  const start = useMutation({
    mutationFn: (body: Schemas['ImpersonationBody']) => answer(api.POST('/v1/operator/impersonations', { body })),
    // By a load of its own: nothing of one's own shops may be shown as theirs.
    onSuccess: () => location.assign('/team'),
  });
  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    start.mutate({ tenant_id: tenant.id, reason: String(fields.get('reason')), role: String(fields.get('role')) as Role, minutes: Number(fields.get('minutes')) });
  }
  return (
    <Modal opened onClose={close} title={say('actIn', { shop: tenant.name })} closeButtonProps={{ 'aria-label': shared('close') }}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Text size="sm" c="dimmed">{say('actHint')}</Text>
          {start.isError && <ProblemNotice problem={problemOf(start.error)} />}
          <Textarea name="reason" label={say('reason')} description={say('reasonHint')} required minLength={10} maxLength={500} rows={3} data-autofocus />
          <Group grow gap="sm">
            <NativeSelect name="role" label={say('role')} data={ROLES.map((role) => ({ value: role, label: say(role) }))} />
            <TextInput name="minutes" type="number" label={say('minutes')} min={1} max={60} defaultValue={30} required />
          </Group>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>{shared('cancel')}</Button>
            <Button type="submit" loading={start.isPending}>{say('start')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
