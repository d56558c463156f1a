/** Nothing here yet: what would be here, and how it gets here. */

import { Stack, Text } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { Icon, type IconName } from './Icon';

export function Empty({ icon, title, text, children }: { icon: IconName; title: string; text: string; children?: ReactNode }): ReactElement {
  return (
    <Stack align="center" gap={6} py={36} px="md" ta="center">
      <Text c="var(--accent)" span><Icon name={icon} size={32} /></Text>
      <Text fw={600}>{title}</Text>
      <Text size="sm" c="dimmed" maw={460} style={{ textWrap: 'balance' }}>{text}</Text>
      {children}
    </Stack>
  );
}
