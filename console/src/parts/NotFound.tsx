/** What an address without a page shows. */

import { Anchor, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useShared } from '../language/shared';

export function NotFound(): ReactElement {
  const say = useShared();
  return (
    <Stack gap="xs" py={80} align="center">
      <Title order={1}>{say('notFoundTitle')}</Title>
      <Text c="dimmed">{say('notFoundText')}</Text>
      <Anchor component={Link} to="/">{say('home')}</Anchor>
    </Stack>
  );
}
