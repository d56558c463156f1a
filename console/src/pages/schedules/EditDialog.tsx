/** Another time, format or other columns for a schedule. */

import { Button, Group, Modal, Stack } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type FormEvent, type ReactElement, useState } from 'react';
import { useShared } from '../../language/shared';
import type { Catalogue } from '../segments/useCatalogue';
import { columnsOf, contentOf } from './columns';
import { ContentFields, TimingFields } from './ExportFields';
import { changeSchedule, type Schedule, timingBody, timingOf, useScheduleDeed } from './useSchedules';
import { useExportWords } from './words';

export function EditDialog({ schedule, name, catalogue, onClose }: { schedule: Schedule; name: string; catalogue: Catalogue; onClose: () => void }): ReactElement {
  const say = useExportWords();
  const shared = useShared();
  const [content, setContent] = useState(contentOf(schedule.format, schedule.genes));
  const [timing, setTiming] = useState(timingOf(schedule));
  const save = useScheduleDeed(
    () => changeSchedule(schedule.id, { timing: timingBody(timing), format: content.format, genes: columnsOf(content, catalogue.genes) }),
    () => {
      notifications.show({ message: say('saved') });
      onClose();
    },
  );
  function submit(event: FormEvent): void {
    event.preventDefault();
    save.mutate(undefined);
  }
  return (
    <Modal opened onClose={onClose} size="lg" title={`${say('edit')} · ${name}`} closeButtonProps={{ 'aria-label': shared('close') }}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <TimingFields timing={timing} onChange={setTiming} />
          <ContentFields content={content} onChange={setContent} genes={catalogue.genes} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>{shared('cancel')}</Button>
            <Button type="submit" loading={save.isPending}>{shared('save')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
