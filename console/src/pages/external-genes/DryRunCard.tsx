/** What the file would do: how many people match, which rows are left out and why; then it takes effect. */

import { Alert, Button, Group, Loader, Radio, Stack, Text, Title } from '@mantine/core';
import { type ReactElement, useState } from 'react';
import type { Schemas } from '../../api/client';
import { problemOf } from '../../api/problem';
import { useHere } from '../../app/session';
import { useProblemText } from '../../language/problems';
import { FileButton } from '../../parts/FileButton';
import type { Import } from '../../parts/useFileImport';
import type { Mode, Upload } from './useUpload';
import { useExternalWords } from './words';

const MODES = ['merge', 'replace', 'remove'] as const;
const REASONS = ['NO_PERSON', 'NOT_MATCHED', 'DUPLICATE_PERSON', 'VALUE_NOT_VALID', 'ROW_NOT_READABLE'] as const;
type Reason = (typeof REASONS)[number];

interface Props {
  found: Import;
  tried: Schemas['DryRun'];
  apply: Upload['apply'];
}

export function DryRunCard({ found, tried, apply }: Props): ReactElement {
  const say = useExternalWords();
  const { format } = useHere();
  const problemText = useProblemText();
  const [mode, setMode] = useState<Mode>('merge');
  if (tried.state === 'queued' || tried.state === 'running') return <section className="card"><Title order={2} mb="xs">{say('step3')}</Title><Group gap="sm"><Loader size={18} aria-hidden="true" /><Text size="sm" role="status">{say('trying')}</Text></Group></section>;
  return (
    <>
      <section className="card">
        <Title order={2} mb="sm">{say('step3')}</Title>
        {tried.state !== 'succeeded' && <Alert color="red" title={say('tryFailed')}>{tried.message}</Alert>}
        <div className="tried">
          <div><Text size="sm" c="dimmed">{say('matchRate')}</Text><div className="figure">{tried.match_rate === null ? '–' : format.share(tried.match_rate)}</div></div>
          <div><Text size="sm" c="dimmed">{say('accepted')}</Text><div className="figure">{format.number(tried.accepted)}</div></div>
          <div><Text size="sm" c="dimmed">{say('rejected')}</Text><div className="figure">{format.number(tried.rejected)}</div></div>
        </div>
        {tried.rejected > 0 && <LeftOut found={found} tried={tried} />}
      </section>
      {tried.state === 'succeeded' && (
        <section className="card">
          <Title order={2} mb="xs">{say('step4')}</Title>
          {tried.accepted === 0 ? <Text size="sm" c="var(--bad)">{say('nothingToApply')}</Text> : (
            <Stack gap="sm">
              <Radio.Group label={say('how')} value={mode} onChange={(next) => setMode(next as Mode)}>
                <Stack gap={8} mt={6}>{MODES.map((one) => <Radio key={one} value={one} label={say(one)} description={say(`${one}Hint`)} />)}</Stack>
              </Radio.Group>
              <Group gap="sm"><Button loading={apply.isPending} onClick={() => apply.mutate(mode)}>{say('apply')}</Button><Text size="sm" c="dimmed">{say('applyHint')}</Text></Group>
              {apply.isError && <Text size="sm" c="var(--bad)" role="alert">{problemText(problemOf(apply.error))}</Text>}
            </Stack>
          )}
        </section>
      )}
    </>
  );
}

function LeftOut({ found, tried }: { found: Import; tried: Schemas['DryRun'] }): ReactElement {
  const say = useExternalWords();
  const { format } = useHere();
  const reason = (code: string) => (REASONS.includes(code as Reason) ? say(code as Reason) : code);
  return (
    <>
      <Group justify="space-between" mt="md" mb={4} gap="xs">
        <Text fw={600} size="sm">{say('badRows')}</Text>
        <FileButton path={`/v1/imports/${found.id}/dry-run/rejected/file`}>{say('allRows')}</FileButton>
      </Group>
      <Text size="sm" mb="xs">{Object.entries(tried.rejected_by_reason).map(([code, rows]) => `${reason(code)} ${format.number(rows)}`).join(' · ')}</Text>
      <div className="wide" tabIndex={0} role="region" aria-label={say('badRows')}>
        <table className="rows"><tbody>
          {tried.bad_rows.map((row) => (
            <tr key={String(row['line'])}>
              <td style={{ whiteSpace: 'nowrap' }}>{say('line', { count: Number(row['line']) })}</td>
              <td style={{ minWidth: 150 }}>{reason(String(row['reason']))}</td>
              <td><Text size="xs" c="dimmed" className="cut" maw={420}>{cells(row['row'], found.columns.map(({ column }) => column))}</Text></td>
            </tr>
          ))}
        </tbody></table>
      </div>
      {tried.rejected > tried.bad_rows.length && <Text size="xs" c="dimmed" mt={4}>{say('firstRows', { count: tried.bad_rows.length })}</Text>}
    </>
  );
}

/** A row as it was: its cells in the file's order, or its text where it has no columns. */
function cells(row: unknown, columns: readonly string[]): string {
  if (typeof row !== 'object' || row === null) return String(row ?? '');
  const told = row as Record<string, unknown>;
  return columns.map((column) => String(told[column] ?? '') || '–').join('、');
}
