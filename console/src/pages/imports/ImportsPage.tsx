/** Files that were brought in, the way to bring in another, and what was set aside. */

import { Badge, Button, FileInput, Group, NativeSelect, Tabs, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactElement, useState } from 'react';
import { loaded } from '../../api/loaded';
import { problemOf } from '../../api/problem';
import { mayWrite, useHere } from '../../app/session';
import { Empty } from '../../parts/Empty';
import { Icon } from '../../parts/Icon';
import { PageHead } from '../../parts/PageHead';
import { ProblemNotice } from '../../parts/ProblemNotice';
import { Ready } from '../../parts/Ready';
import { useUrlState } from '../../parts/useUrlState';
import { BadRowsTab } from './BadRowsTab';
import { sendFile, useImportList } from './useImports';
import { useImportWords } from './words';

const KINDS = ['events', 'members', 'products', 'ad_costs'] as const;
type Kind = (typeof KINDS)[number];

export function Page(): ReactElement {
  const say = useImportWords();
  const [tab, setTab] = useUrlState('tab', 'files');
  return (
    <>
      <PageHead title={say('title')} lead={say('lead')} />
      <Tabs value={tab} onChange={(next) => setTab(next ?? 'files')} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="files">{say('files')}</Tabs.Tab>
          <Tabs.Tab value="bad">{say('badTab')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="files"><Files /></Tabs.Panel>
        <Tabs.Panel value="bad"><BadRowsTab /></Tabs.Panel>
      </Tabs>
    </>
  );
}

function Files(): ReactElement {
  const say = useImportWords();
  const { role, format } = useHere();
  const imports = loaded(useImportList());
  return (
    <>
      {mayWrite(role) && <Upload />}
      <Ready of={imports} height={240}>
        {(found) => (
          <div className="card flush">
            {found.imports.length === 0 ? <Empty icon="imports" title={say('noneTitle')} text={say('noneText')} /> : (
              <div className="wide" tabIndex={0} role="region" aria-label={say('title')}>
                <table className="rows">
                  <thead><tr><th>{say('file')}</th><th>{say('kind')}</th><th>{say('state')}</th><th className="number">{say('rows')}</th><th>{say('created')}</th></tr></thead>
                  <tbody>
                    {found.imports.map((one) => (
                      <tr key={one.id}>
                        <td>{one.kind === 'list' ? one.file_name : <Link to={`/imports/${one.id}` as string}>{one.file_name}</Link>}</td>
                        <td>{say(one.kind)}</td>
                        <td><Badge variant="light" tt="none" fw={550} color={one.state === 'failed' || one.state === 'unreadable' ? 'red' : one.state === 'succeeded' ? 'teal' : 'gray'}>{say(one.state)}</Badge></td>
                        <td className="number">{one.progress ? format.number(one.progress.rows) : '–'}</td>
                        <td><Text size="sm" c="dimmed" span>{format.time(one.created_at)}</Text></td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          </div>
        )}
      </Ready>
    </>
  );
}

function Upload(): ReactElement {
  const say = useImportWords();
  const navigate = useNavigate();
  const [said, setKind] = useUrlState('kind', 'events');
  const kind: Kind = KINDS.find((one) => one === said) ?? 'events';
  const [file, setFile] = useState<File | null>(null);
  const send = useMutation({
    mutationFn: (chosen: File) => sendFile(kind, chosen),
    onSuccess: (id) => navigate({ to: `/imports/${id}` } as never),
  });
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (file) send.mutate(file);
  }
  return (
    <form className="card" style={{ marginBottom: 16 }} onSubmit={submit}>
      <Group align="flex-end" gap="sm">
        <NativeSelect label={say('kind')} value={kind} onChange={(event) => setKind(event.currentTarget.value)} data={KINDS.map((one) => ({ value: one, label: say(one) }))} />
        <FileInput label={say('file')} placeholder={say('chooseFile')} flex="1 1 220px" maw={420} value={file} onChange={setFile} accept=".csv,.tsv,.txt,.json,.jsonl,.ndjson,.parquet,.gz" leftSection={<Icon name="docs" size={16} />} />
        <Button type="submit" disabled={file === null} loading={send.isPending} leftSection={<Icon name="imports" />}>{say('upload')}</Button>
      </Group>
      {send.isError && <div style={{ marginTop: 12 }}><ProblemNotice problem={problemOf(send.error)} /></div>}
    </form>
  );
}
