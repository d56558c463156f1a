/** Long work wherever one is: how far it is, how long it takes, cancelling it; the gateway knows, so a reload loses nothing. */

import { ActionIcon, Button, Group, Indicator, Popover, Progress, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useEffect, useRef } from 'react';
import { answer, api } from '../api/client';
import { Icon } from '../parts/Icon';
import { isOpen, type Job, jobName, leftText, secondsLeft, useJobNames } from '../parts/jobs';
import { type Here, mayLead } from './session';
import { useFrameWords } from './words';

const BUSY_MILLISECONDS = 2000;
const QUIET_MILLISECONDS = 15_000;
const SHOWN = 5;

export function JobsTray({ here }: { here: Here }): ReactElement {
  const say = useFrameWords();
  const [opened, tray] = useDisclosure(false);
  const jobs = useQuery({
    queryKey: ['tray', here.tenant.id],
    queryFn: ({ signal }) => answer(api.GET('/v1/jobs', { params: { query: { limit: 20 } }, signal })),
    refetchInterval: (query) => (query.state.data?.jobs.some(isOpen) ? BUSY_MILLISECONDS : QUIET_MILLISECONDS),
  });
  const found = jobs.data?.jobs ?? [];
  const open = found.filter(isOpen);
  useEnds(found);
  const shown = [...open, ...found.filter((job) => !isOpen(job))].slice(0, Math.max(SHOWN, open.length));
  const label = open.length ? say('trayOpen', { n: open.length }) : say('tray');
  return (
    <Popover opened={opened} onChange={tray.toggle} position="bottom-end" width={340} shadow="md" trapFocus returnFocus>
      <Indicator disabled={open.length === 0} processing size={9} offset={5} color="teal">
        <Popover.Target>
          <ActionIcon variant="subtle" color="gray" size={34} c="dimmed" aria-label={label} onClick={tray.toggle}><Icon name="jobs" /></ActionIcon>
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown aria-label={say('tray')}>
        <Stack gap="sm">
          {open.length === 0 && <Text size="sm" c="dimmed">{say('trayNone')}</Text>}
          {shown.map((job) => <Line key={job.id} job={job} here={here} />)}
          <Button component={Link} to="/jobs" size="xs" variant="light" onClick={tray.close}>{say('trayAll')}</Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function Line({ job, here }: { job: Job; here: Here }): ReactElement {
  const names = useJobNames();
  const questions = useQueryClient();
  const say = useFrameWords();
  const cancel = useMutation({
    mutationFn: () => answer(api.POST('/v1/jobs/{job_id}/cancel', { params: { path: { job_id: job.id } } })),
    onSettled: () => questions.invalidateQueries({ queryKey: ['tray'] }),
  });
  const left = secondsLeft(job, Date.now());
  const share = job.total ? job.done / job.total : null;
  const name = jobName(names, job);
  return (
    <div>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text size="sm" fw={550} className="cut">{name}</Text>
        {isOpen(job) && mayLead(here.role)
          ? <ActionIcon variant="subtle" color="gray" c="dimmed" size={26} loading={cancel.isPending} aria-label={`${say('cancelJob')}: ${name}`} onClick={() => cancel.mutate()}><Icon name="close" size={15} /></ActionIcon>
          : <span className={`state ${job.state}`}><Icon name={job.state === 'succeeded' ? 'check' : job.state === 'failed' ? 'warn' : 'jobs'} size={16} /></span>}
      </Group>
      {isOpen(job) && <Progress size={5} my={4} value={share === null ? 100 : 100 * share} animated={share === null} aria-label={name} />}
      <Text size="xs" c={job.state === 'failed' ? 'var(--bad)' : 'dimmed'}>
        {[isOpen(job) && share !== null ? here.format.share(share) : here.format.time(job.finished_at ?? job.created_at), left === null ? '' : leftText(names, left), job.error_reason].filter(Boolean).join(' · ')}
      </Text>
    </div>
  );
}

/** Says so when a job that was seen running has ended. */
function useEnds(jobs: readonly Job[]): void {
  const say = useFrameWords();
  const names = useJobNames();
  const running = useRef(new Set<string>());
  useEffect(() => {
    for (const job of jobs) {
      if (isOpen(job)) running.current.add(job.id);
      else if (running.current.delete(job.id) && job.state !== 'cancelled') {
        const failed = job.state === 'failed';
        notifications.show({ message: failed ? say('trayFailed', { job: jobName(names, job), reason: job.error_reason }) : say('trayDone', { job: jobName(names, job) }), ...(failed ? { color: 'red' } : {}) });
      }
    }
  }, [jobs, say, names]);
}
