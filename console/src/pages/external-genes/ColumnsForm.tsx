/** Which column of the file names the person, and which has the value. */

import { Button, Group, Text, Title } from '@mantine/core';
import { type ReactElement, useState } from 'react';
import { problemOf } from '../../api/problem';
import { useProblemText } from '../../language/problems';
import { ColumnTargets, targetsOf } from '../../parts/ColumnTargets';
import type { Import } from '../../parts/useFileImport';
import type { ExternalGene } from './useExternalGenes';
import type { Upload } from './useUpload';
import { useExternalWords } from './words';

const PERSON = ['user_id', 'email', 'phone', 'line_id'] as const;

interface Props {
  found: Import;
  gene: ExternalGene;
  attempt: Upload['attempt'];
}

export function ColumnsForm({ found, gene, attempt }: Props): ReactElement {
  const say = useExternalWords();
  const problemText = useProblemText();
  const [targets, setTargets] = useState(() => targetsOf(found));
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
      <ColumnTargets label={say('step2')} heads={{ column: say('column'), becomes: say('becomes'), samples: say('samples') }} found={found} choices={choices} targets={targets} onChange={setTargets} />
      <Group mt="sm" gap="sm">
        <Button variant={found.dry_run ? 'default' : 'filled'} disabled={missing !== null} loading={attempt.isPending} onClick={() => attempt.mutate(chosen)}>{say(found.dry_run ? 'tryAgain' : 'keep')}</Button>
        {missing && <Text size="sm" c="dimmed" role="status">{missing}</Text>}
      </Group>
      {attempt.isError && <Text size="sm" c="var(--bad)" role="alert" mt="sm">{problemText(problemOf(attempt.error))} {problemOf(attempt.error).faults.map((fault) => fault.detail).join(' ')}</Text>}
    </section>
  );
}
