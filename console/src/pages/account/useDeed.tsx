/** Something that changes the account: asks again who one is where the gateway wants to know, and tells how it went. */

import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { Problem, problemOf } from '../../api/problem';
import { useProblemText } from '../../language/problems';
import { FreshDialog } from './FreshDialog';
import type { Account } from './useAccount';
import { useAccountWords } from './words';

export interface Deed {
  busy: boolean;
  /** Draw it where the deed is done: what went wrong, and the dialog that asks who one is. */
  told: ReactElement;
  /** Whether it was done; `done` is said then. */
  run: (act: () => Promise<unknown>, done?: string) => Promise<boolean>;
}

export function useDeed(account: Account): Deed {
  const say = useAccountWords();
  const textOf = useProblemText();
  const questions = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const [asking, setAsking] = useState<((shown: boolean) => void) | null>(null);

  /** False when they gave up showing who they are. */
  async function freshly(act: () => Promise<unknown>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      if (!(error instanceof Problem) || error.code !== 'FRESH_SIGN_IN_NEEDED') throw error;
    }
    const shown = await new Promise<boolean>((resolve) => setAsking(() => resolve));
    setAsking(null);
    if (shown) await act();
    return shown;
  }

  async function run(act: () => Promise<unknown>, done = ''): Promise<boolean> {
    setBusy(true);
    setProblem('');
    try {
      const went = await freshly(act);
      if (went && done) notifications.show({ message: done });
      return went;
    } catch (error) {
      // What a browser throws when its owner or a device would not.
      setProblem(error instanceof DOMException ? say('passkeyFailed') : textOf(problemOf(error)));
      return false;
    } finally {
      setBusy(false);
      // Also what the session may do: a second factor opens a shop that asks for one.
      void questions.invalidateQueries();
    }
  }

  const told = (
    <>
      {problem && <p className="notice bad" role="alert">{problem}</p>}
      {asking && <FreshDialog account={account} close={asking} />}
    </>
  );
  return { busy, told, run };
}
