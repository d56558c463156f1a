/** Bringing people from a file: choose it, say which column is who, try it, update the list. */

import { Alert, Button, FileInput, Group, Loader, Progress, Stack, Text, Title } from '@mantine/core';
import { type FormEvent, type ReactElement, useState } from 'react';
import { problemOf } from '../../api/problem';
import { mayWrite, useHere } from '../../app/session';
import { useProblemText } from '../../language/problems';
import { ColumnTargets, targetsOf } from '../../parts/ColumnTargets';
import { Empty } from '../../parts/Empty';
import { FileButton } from '../../parts/FileButton';
import { Icon } from '../../parts/Icon';
import { ProblemNotice } from '../../parts/ProblemNotice';
import type { Import } from '../../parts/useFileImport';
import { TriedCard } from './TriedCard';
import { type Upload, useUpload } from './useLists';
import { useListWords } from './words';

const BEGUN = ['queued', 'running', 'succeeded', 'failed', 'cancelled'];
const PERSON = ['user_id', 'email', 'phone', 'line_id', 'anonymous_id'] as const;

export function UploadTab({ listId, onSeen }: { listId: string; onSeen: () => void }): ReactElement {
  const say = useListWords();
  const { role } = useHere();
  const upload = useUpload(listId);
  if (!mayWrite(role)) return <div className="card"><Empty icon="imports" title={say('uploadTab')} text={say('mayNot')} /></div>;
  const { data } = upload.found;
  if (upload.id === '') return <Choose upload={upload} />;
  if (upload.found.isError) return <ProblemNotice problem={problemOf(upload.found.error)} again={upload.restart} />;
  if (!data || data.state === 'reading' || data.state === 'waiting_for_file') return <section className="card"><Group gap="sm"><Loader size={18} aria-hidden="true" /><Text size="sm" role="status">{say('reading')}</Text></Group></section>;
  return (
    <Stack gap="md">
      <section className="card">
        <Group justify="space-between" gap="xs">
          <div style={{ minWidth: 0 }}>
            <Title order={2}>{say('step1')}</Title>
            <Text size="sm" c="dimmed" className="cut">{[data.file_name, data.found && `${data.found.format.toUpperCase()} · ${data.found.encoding}`].filter(Boolean).join(' · ')}</Text>
          </div>
          <Button variant="default" size="xs" onClick={upload.restart}>{say('another')}</Button>
        </Group>
        {data.state === 'unreadable' && <Alert color="red" mt="sm" title={say('unreadable')}>{data.problem}</Alert>}
      </section>
      {data.state === 'ready' && <Columns key={data.id} found={data} attempt={upload.attempt} />}
      {data.state === 'ready' && data.dry_run && <TriedCard found={data} tried={data.dry_run} apply={upload.apply} />}
      {BEGUN.includes(data.state) && <Applied found={data} onSeen={onSeen} onAnother={upload.restart} />}
    </Stack>
  );
}

function Choose({ upload }: { upload: Upload }): ReactElement {
  const say = useListWords();
  const [file, setFile] = useState<File | null>(null);
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (file) upload.send.mutate(file);
  }
  return (
    <form className="card" onSubmit={submit}>
      <Title order={2}>{say('step1')}</Title>
      <Text size="sm" c="dimmed" mb="sm">{say('fileHint')}</Text>
      <Group align="flex-end" gap="sm">
        <FileInput label={say('file')} placeholder={say('chooseFile')} flex="1 1 240px" maw={460} value={file} onChange={setFile} accept=".csv,.tsv,.txt,.jsonl,.ndjson,.parquet,.gz" leftSection={<Icon name="docs" size={16} />} />
        <Button type="submit" disabled={file === null} loading={upload.send.isPending} leftSection={<Icon name="imports" />}>{say('send')}</Button>
      </Group>
      {upload.send.isError && <div style={{ marginTop: 12 }}><ProblemNotice problem={problemOf(upload.send.error)} /></div>}
    </form>
  );
}

function Columns({ found, attempt }: { found: Import; attempt: Upload['attempt'] }): ReactElement {
  const say = useListWords();
  const problemText = useProblemText();
  const [targets, setTargets] = useState(() => targetsOf(found));
  const chosen = Object.entries(targets).filter(([, to]) => (PERSON as readonly string[]).includes(to)).map(([column, to]) => ({ column, to }));
  const told = chosen.map(({ to }) => to as (typeof PERSON)[number]);
  const twice = told.find((to, index) => told.indexOf(to) !== index);
  const missing = twice ? say('twice', { target: say(twice) }) : told.length === 0 ? say('needPerson') : null;
  return (
    <section className="card">
      <Title order={2} mb="xs">{say('step2')}</Title>
      <ColumnTargets label={say('step2')} heads={{ column: say('column'), becomes: say('becomes'), samples: say('samples') }} found={found} choices={[{ value: '', label: say('leaveOut') }, ...PERSON.map((one) => ({ value: one, label: say(one) }))]} targets={targets} onChange={setTargets} />
      <Group mt="sm" gap="sm">
        <Button variant={found.dry_run ? 'default' : 'filled'} disabled={missing !== null} loading={attempt.isPending} onClick={() => attempt.mutate(chosen)}>{say(found.dry_run ? 'tryAgain' : 'keep')}</Button>
        {missing && <Text size="sm" c="dimmed" role="status">{missing}</Text>}
      </Group>
      {attempt.isError && <Text size="sm" c="var(--bad)" role="alert" mt="sm">{problemText(problemOf(attempt.error))} {problemOf(attempt.error).faults.map((fault) => fault.detail).join(' ')}</Text>}
    </section>
  );
}

function Applied({ found, onSeen, onAnother }: { found: Import; onSeen: () => void; onAnother: () => void }): ReactElement {
  const say = useListWords();
  const { format } = useHere();
  const { progress } = found;
  const open = found.state === 'queued' || found.state === 'running';
  return (
    <section className="card" aria-live="polite">
      <Title order={2} mb="xs">{say('step4')}</Title>
      {open && <><Text size="sm" c="dimmed" mb="xs">{say('applying')}</Text><Progress value={100 * (progress?.share ?? 0)} size={8} aria-label={say('applying')} /></>}
      {found.state === 'failed' && <Alert color="red" title={say('failed')}>{progress?.message}</Alert>}
      {found.state === 'cancelled' && <Text size="sm">{say('cancelled')}</Text>}
      {found.state === 'succeeded' && progress && (
        <>
          <Text>{say('done', { rows: format.number(progress.rows), unmatched: format.number(progress.unmatched) })}</Text>
          <Group gap="xs" mt="sm">
            <Button onClick={onSeen}>{say('see')}</Button>
            {progress.rejected > 0 && <FileButton path={`/v1/imports/${found.id}/rejected/file`} size="sm">{say('allRows')}</FileButton>}
            <Button variant="subtle" onClick={onAnother}>{say('another')}</Button>
          </Group>
        </>
      )}
    </section>
  );
}
