/** Says in whose shop an operator acts, until they stop; nothing for everybody else. */

import { Alert, Button, Group, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import { api } from '../api/client';
import type { Here } from './session';
import { useFrameWords } from './words';

export function ActingBanner({ here }: { here: Here }): ReactElement | null {
  const say = useFrameWords();
  const acting = here.session.acting;
  if (!acting) return null;
  async function stop(id: string): Promise<void> {
    // Whatever it answers: when it ended meanwhile, the next page shows so.
    await api.DELETE('/v1/operator/impersonations/{impersonation_id}', { params: { path: { impersonation_id: id } } });
    location.assign('/operator');
  }
  return (
    <Alert color="orange" mb="md" role="status" className="acting">
      <Group justify="space-between">
        <Text size="sm">{say('acting', { shop: here.tenant.name, until: here.format.time(acting.ends_at) })}</Text>
        <Button size="xs" variant="default" onClick={() => void stop(acting.impersonation_id)}>{say('stopActing')}</Button>
      </Group>
    </Alert>
  );
}
