/** Has the shop's own page looked at: is the tracking code there, and what keeps it from working. */

import { Button, Text, TextInput } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactElement, useState } from 'react';
import { answer, api } from '../../api/client';
import { problemOf } from '../../api/problem';
import type { components } from '../../api/schema';
import { useFormat, useHere } from '../../app/session';
import { Icon } from '../../parts/Icon';
import { ProblemNotice } from '../../parts/ProblemNotice';
import { useFindingWords } from './findingWords';
import { addressOf } from './codes';
import { useInstallWords } from './words';

type Finding = components['schemas']['FindingAnswer'];

const NOT_REACHABLE = 'ADDRESS_NOT_REACHABLE';
const ICONS = { bad: 'close', warning: 'warn', note: 'bolt', good: 'check' } as const;
const ORDER: readonly Finding['level'][] = ['bad', 'warning', 'note', 'good'];

export function PageCheck(): ReactElement {
  const say = useInstallWords();
  const format = useFormat();
  const { tenant } = useHere();
  const [kept, keep] = useLocalStorage({ key: `install-page.${tenant.id}`, defaultValue: '', getInitialValueInEffect: false });
  const [typed, setTyped] = useState(kept);
  const look = useMutation({ mutationFn: (url: string) => answer(api.POST('/v1/installation-checks', { body: { url } })) });
  function submit(event: FormEvent): void {
    event.preventDefault();
    const url = addressOf(typed);
    setTyped(url);
    keep(url);
    look.mutate(url);
  }
  const problem = look.isError ? problemOf(look.error) : null;
  return (
    <form onSubmit={submit} className="look">
      <TextInput
        label={say('page')} description={say('pageText')} placeholder="https://www.shop.example" inputMode="url" autoComplete="url" required withAsterisk={false} maxLength={2000}
        value={typed} onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" leftSection={<Icon name="search" />} loading={look.isPending}>{say('look')}</Button>
      <div className="looked" role="status">
        {problem?.code === NOT_REACHABLE && <Line level="bad">{say('notReachable')}</Line>}
        {look.data && !look.isPending && (
          <>
            <Text size="sm" fw={600}>{look.data.findings.some((one) => one.level === 'bad') ? say('lookedBad') : say('lookedGood')}</Text>
            <Text size="xs" c="dimmed" mb={6} style={{ overflowWrap: 'anywhere' }}>{look.data.url} · {format.clock(look.data.checked_at)}</Text>
            <Findings of={look.data.findings} />
          </>
        )}
      </div>
      {problem && problem.code !== NOT_REACHABLE && <ProblemNotice problem={problem} />}
    </form>
  );
}

/** What must be mended first. */
function Findings({ of }: { of: readonly Finding[] }): ReactElement {
  const tell = useFindingWords() as (code: string, facts: Record<string, string>) => string;
  const sorted = [...of].sort((one, other) => ORDER.indexOf(one.level) - ORDER.indexOf(other.level));
  return <ul className="findings">{sorted.map((one) => <li key={one.code}><Line level={one.level}>{tell(one.code, one.facts)}</Line></li>)}</ul>;
}

function Line({ level, children }: { level: Finding['level']; children: string }): ReactElement {
  return <span className={`finding ${level}`}><Icon name={ICONS[level]} size={16} /><span>{children}</span></span>;
}
