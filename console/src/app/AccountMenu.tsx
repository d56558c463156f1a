/** Who is signed in, their account, and the way out. */

import { Avatar, Menu, UnstyledButton } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { answer, api } from '../api/client';
import { mayOpenShops, operates, type Session } from './session';
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
        <Menu.Label><span className="menu-name cut">{session.name}</span><span className="cut">{session.email}</span></Menu.Label>
        <Menu.Divider />
        <Menu.Item component={Link} to={'/account' as string}>{say('account')}</Menu.Item>
        {operates(session) && session.tenants.length === 0 && <Menu.Item component={Link} to={'/operator' as string}>{say('platform')}</Menu.Item>}
        {mayOpenShops(session) && <Menu.Item component={Link} to={'/new-shop' as string}>{say('newShop')}</Menu.Item>}
        <Menu.Item onClick={() => void signOut()}>{say('signOut')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
