/** The frame around every page: places, shop, language, light or dark, account; it waits until it knows who is here. */

import { AppShell, Badge, Burger, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { lazy, type ReactElement, Suspense, useEffect, useMemo } from 'react';
import { loaded } from '../api/loaded';
import { useLanguage } from '../language/words';
import { LoadingPage } from '../parts/LoadingPage';
import { ProblemNotice } from '../parts/ProblemNotice';
import { ActingBanner } from './ActingBanner';
import { Navigation } from './Navigation';
import { HereContext, hereOf, useSession, useTenant } from './session';
import { LookSwitches } from './LookSwitches';
import { TenantChoice } from './TenantChoice';
import { useFrameWords } from './words';

// Menus are heavy, and nobody opens one in the first moment.
const AccountMenu = lazy(async () => ({ default: (await import('./AccountMenu')).AccountMenu }));

export function Shell(): ReactElement {
  const say = useFrameWords();
  const language = useLanguage();
  const [opened, menu] = useDisclosure(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const session = useSession();
  const tenant = useTenant(session.data);
  const here = useMemo(
    () => (session.data && tenant.data ? hereOf(session.data, tenant.data, language) : null),
    [session.data, tenant.data, language],
  );
  // Arriving somewhere closes the menu of narrow screens.
  useEffect(() => menu.close(), [path]);

  return (
    <HereContext value={here}>
      <a className="skip" href="#content">{say('skip')}</a>
      <AppShell
        header={{ height: 'var(--bar-height)' }}
        navbar={{ width: 216, breakpoint: 'sm', collapsed: { mobile: !opened } }}
        padding={{ base: 'md', sm: 'lg' }}
        styles={{ header: { background: 'var(--card)', borderColor: 'var(--line)' }, navbar: { background: 'var(--card)', borderColor: 'var(--line)' } }}
      >
        <AppShell.Header>
          <Group h="100%" px={{ base: 12, sm: 20 }} gap="sm" wrap="nowrap">
            <Burger opened={opened} onClick={menu.toggle} hiddenFrom="sm" size="sm" aria-label={say('menu')} />
            <Group gap={8} wrap="nowrap" visibleFrom="sm" w={180}>
              <img src="/static/icon.svg" alt="" width={28} height={28} />
              <Text fw={700} size="lg" span>Nexus</Text>
            </Group>
            {session.data && <TenantChoice session={session.data} />}
            {tenant.data?.demo && <Badge variant="light" tt="none" fw={550} visibleFrom="xs">{say('demo')}</Badge>}
            <Group gap={4} ml="auto" wrap="nowrap">
              <LookSwitches />
              <Suspense fallback={<span style={{ width: 32 }} />}>{session.data && <AccountMenu session={session.data} />}</Suspense>
            </Group>
          </Group>
        </AppShell.Header>
        <AppShell.Navbar>
          <AppShell.Section grow p={10} style={{ overflowY: 'auto' }}>
            {here && <Navigation here={here} />}
          </AppShell.Section>
        </AppShell.Navbar>
        <AppShell.Main id="content" tabIndex={-1} style={{ outline: 'none' }}>
          <div style={{ maxWidth: 1320, margin: '0 auto' }}>
            {here && <ActingBanner here={here} />}
            {inside()}
          </div>
        </AppShell.Main>
      </AppShell>
    </HereContext>
  );

  function inside(): ReactElement {
    const known = loaded(session);
    if (known.state === 'failed') return <ProblemNotice problem={known.problem} again={known.again} />;
    if (session.data && session.data.tenants.length === 0) return <Text py="xl">{say('noShop')}</Text>;
    const shop = loaded(tenant);
    if (shop.state === 'failed') return <ProblemNotice problem={shop.problem} again={shop.again} />;
    return here === null ? <LoadingPage /> : <Outlet />;
  }
}
