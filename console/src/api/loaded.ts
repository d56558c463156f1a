/** What a page knows of an answer: not yet, failed, or the answer. Screens handle every state. */

import type { UseQueryResult } from '@tanstack/react-query';
import { type Problem, problemOf } from './problem';

export type Loaded<T> =
  | { state: 'loading' }
  | { state: 'failed'; problem: Problem; again: () => void }
  /** `renewing`: a newer answer is on its way; what is shown is the one before. */
  | { state: 'ready'; value: T; renewing: boolean };

export function loaded<T>(query: UseQueryResult<T>): Loaded<T> {
  // An answer that could not be renewed is still an answer; its "as of" says how old it is.
  if (query.data !== undefined) return { state: 'ready', value: query.data, renewing: query.isPlaceholderData };
  if (query.isError) return { state: 'failed', problem: problemOf(query.error), again: () => void query.refetch() };
  return { state: 'loading' };
}
