/** The frame around every page: places, shop, language, light or dark, account; it waits until it knows who is here. */

import { ActionIcon, Anchor, AppShell, Badge, Burger, Group, Text, Title, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import { lazy, type ReactElement, Suspense, useEffect, useMemo, useState } from 'react';
import { loaded } from '../api/loaded';
import { useLanguage } from '../language/words';
import { Icon } from '../parts/Icon';
import { LoadingPage } from '../parts/LoadingPage';
import { ProblemNotice } from '../parts/ProblemNotice';
import { ActingBanner } from './ActingBanner';
import { Brand } from './Brand';
import { useKeyboard } from './keyboard';
import { Navigation } from './Navigation';
import { PLACES } from './places';
import { HereContext, hereOf, mayOpenShops, mayRun, useSession, useTenant } from './session';
import { LookSwitches } from './LookSwitches';
import { ShopNotice } from './ShopNotice';
import { TenantChoice } from './TenantChoice';
import { useFrameWords } from './words';

// Menus are heavy, and nobody opens one in the first moment.
const JobsTray = lazy(async () => ({ default: (await import('./JobsTray')).JobsTray }));
const Palette = lazy(async () => ({ default: (await import('./Palette')).Palette }));
const KeyboardHelp = lazy(async () => ({ default: (await import('./KeyboardHelp')).KeyboardHelp }));
const NewShopForm = lazy(async () => ({ default: (await import('../pages/install/NewShopForm')).NewShopForm }));
const AccountMenu = lazy(async () => ({ default: (await import('./AccountMenu')).AccountMenu }));

export function Shell(): ReactElement {
  const say = useFrameWords();
  const language = useLanguage();
  const [opened, menu] = useDisclosure(false);
  const [help, keyboard] = useDisclosure(false);
  const [asked, setAsked] = useState(0);
  const find = () => setAsked((count) => count + 1);
  useKeyboard(find, keyboard.open);
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
            <Group visibleFrom="sm" w={180}><Brand /></Group>
            {session.data && <TenantChoice session={session.data} />}
            {tenant.data?.demo && <Badge variant="light" tt="none" fw={550} visibleFrom="xs">{say('demo')}</Badge>}
            <Group gap={4} ml="auto" wrap="nowrap">
              {here && (
                <>
                  <UnstyledButton className="find" visibleFrom="md" onClick={find}><Icon name="search" size={16} /><span>{say('find')}</span><kbd>Ctrl K</kbd></UnstyledButton>
                  <ActionIcon hiddenFrom="md" variant="subtle" color="gray" size={34} c="dimmed" aria-label={say('find')} onClick={find}><Icon name="search" /></ActionIcon>
                  <Suspense fallback={<span style={{ width: 34 }} />}>{mayRun(here.role) && <JobsTray here={here} />}</Suspense>
                </>
              )}
              <Group gap={4} wrap="nowrap" visibleFrom="sm"><LookSwitches /></Group>
              <Suspense fallback={<span style={{ width: 32 }} />}>{session.data && <AccountMenu session={session.data} />}</Suspense>
            </Group>
          </Group>
        </AppShell.Header>
        <AppShell.Navbar>
          <AppShell.Section grow p={10} style={{ overflowY: 'auto' }}>
            {here && <Navigation here={here} />}
          </AppShell.Section>
          {/* On a phone the shop's name needs the room above. */}
          <AppShell.Section p={10} hiddenFrom="sm" style={{ borderTop: '1px solid var(--line)' }}>
            <Group justify="space-between"><LookSwitches /></Group>
          </AppShell.Section>
        </AppShell.Navbar>
        <AppShell.Main id="content" tabIndex={-1} style={{ outline: 'none' }}>
          <div style={{ maxWidth: 1320, margin: '0 auto' }}>
            {here && <ActingBanner here={here} />}
            {here && <ShopNotice here={here} path={path} />}
            {inside()}
          </div>
        </AppShell.Main>
      </AppShell>
      <Suspense>
        {here && asked > 0 && <Palette here={here} asked={asked} />}
        {here && help && <KeyboardHelp here={here} close={keyboard.close} />}
      </Suspense>
    </HereContext>
  );

  function inside(): ReactElement {
    const known = loaded(session);
    if (known.state === 'failed') return <ProblemNotice problem={known.problem} again={known.again} />;
    if (session.data && PLACES.some((place) => place.alone && place.path === path)) return <Outlet />;
    if (session.data && session.data.tenants.length === 0) {
      if (!mayOpenShops(session.data)) return <Text py="xl">{say('noShop')}</Text>;
      return <><Title order={1} mb="md">{say('firstShop')}</Title><Suspense fallback={<LoadingPage />}><NewShopForm /></Suspense></>;
    }
    const shop = loaded(tenant);
    if (shop.state === 'failed') {
      const weak = shop.problem.code === 'SECOND_FACTOR_REQUIRED';
      return <><ProblemNotice problem={shop.problem} again={shop.again} />{weak && <Anchor component={Link} to={'/account' as string} mt="md" display="inline-block" fw={600}>{say('account')}</Anchor>}</>;
    }
    return here === null ? <LoadingPage /> : <Outlet />;
  }
}
