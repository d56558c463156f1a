/** Name, language of letters, and address. */

import { Button, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { type FormEvent, type ReactElement, useState } from 'react';
import { answer, api } from '../../api/client';
import { useShared } from '../../language/shared';
import { LANGUAGES } from '../../language/words';
import { Card } from './Card';
import type { Account } from './useAccount';
import { useDeed } from './useDeed';
import { useAccountWords } from './words';

const NAMES = { 'zh-TW': '繁體中文', en: 'English' };

export function ProfileCard({ account }: { account: Account }): ReactElement {
  const say = useAccountWords();
  const shared = useShared();
  const deed = useDeed(account);
  const [fields, setFields] = useState({ name: account.name, language: account.language });
  const [moving, setMoving] = useState(false);
  const changed = fields.name.trim() !== account.name || fields.language !== account.language;
  function save(event: FormEvent): void {
    event.preventDefault();
    void deed.run(() => answer(api.PATCH('/v1/account', { body: { ...fields, name: fields.name.trim() } })), say('saved'));
  }
  async function move(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const email = String(new FormData(event.currentTarget).get('email'));
    if (await deed.run(() => answer(api.POST('/v1/account/email', { body: { email } })), say('emailSent'))) setMoving(false);
  }
  return (
    <Card id="profile" title={say('profile')}>
      {deed.told}
      <form onSubmit={save}>
        <Stack gap="sm">
          <TextInput label={say('name')} required withAsterisk={false} maxLength={100} autoComplete="name" value={fields.name} onChange={(event) => setFields({ ...fields, name: event.currentTarget.value })} />
          <NativeSelect label={say('language')} value={fields.language} onChange={(event) => setFields({ ...fields, language: event.currentTarget.value as Account['language'] })} data={LANGUAGES.map((value) => ({ value, label: NAMES[value] }))} />
          <Group justify="space-between" gap="xs">
            <Button type="submit" loading={deed.busy && changed} disabled={!changed}>{shared('save')}</Button>
            {!moving && <Button variant="subtle" onClick={() => setMoving(true)}>{say('changeEmail')}</Button>}
          </Group>
        </Stack>
      </form>
      {moving && (
        <form onSubmit={(event) => void move(event)}>
          <Stack gap="sm" mt="md">
            <TextInput name="email" type="email" label={say('newEmail')} required withAsterisk={false} autoFocus maxLength={254} autoComplete="email" />
            <Text size="sm" c="dimmed">{say('changeEmailHint')}</Text>
            <Group gap="xs">
              <Button type="submit" loading={deed.busy}>{say('sendLink')}</Button>
              <Button variant="default" onClick={() => setMoving(false)}>{shared('cancel')}</Button>
            </Group>
          </Stack>
        </form>
      )}
    </Card>
  );
}
