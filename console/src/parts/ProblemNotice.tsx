/** A failure in words, and what to do about it. */

import { Alert, Anchor, Button, Group, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Problem } from '../api/problem';
import { useProblemText } from '../language/problems';
import { useShared } from '../language/shared';
import { Icon } from './Icon';

export function ProblemNotice({ problem, again }: { problem: Problem; again?: () => void }): ReactElement {
  const say = useShared();
  const text = useProblemText();
  return (
    <Alert color="red" variant="light" icon={<Icon name="warn" />} title={say('failedTitle')} role="alert" styles={{ title: { color: 'var(--bad)' }, icon: { color: 'var(--bad)' } }}>
      <Text size="sm">{text(problem)}</Text>
      <Group gap="sm" mt="xs">
        {again && <Button size="xs" variant="default" onClick={again}>{say('again')}</Button>}
        {problem.status > 0 && (
          <Anchor size="xs" href={`/docs/errors#${problem.code}`} target="_blank" rel="noreferrer" underline="always">{say('errorDocs')}</Anchor>
        )}
        {problem.status >= 500 && problem.requestId && <Text size="xs" c="dimmed">{say('requestId', { id: problem.requestId })}</Text>}
      </Group>
    </Alert>
  );
}
