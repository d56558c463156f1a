/** Who is signed in, their account, and the way out. */

import { Avatar, Menu, Text, UnstyledButton } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { answer, api } from '../api/client';
import { mayOpenShops, type Session } from './session';
import { useFrameWords } from './words';

async function signOut(): Promise<void> {
  await answer(api.DELETE('/v1/session'));
  location.assign('/sign-in');
}

export function AccountMenu({ session }: { session: Session }): ReactElement {
  const say = useFrameWords();
  return (
    <Menu position="bottom-end" width={220} shadow="md">
      <Menu.Target>
        <UnstyledButton aria-label={`${session.name} · ${say('userMenu')}`} style={{ borderRadius: 99 }}>
          <Avatar radius="xl" size={32} styles={{ placeholder: { background: 'var(--accent-soft)', color: 'var(--accent)', fontWeight: 650 } }}>{[...session.name][0]?.toLocaleUpperCase()}</Avatar>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Text size="sm" fw={600} px={12} pt={6} truncate>{session.name}</Text>
        <Text size="xs" c="dimmed" px={12} pb={6} truncate>{session.email}</Text>
        <Menu.Divider />
        <Menu.Item component="a" href="/account">{say('account')}</Menu.Item>
        {mayOpenShops(session) && <Menu.Item component={Link} to={'/new-shop' as string}>{say('newShop')}</Menu.Item>}
        <Menu.Item onClick={() => void signOut()}>{say('signOut')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
