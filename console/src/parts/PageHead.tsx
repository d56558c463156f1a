/** The head of a page: its name, what it is for, up to when its numbers count, and what can be done. */

import { Group, Stack, Text, Title } from '@mantine/core';
import { type ReactElement, type ReactNode, useEffect } from 'react';
import { AsOf } from './AsOf';

interface Props {
  title: string;
  /** One sentence: what the page is good for. */
  lead?: string;
  asOf?: string | null | undefined;
  children?: ReactNode;
}

export function PageHead({ title, lead, asOf, children }: Props): ReactElement {
  useEffect(() => {
    document.title = `${title} · Nexus`;
  }, [title]);
  return (
    <Group justify="space-between" align="flex-end" gap="sm" mb="md">
      <Stack gap={2} miw={0} flex="1 1 260px">
        <Title order={1}>{title}</Title>
        {lead && <Text size="sm" c="dimmed" maw={680}>{lead}</Text>}
        {asOf !== undefined && <AsOf at={asOf} />}
      </Stack>
      {children && <Group gap="xs">{children}</Group>}
    </Group>
  );
}
