/** Makes an external gene, or says one anew; its type stays. */

import { Button, Group, Modal, NativeSelect, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactElement, useState } from 'react';
import { answer, api } from '../../api/client';
import { problemOf } from '../../api/problem';
import { useHere } from '../../app/session';
import { useProblemText } from '../../language/problems';
import { useShared } from '../../language/shared';
import { localText } from '../../language/words';
import type { ExternalGene } from './useExternalGenes';
import { useExternalWords } from './words';

const TYPES = ['category', 'number', 'money', 'ratio', 'boolean', 'date', 'list'] as const;
const ORIGINS = ['uploaded', 'partner', 'model'] as const;
type Type = (typeof TYPES)[number];
type Origin = (typeof ORIGINS)[number];

export function GeneDialog({ gene, onClose }: { gene?: ExternalGene; onClose: () => void }): ReactElement {
  const say = useExternalWords();
  const shared = useShared();
  const { language } = useHere();
  const problemText = useProblemText();
  const questions = useQueryClient();
  const navigate = useNavigate();
  const [zh, setZh] = useState(gene?.name.zh_tw ?? '');
  const [en, setEn] = useState(gene?.name.en ?? '');
  const [type, setType] = useState<Type>(gene?.type ?? 'category');
  const [origin, setOrigin] = useState<Origin>(gene?.origin ?? 'uploaded');
  const [rest, setRest] = useState({ unit: gene?.unit ?? '', version: gene?.version ?? '', description: gene?.description ?? '' });
  const numeric = type === 'number';
  const save = useMutation({
    mutationFn: () => {
      const body = { name: { zh_tw: zh, en }, validation: gene?.validation ?? {}, ...rest, unit: numeric ? rest.unit : '' };
      if (gene) return answer(api.PUT('/v1/external-genes/{gene_id}', { params: { path: { gene_id: gene.id } }, body }));
      return answer(api.POST('/v1/external-genes', { body: { ...body, type, origin } }));
    },
    onSuccess: async (made) => {
      await Promise.all([['external-genes'], ['external-gene', made.id], ['catalogue']].map((queryKey) => questions.invalidateQueries({ queryKey })));
      notifications.show({ message: say(gene ? 'savedWords' : 'made', { name: localText(made.name, language) }) });
      if (gene) onClose();
      else await navigate({ to: '/external-genes/$id', params: { id: made.id }, search: { tab: 'upload' } } as never);
    },
  });
  function submit(event: FormEvent): void {
    event.preventDefault();
    save.mutate();
  }
  return (
    <Modal opened onClose={onClose} title={say(gene ? 'editTitle' : 'makeTitle')} closeButtonProps={{ 'aria-label': shared('close') }}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <TextInput label={say('nameZh')} required maxLength={200} data-autofocus value={zh} onChange={(event) => setZh(event.currentTarget.value)} />
          <TextInput label={say('nameEn')} required maxLength={200} value={en} onChange={(event) => setEn(event.currentTarget.value)} />
          {!gene && <NativeSelect label={say('type')} description={`${say(`hint_${type}`)} · ${say('typeStays')}`} value={type} onChange={(event) => setType(event.currentTarget.value as Type)} data={TYPES.map((one) => ({ value: one, label: say(one) }))} />}
          {!gene && <NativeSelect label={say('origin')} value={origin} onChange={(event) => setOrigin(event.currentTarget.value as Origin)} data={ORIGINS.map((one) => ({ value: one, label: say(one) }))} />}
          {numeric && <TextInput label={say('unit')} description={say('unitHint')} maxLength={20} value={rest.unit} onChange={(event) => setRest({ ...rest, unit: event.currentTarget.value })} />}
          {origin !== 'uploaded' && <TextInput label={say('version')} description={say('versionHint')} maxLength={100} value={rest.version} onChange={(event) => setRest({ ...rest, version: event.currentTarget.value })} />}
          <Textarea label={say('description')} autosize minRows={2} maxLength={2000} value={rest.description} onChange={(event) => setRest({ ...rest, description: event.currentTarget.value })} />
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
