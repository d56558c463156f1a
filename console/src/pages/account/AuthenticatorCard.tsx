/** The app that shows six digits, set up with a picture, and the codes for when the phone is gone. */

import { Badge, Button, Code, CopyButton, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { type FormEvent, type ReactElement, useState } from 'react';
import { answer, api, type Schemas } from '../../api/client';
import { useShared } from '../../language/shared';
import { Confirm } from '../../parts/Confirm';
import { Card } from './Card';
import type { Account } from './useAccount';
import { useDeed } from './useDeed';
import { useAccountWords } from './words';

type Enrolment = Schemas['EnrolmentAnswer'];

const PICTURE_PIXELS = 196;

export function AuthenticatorCard({ account }: { account: Account }): ReactElement {
  const say = useAccountWords();
  const deed = useDeed(account);
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null);
  const [codes, setCodes] = useState<readonly string[]>([]);
  const [asked, ask] = useState(false);
  const on = account.has_authenticator;
  const begin = () => deed.run(async () => setEnrolment(await answer(api.POST('/v1/account/authenticator'))));
  const confirm = (code: string) => deed.run(async () => {
    setCodes((await answer(api.POST('/v1/account/authenticator/confirmation', { body: { code } }))).recovery_codes);
    setEnrolment(null);
  });
  const renew = () => deed.run(async () => setCodes((await answer(api.POST('/v1/account/recovery-codes'))).recovery_codes));
  const remove = async () => {
    await deed.run(() => answer(api.DELETE('/v1/account/authenticator')), say('saved'));
    ask(false);
    setCodes([]);
  };
  return (
    <Card
      id="authenticator" title={say('authenticator')} hint={say('authenticatorHint')}
      beside={(
        <>
          <Badge variant="light" color={on ? 'teal' : 'gray'} tt="none" fw={550}>{on ? say('on') : say('off')}</Badge>
          {on && <Button size="xs" variant="default" onClick={() => ask(true)}>{say('turnOff')}</Button>}
          {!on && !enrolment && <Button size="xs" loading={deed.busy} onClick={() => void begin()}>{say('setUp')}</Button>}
        </>
      )}
    >
      {deed.told}
      {enrolment && !on && <Enrolling enrolment={enrolment} busy={deed.busy} confirm={(code) => void confirm(code)} />}
      {codes.length > 0 && <RecoveryCodes codes={codes} kept={() => setCodes([])} />}
      {on && codes.length === 0 && (
        <Group justify="space-between" gap="xs">
          <Text size="sm" c={account.recovery_codes_left < 3 ? 'var(--warm)' : undefined}>{say('recoveryLeft', { n: account.recovery_codes_left })}</Text>
          <Button size="xs" variant="default" loading={deed.busy} onClick={() => void renew()}>{say('newCodes')}</Button>
        </Group>
      )}
      {asked && <Confirm title={say('turnOff')} text={say('turnOffAsk')} yes={say('turnOff')} busy={deed.busy} onYes={() => void remove()} onClose={() => ask(false)} />}
    </Card>
  );
}

function Enrolling({ enrolment, busy, confirm }: { enrolment: Enrolment; busy: boolean; confirm: (code: string) => void }): ReactElement {
  const say = useAccountWords();
  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    confirm(String(new FormData(event.currentTarget).get('code')));
  }
  return (
    <div className="enrolling">
      <img src={`data:image/svg+xml;utf8,${encodeURIComponent(enrolment.svg)}`} alt={say('qr')} width={PICTURE_PIXELS} height={PICTURE_PIXELS} />
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Text size="sm">{say('scan')}</Text>
          <Text size="sm" c="dimmed">{say('secretKey')} <Code className="secret">{enrolment.secret}</Code></Text>
          <Group gap="xs" align="flex-end" wrap="nowrap">
            <TextInput name="code" label={say('code')} required withAsterisk={false} autoFocus inputMode="numeric" autoComplete="one-time-code" maxLength={10} flex={1} />
            <Button type="submit" loading={busy}>{say('turnOn')}</Button>
          </Group>
        </Stack>
      </form>
    </div>
  );
}

function RecoveryCodes({ codes, kept }: { codes: readonly string[]; kept: () => void }): ReactElement {
  const say = useAccountWords();
  const shared = useShared();
  return (
    <section aria-label={say('recovery')}>
      <Title order={3}>{say('recovery')}</Title>
      <Text size="sm" c="dimmed">{say('recoveryHint')}</Text>
      <ul className="codes">{codes.map((code) => <li key={code}><code>{code}</code></li>)}</ul>
      <Group gap="xs">
        <CopyButton value={codes.join('\n')}>{({ copied, copy }) => <Button variant="default" onClick={copy}>{copied ? shared('copied') : shared('copy')}</Button>}</CopyButton>
        <Button onClick={kept}>{say('kept')}</Button>
      </Group>
    </section>
  );
}
