/** Whether the log is as it was written: checked when asked for, entry by entry. */

import { Button, Group, Text, Title } from '@mantine/core';
import type { ReactElement } from 'react';
import { problemOf } from '../../api/problem';
import { useHere } from '../../app/session';
import { Icon } from '../../parts/Icon';
import { ProblemNotice } from '../../parts/ProblemNotice';
import { useVerification } from './useAudit';
import { useAuditWords } from './words';

export function Proof(): ReactElement {
  const say = useAuditWords();
  const { format } = useHere();
  const { verdict, run } = useVerification();
  const broken = verdict?.state === 'broken';
  return (
    <section className="card">
      <Group justify="space-between" gap="sm">
        <div style={{ flex: '1 1 260px' }}><Title order={2}>{say('proof')}</Title><Text size="sm" c="dimmed">{say('proofText')}</Text></div>
        <Button variant="default" loading={run.isPending} onClick={() => run.mutate()}>{say('verify')}</Button>
      </Group>
      <div aria-live="polite" data-testid="verdict">
        {verdict && (
          <Group gap={8} mt="sm" wrap="nowrap" align="flex-start" c={broken ? 'var(--bad)' : 'var(--accent)'}>
            <Icon name={broken ? 'warn' : 'check'} />
            <div style={{ minWidth: 0 }}>
              <Text size="sm" fw={600}>
                {broken ? say('broken', { n: format.number(verdict.broken_at ?? 0), why: say(verdict.why ?? 'changed') }) : say(verdict.state === 'intact' ? 'intact' : 'verifying', { n: format.number(verdict.checked) })}
              </Text>
              {verdict.state === 'intact' && <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>{say('head', { head: verdict.head })}</Text>}
            </div>
          </Group>
        )}
      </div>
      {run.isError && <ProblemNotice problem={problemOf(run.error)} again={() => run.mutate()} />}
    </section>
  );
}
