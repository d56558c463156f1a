/** One import: what was found, what its columns become, a dry run, and the import itself with what it refused. */

import { Alert, Anchor, Badge, Button, Group, Progress, Stack, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { answer, api, type Schemas } from '../../api/client';
import { loaded } from '../../api/loaded';
import { problemOf } from '../../api/problem';
import { mayLead, mayWrite, useHere } from '../../app/session';
import { useProblemText } from '../../language/problems';
import { FileButton } from '../../parts/FileButton';
import { PageHead } from '../../parts/PageHead';
import { Ready } from '../../parts/Ready';
import { MappingForm } from './MappingForm';
import { type Import, useAgain, useImport } from './useImports';
import { useImportWords } from './words';

export function Page(): ReactElement {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const found = loaded(useImport(id));
  return <Ready of={found} height={420}>{(one) => <Opened found={one} />}</Ready>;
}

function Opened({ found }: { found: Import }): ReactElement {
  const say = useImportWords();
  const { role } = useHere();
  const editable = found.state === 'ready' && mayWrite(role);
  return (
    <>
      <Anchor component={Link} to={'/imports' as string} size="sm" c="dimmed">‹ {say('title')}</Anchor>
      <PageHead title={found.file_name} {...(found.found ? { lead: `${say(found.kind)} · ${say('found', { format: found.found.format.toUpperCase(), encoding: found.found.encoding })}` } : {})}>
        <Badge size="lg" variant="light" tt="none" fw={550}>{say(found.state)}</Badge>
      </PageHead>
      {found.problem && <Alert color="red" mb="md" title={say('unreadable')}>{found.problem}</Alert>}
      <Stack gap="md">
        {editable && <MappingForm key={found.id} found={found} />}
        {editable && <DryRun found={found} />}
        {found.progress && <Going found={found} progress={found.progress} />}
      </Stack>
    </>
  );
}

function DryRun({ found }: { found: Import }): ReactElement {
  const say = useImportWords();
  const { format, role } = useHere();
  const again = useAgain(found.id);
  const problemText = useProblemText();
  const fail = (error: unknown) => notifications.show({ message: [problemText(problemOf(error)), ...problemOf(error).faults.map((fault) => fault.detail)].join(' '), color: 'red', autoClose: 10_000 });
  const path = { params: { path: { import_id: found.id } } };
  const check = useMutation({ mutationFn: () => answer(api.POST('/v1/imports/{import_id}/dry-run', path)), onSuccess: again, onError: fail });
  const start = useMutation({ mutationFn: () => answer(api.POST('/v1/imports/{import_id}/start', path)), onSuccess: again, onError: fail });
  const tried = found.dry_run;
  const going = tried !== null && ['queued', 'running'].includes(tried.state);
  return (
    <section className="card">
      <Group justify="space-between" gap="xs" mb="xs">
        <Title order={2}>{say('step3')}</Title>
        <Group gap="xs">
          <Button variant="default" disabled={found.mapping === null} loading={check.isPending || going} onClick={() => check.mutate()}>{say('dryRun')}</Button>
          {mayLead(role) && <Button disabled={tried?.state !== 'succeeded'} loading={start.isPending} onClick={() => start.mutate()}>{say('start')}</Button>}
        </Group>
      </Group>
      {!mayLead(role) && <Text size="sm" c="dimmed">{say('startAdmins')}</Text>}
      {tried === null && <Text size="sm" c="dimmed">{say('dryRunFirst')}</Text>}
      {tried && (
        <>
          <dl className="lines">
            <dt>{say('rows')}</dt><dd>{format.number(tried.rows)}</dd>
            <dt>{say('accepted')}</dt><dd>{format.number(tried.accepted)}</dd>
            <dt>{say('rejected')}</dt><dd>{format.number(tried.rejected)}</dd>
            <dt>{say('people')}</dt><dd>{format.number(tried.people)}</dd>
            {tried.first_at && <><dt>{say('span')}</dt><dd>{format.time(tried.first_at)} – {format.time(tried.last_at)}</dd></>}
          </dl>
          {tried.bad_rows.length > 0 && (
            <>
              <Group justify="space-between" mt="md">
                <Text fw={600} size="sm">{say('badRows')}</Text>
                <FileButton path={`/v1/imports/${found.id}/dry-run/rejected/file`}>{say('downloadRejected')}</FileButton>
              </Group>
              <div className="wide" tabIndex={0} role="region" aria-label={say('badRows')}>
                <table className="rows"><tbody>
                  {tried.bad_rows.map((row) => (
                    <tr key={String(row['line'])}><td>{say('line', { count: Number(row['line']) })}</td><td>{String(row['reason'])}</td><td>{String(row['detail'] ?? '')}</td></tr>
                  ))}
                </tbody></table>
              </div>
            </>
          )}
        </>
      )}
    </section>
  );
}

function Going({ found, progress }: { found: Import; progress: Schemas['Counts'] }): ReactElement {
  const say = useImportWords();
  const { format, role } = useHere();
  const again = useAgain(found.id);
  const cancel = useMutation({ mutationFn: () => answer(api.POST('/v1/imports/{import_id}/cancel', { params: { path: { import_id: found.id } } })), onSuccess: again });
  const open = found.state === 'queued' || found.state === 'running';
  return (
    <section className="card">
      <Group justify="space-between" mb="xs">
        <Title order={2}>{say('step4')}</Title>
        {open && mayLead(role) && <Button variant="default" size="xs" loading={cancel.isPending} onClick={() => cancel.mutate()}>{say('cancel')}</Button>}
      </Group>
      {open && <Progress value={100 * (progress.share ?? 0)} size={8} mb="xs" aria-label={say('step4')} />}
      {open && <Text size="sm" c="dimmed" mb="xs">{say('progress', { share: format.share(progress.share ?? 0), rate: format.number(progress.rows_per_second ?? 0) })}</Text>}
      <dl className="lines">
        <dt>{say('rows')}</dt><dd>{format.number(progress.rows)}</dd>
        <dt>{say('accepted')}</dt><dd>{format.number(progress.accepted)}</dd>
        <dt>{say('rejected')}</dt><dd>{format.number(progress.rejected)}</dd>
        {found.kind === 'products' && <><dt>{say('added')}</dt><dd>{format.number(progress.added)}</dd><dt>{say('changed')}</dt><dd>{format.number(progress.changed)}</dd><dt>{say('unchanged')}</dt><dd>{format.number(progress.unchanged)}</dd></>}
      </dl>
      {progress.rejected > 0 && <FileButton path={`/v1/imports/${found.id}/rejected/file`} size="sm" mt="sm" variant="light">{say('downloadRejected')}</FileButton>}
    </section>
  );
}
