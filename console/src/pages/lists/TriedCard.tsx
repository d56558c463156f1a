/** What a file would do to a list: who is matched, which rows are bad; and doing it. */

import { Alert, Button, Group, Loader, Radio, Stack, Text, Title } from '@mantine/core';
import { type ReactElement, useState } from 'react';
import type { Schemas } from '../../api/client';
import { problemOf } from '../../api/problem';
import { useHere } from '../../app/session';
import { useProblemText } from '../../language/problems';
import { FileButton } from '../../parts/FileButton';
import type { Import } from '../../parts/useFileImport';
import type { Mode, Upload } from './useLists';
import { useListWords } from './words';
import './lists.css';

const MODES: readonly { mode: Mode; word: 'append' | 'replace' | 'remove_' }[] = [{ mode: 'append', word: 'append' }, { mode: 'replace', word: 'replace' }, { mode: 'remove', word: 'remove_' }];
const REASONS = ['NO_PERSON', 'DUPLICATE_PERSON', 'ROW_NOT_READABLE', 'VALUE_NOT_VALID'] as const;
type Reason = (typeof REASONS)[number];

export function TriedCard({ found, tried, apply }: { found: Import; tried: Schemas['DryRun']; apply: Upload['apply'] }): ReactElement {
  const say = useListWords();
  const { format } = useHere();
  const problemText = useProblemText();
  const [mode, setMode] = useState<Mode>('append');
  if (tried.state === 'queued' || tried.state === 'running') return <section className="card"><Title order={2} mb="xs">{say('step3')}</Title><Group gap="sm"><Loader size={18} aria-hidden="true" /><Text size="sm" role="status">{say('trying')}</Text></Group></section>;
  return (
    <>
      <section className="card">
        <Title order={2} mb="sm">{say('step3')}</Title>
        {tried.state !== 'succeeded' && <Alert color="red" title={say('tryFailed')}>{tried.message}</Alert>}
        <div className="list-figures">
          <div><Text size="sm" c="dimmed">{say('matchRate')}</Text><div className="figure">{tried.match_rate === null ? '–' : format.share(tried.match_rate)}</div></div>
          <div><Text size="sm" c="dimmed">{say('matched')}</Text><div className="figure">{format.number(tried.matched)}</div></div>
          <div><Text size="sm" c="dimmed">{say('noMatch')}</Text><div className="figure">{format.number(tried.unmatched)}</div></div>
          <div><Text size="sm" c="dimmed">{say('rejected')}</Text><div className="figure">{format.number(tried.rejected)}</div></div>
        </div>
        {tried.unmatched > 0 && (
          <Text size="sm" c="dimmed" mt="sm">{say('usedHint', { n: format.number(tried.unmatched) })} {say('unmatchedLines', { lines: tried.unmatched_lines.join(say('linesSeparator')) })}{tried.unmatched > tried.unmatched_lines.length && ` ${say('andMore')}`}</Text>
        )}
        {tried.rejected > 0 && <BadRows id={found.id} tried={tried} />}
      </section>
      {tried.state === 'succeeded' && (
        <section className="card">
          <Title order={2} mb="xs">{say('step4')}</Title>
          {tried.matched + tried.unmatched === 0 ? <Text size="sm" c="var(--bad)">{say('nothing')}</Text> : (
            <Stack gap="sm">
              <Radio.Group label={say('how')} value={mode} onChange={(next) => setMode(next as Mode)}>
                <Stack gap={8} mt={6}>{MODES.map((one) => <Radio key={one.mode} value={one.mode} label={say(one.word)} description={say(`${one.word}Hint`)} />)}</Stack>
              </Radio.Group>
              <Group gap="sm"><Button loading={apply.isPending} onClick={() => apply.mutate(mode)}>{say('apply')}</Button></Group>
              {apply.isError && <Text size="sm" c="var(--bad)" role="alert">{problemText(problemOf(apply.error))}</Text>}
            </Stack>
          )}
        </section>
      )}
    </>
  );
}

function BadRows({ id, tried }: { id: string; tried: Schemas['DryRun'] }): ReactElement {
  const say = useListWords();
  const { format } = useHere();
  const reason = (code: string) => (REASONS.includes(code as Reason) ? say(code as Reason) : code);
  return (
    <>
      <Group justify="space-between" mt="md" mb={4} gap="xs">
        <Text fw={600} size="sm">{say('badRows')}</Text>
        <FileButton path={`/v1/imports/${id}/dry-run/rejected/file`}>{say('allRows')}</FileButton>
      </Group>
      <Text size="sm" mb="xs">{Object.entries(tried.rejected_by_reason).map(([code, rows]) => `${reason(code)} ${format.number(rows)}`).join(' · ')}</Text>
      <div className="wide" tabIndex={0} role="region" aria-label={say('badRows')}>
        <table className="rows"><tbody>
          {tried.bad_rows.map((row) => (
            <tr key={String(row['line'])}><td style={{ whiteSpace: 'nowrap' }}>{say('line', { count: Number(row['line']) })}</td><td>{reason(String(row['reason']))}</td><td><Text size="xs" c="dimmed" className="cut" maw={420}>{cells(row['row'])}</Text></td></tr>
          ))}
        </tbody></table>
      </div>
      {tried.rejected > tried.bad_rows.length && <Text size="xs" c="dimmed" mt={4}>{say('firstRows', { count: tried.bad_rows.length })}</Text>}
    </>
  );
}

/** A row as it was: its cells, or its text where it has no columns. */
function cells(row: unknown): string {
  return typeof row === 'object' && row !== null ? Object.values(row).map((one) => String(one ?? '')).join('、') : String(row ?? '');
}
