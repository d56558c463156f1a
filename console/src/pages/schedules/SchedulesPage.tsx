/** Exports that are made again and again: when, what, the file of the latest run, and resting or ending them. */

import { Badge, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Link } from '@tanstack/react-router';
import { lazy, type ReactElement, Suspense, useState } from 'react';
import { loaded } from '../../api/loaded';
import { useHere } from '../../app/session';
import { useShared } from '../../language/shared';
import { localText } from '../../language/words';
import { Empty } from '../../parts/Empty';
import { FileButton } from '../../parts/FileButton';
import { Icon } from '../../parts/Icon';
import { PageHead } from '../../parts/PageHead';
import { Ready } from '../../parts/Ready';
import { type Catalogue, useCatalogue } from '../segments/useCatalogue';
import { nameIn } from '../segments/naming';
import { EXTERNAL, geneOf } from './columns';
import { useTimingText } from './timingText';
import { changeSchedule, deleteSchedule, type Run, type Schedule, timingOf, useSchedule, useScheduleDeed, useSchedules } from './useSchedules';
import { useExportWords } from './words';

const EditDialog = lazy(async () => ({ default: (await import('./EditDialog')).EditDialog }));

export function Page(): ReactElement {
  const say = useExportWords();
  const shared = useShared();
  const query = useSchedules();
  const schedules = loaded(query);
  const catalogue = useCatalogue();
  return (
    <>
      <PageHead title={say('title')} lead={say('lead')} />
      <Ready of={catalogue} height={240}>
        {(known) => (
          <Ready of={schedules} height={240}>
            {({ pages }) => {
              const all = pages.flatMap((page) => page.schedules);
              if (all.length === 0) {
                return (
                  <div className="card">
                    <Empty icon="history" title={say('noneTitle')} text={say('noneText')}><Button component={Link} to={'/segments' as string} variant="light" mt="sm">{say('toSegments')}</Button></Empty>
                  </div>
                );
              }
              return (
                <Stack gap="sm">
                  {all.map((one) => <OneSchedule key={one.id} schedule={one} catalogue={known} />)}
                  {query.hasNextPage && <Group justify="center"><Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{shared('more')}</Button></Group>}
                </Stack>
              );
            }}
          </Ready>
        )}
      </Ready>
    </>
  );
}

function OneSchedule({ schedule, catalogue }: { schedule: Schedule; catalogue: Catalogue }): ReactElement {
  const say = useExportWords();
  const { format, language } = useHere();
  const timingText = useTimingText();
  const [open, setOpen] = useState<'' | 'runs' | 'edit' | 'delete'>('');
  const segment = catalogue.segments.find(({ id }) => id === schedule.segment_id);
  const name = segment ? nameIn(segment, language) : say('unknownSegment');
  const genes = schedule.genes.map(geneOf).map((id) => catalogue.genes.get(id) ?? catalogue.externalGenes.find((one) => `${EXTERNAL}${one.id}` === id)).filter((gene) => gene !== undefined).map((gene) => localText(gene.name, language));
  const pause = useScheduleDeed((paused: boolean) => changeSchedule(schedule.id, { paused }), () => undefined);
  const [latest] = schedule.runs;
  return (
    <section className="card" aria-label={name}>
      <Group justify="space-between" gap="sm" align="flex-start">
        <div style={{ minWidth: 0 }}>
          <Group gap={10}>
            <Link className="plain" to={`/segments/${schedule.segment_id}` as string}><Text fw={600} span>{name}</Text></Link>
            {schedule.paused && <Badge variant="light" color="gray" tt="none" fw={550}>{say('paused')}</Badge>}
          </Group>
          <Text size="sm">{timingText(timingOf(schedule))} · {schedule.format.toUpperCase()}</Text>
          <Text size="xs" c="dimmed">{[schedule.next_at && `${say('next')} ${format.time(schedule.next_at)}`, schedule.time_zone, genes.join(say('comma'))].filter(Boolean).join(' · ')}</Text>
        </div>
        <Group gap={6}>
          <Button size="xs" variant="default" onClick={() => setOpen('edit')}>{say('edit')}</Button>
          <Button size="xs" variant="default" loading={pause.isPending} leftSection={<Icon name={schedule.paused ? 'play' : 'pause'} size={14} />} onClick={() => pause.mutate(!schedule.paused)}>{say(schedule.paused ? 'resume' : 'pause')}</Button>
          <Button size="xs" variant="subtle" color="gray" c="dimmed" onClick={() => setOpen('delete')}>{say('remove')}</Button>
        </Group>
      </Group>
      <Group justify="space-between" gap="sm" mt="xs">
        {latest ? <RunLine run={latest} /> : <Text size="sm" c="dimmed">{say('never')}</Text>}
        {latest && <Button size="compact-sm" h={28} variant="subtle" aria-expanded={open === 'runs'} onClick={() => setOpen(open === 'runs' ? '' : 'runs')}>{say(open === 'runs' ? 'hideRuns' : 'runs')}</Button>}
      </Group>
      {open === 'runs' && <Runs id={schedule.id} />}
      {open === 'delete' && <DeleteDialog id={schedule.id} name={name} onClose={() => setOpen('')} />}
      <Suspense>{open === 'edit' && <EditDialog schedule={schedule} name={name} catalogue={catalogue} onClose={() => setOpen('')} />}</Suspense>
    </section>
  );
}

const COLOURS: Readonly<Record<string, string>> = { failed: 'red', succeeded: 'teal' };

function RunLine({ run }: { run: Run }): ReactElement {
  const say = useExportWords();
  const { format } = useHere();
  return (
    <Group gap={10}>
      <Badge variant="light" color={COLOURS[run.state] ?? 'gray'} tt="none" fw={550}>{say(run.state as 'queued')}</Badge>
      <Text size="sm" c="dimmed" span>{[format.time(run.started_at), run.profiles !== null && say('people', { count: format.number(run.profiles) }), run.error_reason].filter(Boolean).join(' · ')}</Text>
      {run.state === 'succeeded' && (run.export_id
        ? <FileButton path={`/v1/segment-exports/${run.export_id}/file`} size="compact-sm" h={28} variant="light">{say('download')}</FileButton>
        : <Text size="xs" c="dimmed" span>{say('gone')}</Text>)}
    </Group>
  );
}

function Runs({ id }: { id: string }): ReactElement {
  const schedule = useSchedule(id);
  return <Ready of={schedule} height={80}>{(found) => <Stack gap={6} mt="xs">{found.runs.slice(1).map((run) => <RunLine key={run.job_id} run={run} />)}</Stack>}</Ready>;
}

function DeleteDialog({ id, name, onClose }: { id: string; name: string; onClose: () => void }): ReactElement {
  const say = useExportWords();
  const shared = useShared();
  const remove = useScheduleDeed(() => deleteSchedule(id), () => notifications.show({ message: say('removed') }));
  return (
    <Modal opened onClose={onClose} title={shared('delete')} closeButtonProps={{ 'aria-label': shared('close') }}>
      <Text size="sm">{say('removeAsk', { name })}</Text>
      <Group justify="flex-end" gap="xs" mt="md">
        <Button variant="default" onClick={onClose}>{shared('cancel')}</Button>
        <Button color="red" loading={remove.isPending} onClick={() => remove.mutate(undefined)}>{shared('delete')}</Button>
      </Group>
    </Modal>
  );
}
