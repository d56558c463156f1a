/** Up to when the numbers beside it count, in the shop's own time zone. */

import { Text } from '@mantine/core';
import type { ReactElement } from 'react';
import { useHere } from '../app/session';
import { useShared } from '../language/shared';

export function AsOf({ at }: { at: string | null }): ReactElement {
  const say = useShared();
  const { format, tenant } = useHere();
  return (
    <Text size="xs" c="dimmed" component="p" m={0}>
      {at ? say('asOf', { time: format.time(at) }) : say('asOfNothing')} · {tenant.time_zone}
    </Text>
  );
}
