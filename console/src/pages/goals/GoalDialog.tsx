/** A goal is a name for an event, maybe only where its properties fulfil something. */

import { Autocomplete, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type FormEvent, type ReactElement, useState } from 'react';
import { problemOf } from '../../api/problem';
import { EVENT_NAMES } from '../../language/eventNames';
import { useEventText } from '../../language/events';
import { useProblemText } from '../../language/problems';
import { useShared } from '../../language/shared';
import { WhereControl } from '../segments/builder/WhereControl';
import { type Goal, type GoalDraft, useSaveGoal } from './useGoals';
import { useGoalWords } from './words';

const EMPTY: GoalDraft = { name: '', description: '', event: '', where: [], value_property: '' };

export function GoalDialog({ goal, onClose }: { goal: Goal | null; onClose: () => void }): ReactElement {
  const say = useGoalWords();
  const shared = useShared();
  const eventText = useEventText();
  const problemText = useProblemText();
  const [draft, setDraft] = useState<GoalDraft>(goal ?? EMPTY);
  const save = useSaveGoal(goal?.id ?? null, (name) => {
    notifications.show({ message: say('saved', { name }) });
    onClose();
  });
  const set = (change: Partial<GoalDraft>) => setDraft((old) => ({ ...old, ...change }));
  function submit(event: FormEvent): void {
    event.preventDefault();
    const { name, description, event: happened, where, value_property } = draft;
    save.mutate({ name, description, event: happened, where, value_property });
  }
  const faults = save.isError ? problemOf(save.error).faults.map((fault) => fault.fix ?? fault.detail) : [];
  return (
    <Modal opened onClose={onClose} size="lg" title={say(goal ? 'edit' : 'make')} closeButtonProps={{ 'aria-label': shared('close') }}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <TextInput label={say('name')} placeholder={say('nameHint')} required maxLength={200} data-autofocus value={draft.name} onChange={(event) => set({ name: event.currentTarget.value })} />
          <Autocomplete
            label={say('event')} description={say('eventHint')} required maxLength={500} data={EVENT_NAMES} value={draft.event} onChange={(event) => set({ event })} comboboxProps={{ shadow: 'md' }}
            renderOption={({ option }) => <div><Text size="sm">{eventText('track', option.value)}</Text><Text size="xs" c="dimmed">{option.value}</Text></div>}
          />
          <Stack gap={6} align="flex-start"><WhereControl where={draft.where} onChange={(where) => set({ where })} /></Stack>
          <TextInput label={say('value')} description={say('valueHint')} maxLength={500} value={draft.value_property} onChange={(event) => set({ value_property: event.currentTarget.value.trim() })} />
          <TextInput label={say('description')} maxLength={2000} value={draft.description} onChange={(event) => set({ description: event.currentTarget.value })} />
          {save.isError && <Text size="sm" c="var(--bad)" role="alert">{problemText(problemOf(save.error))} {faults.join(' ')}</Text>}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>{shared('cancel')}</Button>
            <Button type="submit" loading={save.isPending}>{shared('save')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
