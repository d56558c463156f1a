/** Signing in: password, then a code where one is due; or a passkey; or single sign-on; or a way to a new password. */

import { Anchor, Button, Text, TextInput, UnstyledButton } from '@mantine/core';
import { type ReactElement, useState } from 'react';
import { answer, api, type Schemas } from '../../api/client';
import { askPasskey, passkeysWork } from '../../api/passkeys';
import { Problem } from '../../api/problem';
import { useProblemText } from '../../language/problems';
import { PasswordField } from '../../parts/PasswordField';
import { Sheet } from './Sheet';
import { ownPath } from './ownPath';
import { type Attempt, useAttempt } from './useAttempt';
import { useSignInWords } from './words';

type Step = 'password' | 'code' | 'sso' | 'forgot';
type Offer = Schemas['TenantOffer'];

const NEXT = 'next';

function nextPath(): string {
  return ownPath(new URLSearchParams(location.search).get(NEXT) ?? sessionStorage.getItem(NEXT) ?? '/');
}

/** By a load of its own, so that nothing of whoever was here before is left. */
function enter(): void {
  const path = nextPath();
  sessionStorage.removeItem(NEXT);
  location.replace(path);
}

/** What a trip to an identity provider, or a finished reset, left in the address; it is taken out of it. */
function arrived(): URLSearchParams {
  const told = new URLSearchParams(location.hash.slice(1));
  if (location.hash) history.replaceState(null, '', location.pathname + location.search);
  return told;
}

export function Page(): ReactElement {
  const say = useSignInWords();
  const textOf = useProblemText();
  const [told] = useState(arrived);
  const failed = told.get('code');
  const attempt = useAttempt(failed ? textOf(new Problem(401, failed, told.get('detail') ?? '')) : '');
  const [step, setStep] = useState<Step>('password');
  const [done, setDone] = useState(told.has('password-set') ? say('passwordSet') : '');
  const [ticket, setTicket] = useState('');
  function show(next: Step): void {
    setStep(next);
    setDone('');
    attempt.say('');
  }
  const back = <Anchor component="button" type="button" size="sm" ta="center" onClick={() => show('password')}>{say('back')}</Anchor>;
  return (
    <div className="welcome">
      <section className="pitch">
        <p className="slogan">{say('pitch')}</p>
        <p>{say('pitchMore')}</p>
      </section>
      {step === 'password' && <PasswordSheet attempt={attempt} done={done} show={show} needsCode={(due) => { setTicket(due); show('code'); }} />}
      {step === 'code' && <CodeSheet attempt={attempt} ticket={ticket} expired={() => setStep('password')}>{back}</CodeSheet>}
      {step === 'sso' && <SsoSheet attempt={attempt}>{back}</SsoSheet>}
      {step === 'forgot' && <ForgotSheet attempt={attempt} done={done} sent={() => setDone(say('linkSent'))}>{back}</ForgotSheet>}
    </div>
  );
}

function PasswordSheet({ attempt, done, show, needsCode }: { attempt: Attempt; done: string; show: (step: Step) => void; needsCode: (ticket: string) => void }): ReactElement {
  const say = useSignInWords();
  const byPassword = (email: string, password: string) => attempt.run(async () => {
    const found = await answer(api.POST('/v1/session', { body: { email, password } }));
    if (found.ticket) needsCode(found.ticket);
    else enter();
  });
  const byPasskey = () => attempt.run(async () => {
    await answer(api.POST('/v1/session/passkey', { body: await askPasskey() }));
    enter();
  });
  return (
    <Sheet id="sign-in" title={say('signIn')} problem={attempt.problem} done={done} onSubmit={(field) => void byPassword(field('email'), field('password'))}>
      <Email autoComplete="username webauthn" />
      <PasswordField name="password" label={say('password')} />
      <Button type="submit" size="md" loading={attempt.busy}>{say('signIn')}</Button>
      <Anchor component="button" type="button" size="sm" ta="center" onClick={() => show('forgot')}>{say('forgot')}</Anchor>
      <p className="or">{say('or')}</p>
      {passkeysWork() && <Button variant="default" size="md" disabled={attempt.busy} onClick={() => void byPasskey()}>{say('withPasskey')}</Button>}
      <Button variant="default" size="md" onClick={() => show('sso')}>{say('withSso')}</Button>
    </Sheet>
  );
}

function CodeSheet({ attempt, ticket, expired, children }: { attempt: Attempt; ticket: string; expired: () => void; children: ReactElement }): ReactElement {
  const say = useSignInWords();
  async function confirm(code: string): Promise<void> {
    const failure = await attempt.run(async () => {
      await answer(api.POST('/v1/session/second-factor', { body: { ticket, code } }));
      enter();
    });
    if (failure === 'TICKET_NOT_VALID') expired();
  }
  return (
    <Sheet id="second" title={say('codeTitle')} hint={say('codeHint')} problem={attempt.problem} onSubmit={(field) => void confirm(field('code'))}>
      <TextInput name="code" label={say('code')} required withAsterisk={false} autoFocus autoComplete="one-time-code" maxLength={40} spellCheck={false} autoCapitalize="none" />
      <Button type="submit" size="md" loading={attempt.busy}>{say('signIn')}</Button>
      {children}
    </Sheet>
  );
}

function SsoSheet({ attempt, children }: { attempt: Attempt; children: ReactElement }): ReactElement {
  const say = useSignInWords();
  const [offers, setOffers] = useState<readonly Offer[]>([]);
  const leave = (who: { email?: string; tenant_id?: string }) => attempt.run(async () => {
    const begun = await answer(api.POST('/v1/session/single-sign-on', { body: { ...who, next: nextPath() } }));
    setOffers(begun.tenants ?? []);
    if (begun.url) location.assign(begun.url);
  });
  return (
    <Sheet id="sso" title={say('ssoTitle')} hint={say('ssoHint')} problem={attempt.problem} onSubmit={(field) => void leave({ email: field('email') })}>
      <Email autoComplete="username" autoFocus />
      {offers.length > 0 && <Text size="sm" c="dimmed">{say('ssoChoose')}</Text>}
      {offers.map((one) => (
        <UnstyledButton key={one.tenant_id} className="offer" onClick={() => void leave({ tenant_id: one.tenant_id })}>
          <strong>{one.tenant_name}</strong><small>{new URL(one.issuer).host}</small>
        </UnstyledButton>
      ))}
      <Button type="submit" size="md" loading={attempt.busy}>{say('goOn')}</Button>
      {children}
    </Sheet>
  );
}

function ForgotSheet({ attempt, done, sent, children }: { attempt: Attempt; done: string; sent: () => void; children: ReactElement }): ReactElement {
  const say = useSignInWords();
  const ask = (email: string) => attempt.run(async () => {
    await answer(api.POST('/v1/password-resets', { body: { email } }));
    sent();
  });
  return (
    <Sheet id="forgot" title={say('forgotTitle')} hint={say('forgotHint')} problem={attempt.problem} done={done} onSubmit={(field) => void ask(field('email'))}>
      <Email autoComplete="username" autoFocus />
      <Button type="submit" size="md" loading={attempt.busy}>{say('sendLink')}</Button>
      {children}
    </Sheet>
  );
}

function Email({ autoComplete, autoFocus = false }: { autoComplete: string; autoFocus?: boolean }): ReactElement {
  const say = useSignInWords();
  return <TextInput name="email" type="email" label={say('email')} required withAsterisk={false} maxLength={254} autoComplete={autoComplete} autoFocus={autoFocus} />;
}
