/** What a page shows that failed to load or to draw. */

import type { ErrorComponentProps } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Problem, UNREACHABLE } from '../api/problem';
import { ProblemNotice } from './ProblemNotice';

export function RouteProblem({ error, reset }: ErrorComponentProps): ReactElement {
  // A file of an older build that is gone: loading the page anew gets today's.
  const problem = error instanceof Problem ? error : new Problem(0, error instanceof TypeError ? UNREACHABLE : 'PAGE_FAILED', error instanceof Error ? error.message : String(error));
  return <ProblemNotice problem={problem} again={problem.code === 'PAGE_FAILED' ? reset : () => location.reload()} />;
}
