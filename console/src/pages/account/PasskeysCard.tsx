/** Keys that devices keep: making one, naming it, taking it away. */

import { Badge, Button, Group, Modal, Text, TextInput } from '@mantine/core';
import { type FormEvent, type ReactElement, useState } from 'react';
import { answer, api } from '../../api/client';
import { makePasskey, passkeysWork } from '../../api/passkeys';
import { useAnyFormat } from '../../app/session';
import { useShared } from '../../language/shared';
import { Confirm } from '../../parts/Confirm';
import { Ready } from '../../parts/Ready';
import { browserName } from './browserName';
import { Card } from './Card';
import { type Account, type Passkey, usePasskeys } from './useAccount';
import { useDeed } from './useDeed';
import { useAccountWords } from './words';

export function PasskeysCard({ account }: { account: Account }): ReactElement {
  const say = useAccountWords();
  const format = useAnyFormat();
  const shared = useShared();
  const deed = useDeed(account);
  const passkeys = usePasskeys();
  const [naming, setNaming] = useState<'new' | Passkey | null>(null);
  const [removing, setRemoving] = useState<Passkey | null>(null);
  function named(name: string): void {
    const what = naming;
    setNaming(null);
    if (what === 'new') void deed.run(() => makePasskey(name), say('saved'));
    else if (what) void deed.run(() => answer(api.PATCH('/v1/account/passkeys/{passkey_id}', { params: { path: { passkey_id: what.id } }, body: { name } })), say('saved'));
  }
  async function remove(one: Passkey): Promise<void> {
    setRemoving(null);
    await deed.run(() => answer(api.DELETE('/v1/account/passkeys/{passkey_id}', { params: { path: { passkey_id: one.id } } })), say('saved'));
  }
  return (
    <Card id="passkeys" title={say('passkeys')} hint={say('passkeysHint')} beside={passkeysWork() && <Button size="xs" loading={deed.busy} onClick={() => setNaming('new')}>{say('addPasskey')}</Button>}>
      {deed.told}
      <Ready of={passkeys} height={48}>
        {(found) => (found.passkeys.length === 0 ? <Text size="sm">{say('noPasskeys')}</Text> : (
          <ul className="kept">
            {found.passkeys.map((one) => (
              <li key={one.id}>
                <div className="kept-about">
                  <Group gap={8}><Text size="sm" fw={550} span>{one.name}</Text>{one.backed_up && <Badge variant="light" color="gray" tt="none" fw={550}>{say('synced')}</Badge>}</Group>
                  <Text size="xs" c="dimmed">{one.last_used_at ? say('lastUsed', { at: format.time(one.last_used_at) }) : say('neverUsed')}</Text>
                </div>
                <Button size="xs" variant="default" onClick={() => setNaming(one)}>{say('rename')}</Button>
                <Button size="xs" variant="default" onClick={() => setRemoving(one)}>{shared('remove')}</Button>
              </li>
            ))}
          </ul>
        ))}
      </Ready>
      {naming && <NameDialog before={naming === 'new' ? browserName(navigator.userAgent) : naming.name} title={naming === 'new' ? say('addPasskey') : say('rename')} named={named} close={() => setNaming(null)} />}
      {removing && <Confirm title={say('removePasskey')} text={say('removePasskeyAsk', { name: removing.name })} yes={shared('remove')} onYes={() => void remove(removing)} onClose={() => setRemoving(null)} />}
    </Card>
  );
}

function NameDialog({ before, title, named, close }: { before: string; title: string; named: (name: string) => void; close: () => void }): ReactElement {
  const say = useAccountWords();
  const shared = useShared();
  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    named(String(new FormData(event.currentTarget).get('name')).trim());
  }
  return (
    <Modal opened onClose={close} title={title} closeButtonProps={{ 'aria-label': shared('close') }}>
      <form onSubmit={submit}>
        <TextInput name="name" label={say('passkeyName')} defaultValue={before} required withAsterisk={false} maxLength={60} pattern=".*\S.*" data-autofocus />
        <Group justify="flex-end" gap="xs" mt="md">
          <Button variant="default" onClick={close}>{shared('cancel')}</Button>
          <Button type="submit">{shared('save')}</Button>
        </Group>
      </form>
    </Modal>
  );
}
