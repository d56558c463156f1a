/** Which shop this tab looks at; another tab may look at another. */

import { NativeSelect } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { answer, api, rememberTenant } from '../api/client';
import type { Session } from './session';
import { useFrameWords } from './words';

export function TenantChoice({ session }: { session: Session }): ReactElement | null {
  const say = useFrameWords();
  const questions = useQueryClient();
  const navigate = useNavigate();
  if (session.tenants.length === 0) return null;

  async function choose(id: string): Promise<void> {
    rememberTenant(id);
    // What a new tab opens with.
    await answer(api.PUT('/v1/session/tenant', { body: { tenant_id: id } }));
    // No number of the shop before may stay on the screen.
    await navigate({ to: '/' });
    await questions.resetQueries();
  }

  return (
    <NativeSelect
      aria-label={say('shop')} data={session.tenants.map(({ id, name }) => ({ value: id, label: name }))} value={session.tenant_id}
      onChange={(event) => void choose(event.currentTarget.value)} w={{ base: 'auto', sm: 240 }} flex={{ base: 1, sm: 'none' }} miw={0}
      styles={{ input: { fontWeight: 600, textOverflow: 'ellipsis' } }}
    />
  );
}
