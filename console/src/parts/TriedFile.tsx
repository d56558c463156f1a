/** What a file would do, as it was tried: how many match, which rows are bad and why; then it takes effect, in one of several ways. */

import { Alert, Button, Group, Loader, Radio, Stack, Text, Title } from '@mantine/core';
import type { UseMutationResult } from '@tanstack/react-query';
import { type ReactElement, type ReactNode, useState } from 'react';
import type { Schemas } from '../api/client';
import { problemOf } from '../api/problem';
import { useFormat } from '../app/session';
import { useProblemText } from '../language/problems';
import { FileButton } from './FileButton';
import type { Import } from './useFileImport';
import './tried.css';

type DryRun = Schemas['DryRun'];

/** What a page calls things. */
export interface TriedWords {
  tryTitle: string;
  trying: string;
  failed: string;
  applyTitle: string;
  nothing: string;
  how: string;
  apply: string;
  applyHint?: string;
  badRows: string;
  allRows: string;
  line: (count: number) => string;
  first: (count: number) => string;
  reasons: Readonly<Record<string, string>>;
}

export interface Way<Mode extends string> {
  mode: Mode;
  label: string;
  hint: string;
}

interface Props<Mode extends string> {
  found: Import;
  tried: DryRun;
  apply: UseMutationResult<unknown, Error, Mode>;
  say: TriedWords;
  figures: readonly { label: string; value: number | null; share?: boolean }[];
  /** The first is chosen. */
  ways: readonly [Way<Mode>, ...Way<Mode>[]];
  /** How many rows could do anything. */
  usable: number;
  /** More to say of the figures. */
  children?: ReactNode;
}

export function TriedFile<Mode extends string>({ found, tried, apply, say, figures, ways, usable, children }: Props<Mode>): ReactElement {
  const format = useFormat();
  const problemText = useProblemText();
  const [chosen, choose] = useState(ways[0].mode);
  if (tried.state === 'queued' || tried.state === 'running') return <section className="card"><Title order={2} mb="xs">{say.tryTitle}</Title><Group gap="sm"><Loader size={18} aria-hidden="true" /><Text size="sm" role="status">{say.trying}</Text></Group></section>;
  return (
    <>
      <section className="card">
        <Title order={2} mb="sm">{say.tryTitle}</Title>
        {tried.state !== 'succeeded' && <Alert color="red" title={say.failed}>{tried.message}</Alert>}
        <div className="tried-figures">
          {figures.map(({ label, value, share }) => (
            <div key={label}><Text size="sm" c="dimmed">{label}</Text><div className="figure">{value === null ? '–' : share ? format.share(value) : format.number(value)}</div></div>
          ))}
        </div>
        {children}
        {tried.rejected > 0 && <BadRows found={found} tried={tried} say={say} />}
      </section>
      {tried.state === 'succeeded' && (
        <section className="card">
          <Title order={2} mb="xs">{say.applyTitle}</Title>
          {usable === 0 ? <Text size="sm" c="var(--bad)">{say.nothing}</Text> : (
            <Stack gap="sm">
              <Radio.Group label={say.how} value={chosen} onChange={(next) => choose(next as Mode)}>
                <Stack gap={8} mt={6}>{ways.map((one) => <Radio key={one.mode} value={one.mode} label={one.label} description={one.hint} />)}</Stack>
              </Radio.Group>
              <Group gap="sm"><Button loading={apply.isPending} onClick={() => apply.mutate(chosen)}>{say.apply}</Button>{say.applyHint && <Text size="sm" c="dimmed">{say.applyHint}</Text>}</Group>
              {apply.isError && <Text size="sm" c="var(--bad)" role="alert">{problemText(problemOf(apply.error))}</Text>}
            </Stack>
          )}
        </section>
      )}
    </>
  );
}

function BadRows({ found, tried, say }: { found: Import; tried: DryRun; say: TriedWords }): ReactElement {
  const format = useFormat();
  const reason = (code: string): string => say.reasons[code] ?? code;
  return (
    <>
      <Group justify="space-between" mt="md" mb={4} gap="xs">
        <Text fw={600} size="sm">{say.badRows}</Text>
        <FileButton path={`/v1/imports/${found.id}/dry-run/rejected/file`}>{say.allRows}</FileButton>
      </Group>
      <Text size="sm" mb="xs">{Object.entries(tried.rejected_by_reason).map(([code, rows]) => `${reason(code)} ${format.number(rows)}`).join(' · ')}</Text>
      <div className="wide" tabIndex={0} role="region" aria-label={say.badRows}>
        <table className="rows"><tbody>
          {tried.bad_rows.map((row) => (
            <tr key={String(row['line'])}>
              <td style={{ whiteSpace: 'nowrap' }}>{say.line(Number(row['line']))}</td>
              <td style={{ minWidth: 150 }}>{reason(String(row['reason']))}</td>
              <td><Text size="xs" c="dimmed" className="cut" maw={420}>{cells(row['row'], found.columns.map(({ column }) => column))}</Text></td>
            </tr>
          ))}
        </tbody></table>
      </div>
      {tried.rejected > tried.bad_rows.length && <Text size="xs" c="dimmed" mt={4}>{say.first(tried.bad_rows.length)}</Text>}
    </>
  );
}

/** A row as it was: its cells in the file's order, or its text where it has no columns. */
function cells(row: unknown, columns: readonly string[]): string {
  if (typeof row !== 'object' || row === null) return String(row ?? '');
  const told = row as Record<string, unknown>;
  return columns.map((column) => String(told[column] ?? '') || '–').join(' · ');
}
