/** Another password, by the one that is known. */

import { Button, Group, Stack, TextInput } from '@mantine/core';
import type { FormEvent, ReactElement } from 'react';
import { answer, api } from '../../api/client';
import { PasswordField } from '../../parts/PasswordField';
import { Card } from './Card';
import type { Account } from './useAccount';
import { useDeed } from './useDeed';
import { useAccountWords } from './words';

export function PasswordCard({ account }: { account: Account }): ReactElement {
  const say = useAccountWords();
  const deed = useDeed(account);
  async function change(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const told = (name: string) => String(fields.get(name) ?? '');
    const body = { current: told('current'), password: told('password'), code: told('code') };
    if (await deed.run(() => answer(api.PUT('/v1/account/password', { body })), say('passwordChanged'))) form.reset();
  }
  if (!account.has_password) return <Card id="password" title={say('password')} hint={say('noPassword')} />;
  return (
    <Card id="password" title={say('password')}>
      {deed.told}
      <form onSubmit={(event) => void change(event)}>
        {/* Whoever keeps passwords learns whose this is. */}
        <input type="text" name="username" autoComplete="username" value={account.email} readOnly hidden />
        <Stack gap="sm">
          <PasswordField name="current" label={say('currentPassword')} />
          <PasswordField name="password" label={say('newPassword')} fresh hint={say('passwordHint')} />
          {account.has_authenticator && <TextInput name="code" label={say('code')} required withAsterisk={false} maxLength={40} autoComplete="one-time-code" spellCheck={false} />}
          <Group><Button type="submit" loading={deed.busy}>{say('changePassword')}</Button></Group>
        </Stack>
      </form>
    </Card>
  );
}
