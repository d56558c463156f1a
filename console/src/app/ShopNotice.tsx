/** Says that a shop is a demo, or is to be deleted, and what can be done about it. */

import { Anchor, Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { type Here, mayLead, mayOpenShops } from './session';
import { useFrameWords } from './words';

export function ShopNotice({ here, path }: { here: Here; path: string }): ReactElement | null {
  const say = useFrameWords();
  const closing = here.tenant.closing_at !== null;
  // A demo is labelled in the bar everywhere; what to do about it is said at home.
  if (!closing && !(here.tenant.demo && path === '/')) return null;
  return (
    <div className={closing ? 'notice bad' : 'notice'} role="status">
      <Text size="sm" flex="1 1 300px">{closing ? say('closing') : say('demoText')}</Text>
      <Group gap="md">
        {!closing && mayOpenShops(here.session) && <Anchor component={Link} to={'/new-shop' as string} size="sm" fw={600} underline="always">{say('newShop')}</Anchor>}
        {mayLead(here.role) && <Anchor component={Link} to={'/settings' as string} search={{ tab: 'privacy' } as never} size="sm" underline="always">{closing ? say('closingSee') : say('demoRemove')}</Anchor>}
      </Group>
    </div>
  );
}
