/** One step of proving who one is: whether it is under way, and what went wrong with the last one, in words. */

import { useState } from 'react';
import { problemOf } from '../../api/problem';
import { useProblemText } from '../../language/problems';
import { useSignInWords } from './words';

export interface Attempt {
  busy: boolean;
  /** Empty when nothing went wrong. */
  problem: string;
  say: (problem: string) => void;
  /** Runs the step; its failure is told, and answered with its code. */
  run: (step: () => Promise<void>) => Promise<string>;
}

export function useAttempt(first = ''): Attempt {
  const say = useSignInWords();
  const textOf = useProblemText();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(first);
  async function run(step: () => Promise<void>): Promise<string> {
    setBusy(true);
    setProblem('');
    try {
      await step();
      return '';
    } catch (error) {
      // What a browser throws when its owner or a device would not.
      const passkey = error instanceof DOMException;
      const failed = passkey ? null : problemOf(error);
      setProblem(failed ? textOf(failed) : say('passkeyFailed'));
      return failed?.code ?? 'PASSKEY_FAILED';
    } finally {
      setBusy(false);
    }
  }
  return { busy, problem, say: setProblem, run };
}
