/** A segment as a file: this once, or on a schedule. */

import { Button, Group, Modal, SegmentedControl, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactElement, useState } from 'react';
import { answer, api } from '../../api/client';
import { problemOf } from '../../api/problem';
import { useHere } from '../../app/session';
import { useProblemText } from '../../language/problems';
import { useShared } from '../../language/shared';
import { Ready } from '../../parts/Ready';
import { type Catalogue, useGenes } from '../segments/useCatalogue';
import { columnsOf, type Content } from './columns';
import { ContentFields, TimingFields } from './ExportFields';
import { FIRST_TIMING, timingBody } from './useSchedules';
import { useExportWords } from './words';

const COLUMNS = ['member_stage', 'orders', 'revenue', 'days_since_order'];

export function ExportDialog({ segment, onClose }: { segment: { id: string; name: string }; onClose: () => void }): ReactElement {
  const say = useExportWords();
  const shared = useShared();
  const genes = useGenes();
  return (
    <Modal opened onClose={onClose} size="lg" title={say('exportTitle', { name: segment.name })} closeButtonProps={{ 'aria-label': shared('close') }}>
      <Ready of={genes} height={240}>{(known) => <Form segment={segment} genes={known} onClose={onClose} />}</Ready>
    </Modal>
  );
}

function Form({ segment, genes, onClose }: { segment: { id: string }; genes: Catalogue['genes']; onClose: () => void }): ReactElement {
  const say = useExportWords();
  const shared = useShared();
  const problemText = useProblemText();
  const { format } = useHere();
  const questions = useQueryClient();
  const [repeated, setRepeated] = useState(false);
  const [content, setContent] = useState<Content>({ format: 'csv', genes: COLUMNS, window: '' });
  const [timing, setTiming] = useState(FIRST_TIMING);
  const path = { params: { path: { segment_id: segment.id } } };
  const make = useMutation({
    mutationFn: async (): Promise<string> => {
      const body = { format: content.format, genes: columnsOf(content, genes) };
      if (!repeated) {
        await answer(api.POST('/v1/segments/{segment_id}/exports', { ...path, body }));
        return say('started');
      }
      const made = await answer(api.POST('/v1/segments/{segment_id}/export-schedules', { ...path, body: { ...body, timing: timingBody(timing) } }));
      return say('scheduled', { at: format.time(made.next_at) });
    },
    onSuccess: async (message) => {
      notifications.show({ message });
      await Promise.all([['schedules'], ['jobs'], ['segment-exports']].map((queryKey) => questions.invalidateQueries({ queryKey })));
      onClose();
    },
  });
  function submit(event: FormEvent): void {
    event.preventDefault();
    make.mutate();
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <SegmentedControl aria-label={say('export')} value={repeated ? 'repeated' : 'once'} onChange={(value) => setRepeated(value === 'repeated')} data={(['once', 'repeated'] as const).map((value) => ({ value, label: say(value) }))} />
        {repeated && <TimingFields timing={timing} onChange={setTiming} />}
        <ContentFields content={content} onChange={setContent} genes={genes} />
        <Text size="xs" c="dimmed">{say('personal')}</Text>
        {make.isError && <Text size="sm" c="var(--bad)" role="alert">{problemText(problemOf(make.error))}</Text>}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>{shared('cancel')}</Button>
          <Button type="submit" loading={make.isPending}>{say(repeated ? 'schedule' : 'start')}</Button>
        </Group>
      </Stack>
    </form>
  );
}
