/** Looking at another shop in this tab; another tab may look at another. */

import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { answer, api, rememberTenant } from '../api/client';

export function useChooseTenant(): (id: string) => Promise<void> {
  const questions = useQueryClient();
  const navigate = useNavigate();
  return async (id) => {
    rememberTenant(id);
    // What a new tab opens with.
    await answer(api.PUT('/v1/session/tenant', { body: { tenant_id: id } }));
    // No number of the shop before may stay on the screen.
    await navigate({ to: '/' });
    await questions.resetQueries();
  };
}
