/** Bringing values from a file: choose it, say what its columns are, try it, make it take effect. */

import { Alert, Button, FileInput, Group, Loader, Progress, Stack, Text, Title } from '@mantine/core';
import { type FormEvent, type ReactElement, useState } from 'react';
import { problemOf } from '../../api/problem';
import { mayWrite, useHere } from '../../app/session';
import { Empty } from '../../parts/Empty';
import { FileButton } from '../../parts/FileButton';
import { Icon } from '../../parts/Icon';
import { ProblemNotice } from '../../parts/ProblemNotice';
import type { Import } from '../../parts/useFileImport';
import { ColumnsForm } from './ColumnsForm';
import { DryRunCard } from './DryRunCard';
import type { ExternalGene } from './useExternalGenes';
import { type Upload, useUpload } from './useUpload';
import { useExternalWords } from './words';
import './external.css';

const BEGUN = ['queued', 'running', 'succeeded', 'failed', 'cancelled'];

export function UploadTab({ gene, onSeen }: { gene: ExternalGene; onSeen: () => void }): ReactElement {
  const say = useExternalWords();
  const { role } = useHere();
  const upload = useUpload(gene.id);
  if (!mayWrite(role)) return <div className="card"><Empty icon="upload" title={say('upload')} text={say('mayNot')} /></div>;
  const { data } = upload.found;
  if (upload.id === '') return <Choose upload={upload} gene={gene} />;
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
      {data.state === 'ready' && <ColumnsForm key={data.id} found={data} gene={gene} attempt={upload.attempt} />}
      {data.state === 'ready' && data.dry_run && <DryRunCard found={data} tried={data.dry_run} apply={upload.apply} />}
      {BEGUN.includes(data.state) && <Applied found={data} onSeen={onSeen} />}
    </Stack>
  );
}

function Choose({ upload, gene }: { upload: Upload; gene: ExternalGene }): ReactElement {
  const say = useExternalWords();
  const [file, setFile] = useState<File | null>(null);
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (file) upload.send.mutate(file);
  }
  return (
    <form className="card" onSubmit={submit}>
      <Title order={2}>{say('step1')}</Title>
      <Text size="sm" c="dimmed" mb="sm">{say('fileHint')} {say(`hint_${gene.type}`)}</Text>
      <Group align="flex-end" gap="sm">
        <FileInput label={say('file')} placeholder={say('chooseFile')} flex="1 1 240px" maw={460} value={file} onChange={setFile} accept=".csv,.tsv,.txt,.parquet,.gz" leftSection={<Icon name="docs" size={16} />} />
        <Button type="submit" disabled={file === null} loading={upload.send.isPending} leftSection={<Icon name="upload" />}>{say('send')}</Button>
      </Group>
      {upload.send.isError && <div style={{ marginTop: 12 }}><ProblemNotice problem={problemOf(upload.send.error)} /></div>}
      <Text size="xs" c="dimmed" mt="md" style={{ overflowWrap: 'anywhere' }}>{say('api', { id: gene.id })}</Text>
    </form>
  );
}

function Applied({ found, onSeen }: { found: Import; onSeen: () => void }): ReactElement {
  const say = useExternalWords();
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
          <Text>{say('done', { matched: format.number(progress.accepted) })}</Text>
          {progress.rejected > 0 && <Text size="sm" c="dimmed">{say('doneRejected', { count: format.number(progress.rejected) })}</Text>}
          <Group gap="xs" mt="sm">
            <Button onClick={onSeen} leftSection={<Icon name="chart" />}>{say('seeValues')}</Button>
            {progress.rejected > 0 && <FileButton path={`/v1/imports/${found.id}/rejected/file`} size="sm">{say('downloadRejected')}</FileButton>}
          </Group>
        </>
      )}
    </section>
  );
}
