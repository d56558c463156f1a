/** Which column of the file names the person, and which has the value. */

import { Button, Group, NativeSelect, Text, Title } from '@mantine/core';
import { type ReactElement, useState } from 'react';
import { problemOf } from '../../api/problem';
import { useProblemText } from '../../language/problems';
import type { ExternalGene } from './useExternalGenes';
import type { Import, useUpload } from './useUpload';
import { useExternalWords } from './words';

const PERSON = ['user_id', 'email', 'phone', 'line_id'] as const;
const SHOWN_SAMPLES = 3;

interface Props {
  found: Import;
  gene: ExternalGene;
  attempt: ReturnType<typeof useUpload>['attempt'];
}

export function ColumnsForm({ found, gene, attempt }: Props): ReactElement {
  const say = useExternalWords();
  const problemText = useProblemText();
  const began = found.mapping ?? found.suggested;
  const [targets, setTargets] = useState<Record<string, string>>(() => Object.fromEntries(found.columns.map(({ column }) => [column, began?.columns?.find((one) => one.column === column)?.to ?? ''])));
  const names = { user_id: say('user_id'), email: say('email'), phone: say('phone'), line_id: say('line_id'), value: say('theValue', { type: say(gene.type) }) };
  const chosen = Object.entries(targets).filter(([, to]) => to !== '').map(([column, to]) => ({ column, to }));
  const told = chosen.map(({ to }) => to);
  const twice = told.find((to, index) => told.indexOf(to) !== index);
  const missing = twice ? say('twice', { target: names[twice as keyof typeof names] ?? twice }) : !told.some((to) => to !== 'value') ? say('needPerson') : !told.includes('value') ? say('needValue') : null;
  const others = told.filter((to) => !(to in names));
  const choices = [{ value: '', label: say('leaveOut') }, ...[...PERSON, 'value' as const].map((one) => ({ value: one, label: names[one] })), ...others.map((one) => ({ value: one, label: one }))];
  return (
    <section className="card">
      <Title order={2} mb="xs">{say('step2')}</Title>
      <div className="wide" tabIndex={0} role="region" aria-label={say('step2')}>
        <table className="rows columns">
          <thead><tr><th>{say('column')}</th><th>{say('becomes')}</th><th>{say('samples')}</th></tr></thead>
          <tbody>
            {found.columns.map(({ column, samples }) => (
              <tr key={column}>
                <th scope="row">{column}</th>
                <td><NativeSelect aria-label={`${column}: ${say('becomes')}`} size="xs" miw={150} value={targets[column] ?? ''} onChange={(event) => setTargets({ ...targets, [column]: event.currentTarget.value })} data={choices} /></td>
                <td><Text size="xs" c="dimmed" className="cut" maw={320}>{samples.slice(0, SHOWN_SAMPLES).join('、')}</Text></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Group mt="sm" gap="sm">
        <Button variant={found.dry_run ? 'default' : 'filled'} disabled={missing !== null} loading={attempt.isPending} onClick={() => attempt.mutate(chosen)}>{say(found.dry_run ? 'tryAgain' : 'keep')}</Button>
        {missing && <Text size="sm" c="dimmed" role="status">{missing}</Text>}
      </Group>
      {attempt.isError && <Text size="sm" c="var(--bad)" role="alert" mt="sm">{problemText(problemOf(attempt.error))} {problemOf(attempt.error).faults.map((fault) => fault.detail).join(' ')}</Text>}
    </section>
  );
}
