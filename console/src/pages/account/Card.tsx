/** One subject of the account: its name, what it is for, and what can be done about it. */

import { Group, Text, Title } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';

interface Props {
  id: string;
  title: string;
  hint?: string;
  beside?: ReactNode;
  children?: ReactNode;
}

export function Card({ id, title, hint, beside, children }: Props): ReactElement {
  return (
    <section className="card" id={id} aria-labelledby={`${id}-title`}>
      <Group justify="space-between" gap="xs" mih={36}>
        <Title order={2} id={`${id}-title`}>{title}</Title>
        <Group gap="xs">{beside}</Group>
      </Group>
      {hint && <Text size="sm" c="dimmed" mb="sm">{hint}</Text>}
      {children}
    </section>
  );
}
