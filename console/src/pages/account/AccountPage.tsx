/** One's own account: profile, password, authenticator app, recovery codes, passkeys, and where one is signed in. */

import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useEffect, useState } from 'react';
import { answer, api } from '../../api/client';
import { problemOf } from '../../api/problem';
import { useSignedIn } from '../../app/session';
import { useProblemText } from '../../language/problems';
import { PageHead } from '../../parts/PageHead';
import { Ready } from '../../parts/Ready';
import { AuthenticatorCard } from './AuthenticatorCard';
import { PasskeysCard } from './PasskeysCard';
import { PasswordCard } from './PasswordCard';
import { ProfileCard } from './ProfileCard';
import { SessionsCard } from './SessionsCard';
import { useAccount } from './useAccount';
import { useAccountWords } from './words';
import './account.css';

export function Page(): ReactElement {
  const say = useAccountWords();
  const session = useSignedIn();
  const account = useAccount();
  const problem = useConfirmation();
  const borrowed = session.only_tenant !== null;
  const weak = !borrowed && session.tenants.some((tenant) => tenant.second_factor_missing);
  return (
    <>
      <PageHead title={say('title')} lead={say('lead', { email: session.email })} />
      {problem && <p className="notice bad" role="alert">{problem}</p>}
      {borrowed && <p className="notice" role="status">{say('onlySso')}</p>}
      {weak && <p className="notice bad" role="status">{say('needFactor')}</p>}
      <Ready of={account} height={420}>
        {(found) => (
          <div className="account">
            {!borrowed && <div><ProfileCard account={found} /><PasswordCard account={found} /></div>}
            <div>
              {!borrowed && <AuthenticatorCard account={found} />}
              {!borrowed && <PasskeysCard account={found} />}
              <SessionsCard account={found} />
            </div>
          </div>
        )}
      </Ready>
    </>
  );
}

/** The link of a letter that confirms an address; taken out of the address at once. What went wrong, if anything. */
function useConfirmation(): string {
  const say = useAccountWords();
  const textOf = useProblemText();
  const questions = useQueryClient();
  const [problem, setProblem] = useState('');
  useEffect(() => {
    const token = new URLSearchParams(location.hash.slice(1)).get('confirm');
    if (!token) return;
    history.replaceState(null, '', location.pathname);
    void answer(api.POST('/v1/account/email/confirmation', { body: { token } }))
      .then(() => notifications.show({ message: say('emailChanged') }))
      .catch((error: unknown) => setProblem(textOf(problemOf(error))))
      .finally(() => void questions.invalidateQueries());
    // Once: the link is good once.
  }, []);
  return problem;
}
