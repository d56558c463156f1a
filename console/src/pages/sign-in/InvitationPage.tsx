/** An invitation: what it is to, and accepting it with the account one has or a new one. */

import { Anchor, Button, Skeleton, Text, TextInput } from '@mantine/core';
import { type ReactElement, useEffect, useState } from 'react';
import { answer, api, rememberTenant, type Schemas, signInFirst } from '../../api/client';
import { UNREACHABLE } from '../../api/problem';
import { PasswordField } from '../../parts/PasswordField';
import { Sheet } from './Sheet';
import { useAttempt } from './useAttempt';
import { useSignInWords } from './words';

type Invitation = Schemas['OpenedInvitation'];

const KEPT = 'invitation';

/** The token stays in this tab while its holder signs in, and never travels in an address. */
function tokenOfTab(): string {
  const token = location.hash.slice(1) || sessionStorage.getItem(KEPT) || '';
  if (location.hash) {
    sessionStorage.setItem(KEPT, token);
    history.replaceState(null, '', location.pathname);
  }
  return token;
}

export function Page(): ReactElement {
  const say = useSignInWords();
  const [token] = useState(tokenOfTab);
  const [invitation, setInvitation] = useState<Invitation | null>(null);
  const attempt = useAttempt(token ? '' : say('noToken'));
  const waiting = invitation === null && attempt.problem === '';

  async function open(): Promise<void> {
    setInvitation(await answer(api.POST('/v1/invitation/opening', { body: { token } })));
  }

  async function join(asked: Invitation, account: { name?: string; password?: string }): Promise<void> {
    const accepted = await answer(api.POST('/v1/invitation/acceptance', { body: { token, ...account } }));
    sessionStorage.removeItem(KEPT);
    if (accepted.made_account) await answer(api.POST('/v1/session', { body: { email: asked.email, password: account.password ?? '' } }));
    rememberTenant(accepted.tenant_id);
    await answer(api.PUT('/v1/session/tenant', { body: { tenant_id: accepted.tenant_id } }));
    location.assign('/');
  }

  function goOn(field: (name: string) => string): void {
    if (!invitation) return;
    void attempt.run(async () => {
      if (invitation.next === 'sign_in') return signInFirst();
      if (invitation.next === 'make_account') return join(invitation, { name: field('name'), password: field('password') });
      if (invitation.next === 'accept') return join(invitation, {});
      await answer(api.DELETE('/v1/session'));
      await open();
    });
  }

  useEffect(() => {
    // Once: a link is opened when its page is. One that is no longer good is not tried again after signing in.
    if (token) void attempt.run(open).then((failure) => failure && failure !== UNREACHABLE && sessionStorage.removeItem(KEPT));
  }, []);

  return (
    <Sheet id="accept" title={say('invitation')} problem={attempt.problem} onSubmit={goOn}>
      {waiting && <Skeleton height={64} role="status" aria-label={say('invitation')} />}
      {invitation && <Text id="what">{say('invitedTo', { shop: invitation.tenant_name, role: say(invitation.role), email: invitation.email })}</Text>}
      {invitation?.next === 'sign_out' && <Text size="sm" c="dimmed">{say('otherAccount')}</Text>}
      {invitation?.next === 'make_account' && (
        <>
          <Text size="sm" c="dimmed">{say('newAccountHint')}</Text>
          <TextInput name="email" type="email" label={say('email')} value={invitation.email} readOnly autoComplete="username" />
          <TextInput name="name" label={say('name')} required withAsterisk={false} maxLength={100} autoComplete="name" autoFocus />
          <PasswordField name="password" label={say('password')} fresh />
        </>
      )}
      {invitation && <Button type="submit" size="md" loading={attempt.busy}>{say(invitation.next)}</Button>}
      {!invitation && !waiting && <Anchor href="/" size="sm" ta="center">{say('toStart')}</Anchor>}
    </Sheet>
  );
}
