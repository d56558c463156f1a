/** Asks again who one is, before something that opens an account. */

import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, type ReactElement, useState } from 'react';
import { answer, api, type Schemas } from '../../api/client';
import { askPasskey, passkeysWork } from '../../api/passkeys';
import { problemOf } from '../../api/problem';
import { useProblemText } from '../../language/problems';
import { useShared } from '../../language/shared';
import { PasswordField } from '../../parts/PasswordField';
import type { Account } from './useAccount';
import { useAccountWords } from './words';

export function FreshDialog({ account, close }: { account: Account; close: (shown: boolean) => void }): ReactElement {
  const say = useAccountWords();
  const shared = useShared();
  const textOf = useProblemText();
  const [problem, setProblem] = useState('');
  const [busy, setBusy] = useState(false);
  async function show(proof: () => Promise<Schemas['RenewalBody']>): Promise<void> {
    setBusy(true);
    setProblem('');
    try {
      await answer(api.POST('/v1/session/renewal', { body: await proof() }));
      close(true);
    } catch (error) {
      setProblem(error instanceof DOMException ? say('passkeyFailed') : textOf(problemOf(error)));
    } finally {
      setBusy(false);
    }
  }
  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    void show(async () => ({ password: String(fields.get('password')), code: String(fields.get('code') ?? '') }));
  }
  return (
    <Modal opened onClose={() => close(false)} title={say('freshTitle')} closeButtonProps={{ 'aria-label': shared('close') }}>
      <Stack gap="sm">
        <Text size="sm" c="dimmed">{say('freshHint')}</Text>
        {problem && <p className="notice bad" role="alert" style={{ margin: 0 }}>{problem}</p>}
        {account.has_password && (
          <form onSubmit={submit}>
            <Stack gap="sm">
              <PasswordField name="password" label={say('password')} autoFocus />
              {account.has_authenticator && <TextInput name="code" label={say('code')} required withAsterisk={false} maxLength={40} autoComplete="one-time-code" />}
              <Button type="submit" loading={busy}>{shared('confirm')}</Button>
            </Stack>
          </form>
        )}
        <Group justify="flex-end" gap="xs">
          {account.passkeys > 0 && passkeysWork() && <Button variant="default" disabled={busy} onClick={() => void show(askPasskey)}>{say('usePasskey')}</Button>}
          <Button variant="default" onClick={() => close(false)}>{shared('cancel')}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
