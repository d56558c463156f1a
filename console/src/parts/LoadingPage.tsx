/** The outline of a page while its code or its first answer is on the way. */

import { Skeleton, Stack } from '@mantine/core';
import type { ReactElement } from 'react';
import { useShared } from '../language/shared';

export function LoadingPage(): ReactElement {
  const say = useShared();
  return (
    <Stack gap="md" role="status" aria-label={say('loading')}>
      <Skeleton height={32} width={220} />
      <Skeleton height={120} />
      <Skeleton height={280} />
    </Stack>
  );
}
