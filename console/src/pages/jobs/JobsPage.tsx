/** Long work: how far it is, how long it still takes, cancelling it, and the files it made. */

import { Badge, Button, Group, Progress, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { answer, api } from '../../api/client';
import { loaded } from '../../api/loaded';
import { mayLead, mayWrite, useHere } from '../../app/session';
import { Empty } from '../../parts/Empty';
import { FileButton } from '../../parts/FileButton';
import { isOpen, type Job, jobName, leftText, secondsLeft, useJobNames } from '../../parts/jobs';
import { PageHead } from '../../parts/PageHead';
import { Ready } from '../../parts/Ready';
import { useJobWords } from './words';

const REFRESH_MILLISECONDS = 2000;
const COLOURS = { queued: 'gray', running: 'teal', succeeded: 'teal', failed: 'red', cancelled: 'gray' } as const;

export function Page(): ReactElement {
  const say = useJobWords();
  const { role } = useHere();
  const jobs = loaded(
    useQuery({
      queryKey: ['jobs'],
      queryFn: ({ signal }) => answer(api.GET('/v1/jobs', { params: { query: { limit: 50 } }, signal })),
      refetchInterval: REFRESH_MILLISECONDS,
    }),
  );
  return (
    <>
      <PageHead title={say('title')} lead={say('lead')} />
      {mayWrite(role) && <Files />}
      <Ready of={jobs} height={240}>
        {(found) => found.jobs.length === 0 ? <div className="card"><Empty icon="jobs" title={say('noneTitle')} text={say('noneText')} /></div> : <Stack gap="sm">{found.jobs.map((job) => <OneJob key={job.id} job={job} />)}</Stack>}
      </Ready>
    </>
  );
}

function OneJob({ job }: { job: Job }): ReactElement {
  const say = useJobWords();
  const names = useJobNames();
  const name = jobName(names, job);
  const { format, role } = useHere();
  const questions = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => answer(api.POST('/v1/jobs/{job_id}/cancel', { params: { path: { job_id: job.id } } })),
    onSuccess: () => questions.invalidateQueries({ queryKey: ['jobs'] }),
  });
  const left = secondsLeft(job, Date.now());
  const open = isOpen(job);
  const took = job.started_at && job.finished_at ? Math.max(0, (Date.parse(job.finished_at) - Date.parse(job.started_at)) / 1000) : null;
  const told = [format.time(job.created_at), job.total ? say('progress', { done: format.number(job.done), total: format.number(job.total) }) : '', left !== null ? leftText(names, left) : '', took !== null ? say('took', { seconds: format.number(took) }) : '', job.message];
  return (
    <section className="card" aria-label={name}>
      <Group justify="space-between" gap="xs">
        <Group gap={10}>
          <Text fw={600} span>{name}</Text>
          <Badge variant="light" color={COLOURS[job.state]} tt="none" fw={550}>{say(job.state)}</Badge>
        </Group>
        {open && mayLead(role) && <Button size="xs" variant="default" loading={cancel.isPending} onClick={() => cancel.mutate()}>{say('cancel')}</Button>}
      </Group>
      {open && <Progress mt={8} size={6} value={job.total ? (100 * job.done) / job.total : 100} animated={!job.total} aria-label={say('progress', { done: job.done, total: job.total ?? 0 })} />}
      <Text size="sm" c="dimmed" mt={4}>{told.filter(Boolean).join(' · ')}</Text>
      {job.error_reason && <Text size="sm" c="var(--bad)" mt={4}>{job.error_reason} · <a className="plain" href={`/docs/errors#${job.error_reason}`} target="_blank" rel="noreferrer">{say('whatToDo')}</a></Text>}
    </section>
  );
}

function Files(): ReactElement | null {
  const say = useJobWords();
  const { format } = useHere();
  const files = loaded(
    useQuery({
      queryKey: ['segment-exports'],
      queryFn: ({ signal }) => answer(api.GET('/v1/segment-exports', { params: { query: { limit: 20 } }, signal })),
      refetchInterval: REFRESH_MILLISECONDS,
    }),
  );
  if (files.state === 'ready' && files.value.exports.length === 0) return null;
  return (
    <section className="card" style={{ marginBottom: 16 }}>
      <Title order={2} mb="xs">{say('exports')}</Title>
      <Ready of={files} height={80}>
        {(found) => (
          <Stack gap={8}>
            {found.exports.map((file) => (
              <Group key={file.id} justify="space-between" gap="xs">
                <Text size="sm">
                  <Link className="plain" to={`/segments/${file.segment_id}` as string}>{say('openSegment')}</Link> · {file.format.toUpperCase()}
                  {file.profiles !== null && ` · ${say('people', { count: format.number(file.profiles) })}`} · {format.time(file.created_at)}
                </Text>
                {file.state === 'ready'
                  ? <FileButton path={`/v1/segment-exports/${file.id}/file`} variant="light">{say('download')} · {say('expires', { at: format.time(file.expires_at) })}</FileButton>
                  : <Badge variant="light" tt="none" fw={550}>{say('making')}</Badge>}
              </Group>
            ))}
          </Stack>
        )}
      </Ready>
    </section>
  );
}
