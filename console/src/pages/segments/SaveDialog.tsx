/** Gives a tree a name and a folder. */

import { Autocomplete, Button, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactElement, useState } from 'react';
import { answer, api } from '../../api/client';
import { problemOf } from '../../api/problem';
import { useProblemText } from '../../language/problems';
import { useShared } from '../../language/shared';
import type { Tree } from './tree/nodes';
import { useSegmentList } from './useSegments';
import { useSegmentWords } from './words';

interface Props {
  tree: Tree;
  onClose: () => void;
  onSaved: (id: string) => void;
}

export function SaveDialog({ tree, onClose, onSaved }: Props): ReactElement {
  const say = useSegmentWords();
  const shared = useShared();
  const problemText = useProblemText();
  const questions = useQueryClient();
  const [fields, setFields] = useState({ name: '', folder: '', description: '' });
  const list = useSegmentList({ q: '', folder: undefined, sort: 'name', archived: false });
  const folders = list.state === 'ready' ? list.value.folders.map((folder) => folder.name) : [];
  const save = useMutation({
    mutationFn: () => answer(api.POST('/v1/segments', { body: { ...fields, tree: tree as never } })),
    onSuccess: async (made) => {
      await questions.invalidateQueries({ queryKey: ['segments'] });
      await questions.invalidateQueries({ queryKey: ['catalogue'] });
      notifications.show({ message: say('saved', { name: made.name }) });
      onSaved(made.id);
    },
  });
  function submit(event: FormEvent): void {
    event.preventDefault();
    save.mutate();
  }
  return (
    <Modal opened onClose={onClose} title={say('saveTitle')} closeButtonProps={{ 'aria-label': shared('close') }}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <TextInput label={shared('name')} required maxLength={200} data-autofocus value={fields.name} onChange={(event) => setFields({ ...fields, name: event.currentTarget.value })} />
          <Autocomplete label={say('folder')} maxLength={200} data={folders} value={fields.folder} onChange={(folder) => setFields({ ...fields, folder })} />
          <Textarea label={say('description')} autosize minRows={2} maxLength={2000} value={fields.description} onChange={(event) => setFields({ ...fields, description: event.currentTarget.value })} />
          {save.isError && <Text size="sm" c="var(--bad)" role="alert">{problemText(problemOf(save.error))}</Text>}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>{shared('cancel')}</Button>
            <Button type="submit" loading={save.isPending}>{shared('save')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
