/** Asks, and asks again, before somebody is forgotten for good. */

import { Alert, Button, Checkbox, Group, List, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactElement, useState } from 'react';
import { problemOf } from '../../api/problem';
import { useShared } from '../../language/shared';
import { Icon } from '../../parts/Icon';
import { ProblemNotice } from '../../parts/ProblemNotice';
import { useRequestWords } from './requestWords';
import { useErase } from './useRequests';

export function EraseDialog({ id, onClose }: { id: number; onClose: () => void }): ReactElement {
  const say = useRequestWords();
  const shared = useShared();
  const navigate = useNavigate();
  const [typed, type] = useState('');
  const [suppress, setSuppress] = useState(false);
  const erase = useErase();
  function submit(event: FormEvent): void {
    event.preventDefault();
    erase.mutate({ id, suppress }, { onSuccess: (made) => void navigate({ to: '/people/requests' as string, search: { erasure: made.id } as never }) });
  }
  return (
    <Modal opened onClose={onClose} size="lg" title={say('erase')} closeButtonProps={{ 'aria-label': shared('close') }}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Alert color="red" variant="light" icon={<Icon name="warn" />} styles={{ icon: { color: 'var(--bad)' } }}><Text size="sm">{say('eraseWarning')}</Text></Alert>
          <List size="sm" spacing={4}>
            <List.Item>{say('eraseAtOnce')}</List.Item>
            <List.Item>{say('eraseBackups')}</List.Item>
            <List.Item>{say('eraseAgain')}</List.Item>
          </List>
          <Checkbox label={say('suppress')} description={say('suppressHint')} checked={suppress} onChange={(event) => setSuppress(event.currentTarget.checked)} />
          <TextInput label={say('typeToErase', { id: `#${id}` })} autoComplete="off" spellCheck={false} value={typed} onChange={(event) => type(event.currentTarget.value)} data-autofocus />
          {erase.isError && <ProblemNotice problem={problemOf(erase.error)} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>{shared('cancel')}</Button>
            <Button type="submit" color="red" disabled={typed.trim().replace('#', '') !== String(id)} loading={erase.isPending}>{say('eraseNow')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
