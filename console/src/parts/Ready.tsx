/** Draws what is loaded; until then an outline, and a notice when it failed. */

import { Skeleton } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import type { Loaded } from '../api/loaded';
import { useShared } from '../language/shared';
import { ProblemNotice } from './ProblemNotice';

interface Props<T> {
  of: Loaded<T>;
  /** Height of the outline, so that nothing jumps when the answer comes. */
  height?: number;
  children: (value: T, renewing: boolean) => ReactNode;
}

export function Ready<T>({ of, height = 160, children }: Props<T>): ReactElement {
  const say = useShared();
  switch (of.state) {
    case 'loading':
      return <Skeleton height={height} role="status" aria-label={say('loading')} />;
    case 'failed':
      return <ProblemNotice problem={of.problem} again={of.again} />;
    case 'ready':
      return <>{children(of.value, of.renewing)}</>;
  }
}
