/** A new password by the link of a letter. */

import { Anchor, Button } from '@mantine/core';
import { type ReactElement, useState } from 'react';
import { answer, api } from '../../api/client';
import { PasswordField } from '../../parts/PasswordField';
import { Sheet } from './Sheet';
import { useAttempt } from './useAttempt';
import { useSignInWords } from './words';

/** Taken out of the address at once: it must not stay in the history. */
function tokenOfAddress(): string {
  const token = location.hash.slice(1);
  if (token) history.replaceState(null, '', location.pathname);
  return token;
}

export function Page(): ReactElement {
  const say = useSignInWords();
  const [token] = useState(tokenOfAddress);
  const attempt = useAttempt(token ? '' : say('linkNeeded'));
  const set = (password: string) => attempt.run(async () => {
    await answer(api.POST('/v1/password-resets/completion', { body: { token, password } }));
    location.replace('/sign-in#password-set=1');
  });
  return (
    <Sheet id="reset" title={say('resetTitle')} problem={attempt.problem} onSubmit={(field) => void set(field('password'))}>
      <PasswordField name="password" label={say('newPassword')} fresh hint={say('passwordHint')} disabled={!token} autoFocus={token !== ''} />
      <Button type="submit" size="md" loading={attempt.busy} disabled={!token}>{say('setPassword')}</Button>
      <Anchor href="/sign-in" size="sm" ta="center">{say('back')}</Anchor>
    </Sheet>
  );
}
