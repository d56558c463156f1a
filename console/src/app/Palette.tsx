/** Go anywhere and do the frequent things by typing: pages, actions, people, segments, other shops. */

import { createSpotlight, Spotlight } from '@mantine/spotlight';
import '@mantine/spotlight/styles.css';
import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactElement, useEffect, useState } from 'react';
import { answer, api } from '../api/client';
import { useShared } from '../language/shared';
import { switchLanguage } from '../language/words';
import { Icon, type IconName } from '../parts/Icon';
import { useChooseTenant } from './choose';
import { BESIDE, mayGo, type Nav, PLACES } from './places';
import { type Here, mayOpenShops, mayWrite } from './session';
import { useFrameWords } from './words';

const WAIT_MILLISECONDS = 150;
const FOUND = 5;

interface Act {
  id: string;
  icon: IconName;
  label: string;
  /** In the other language too, so that either finds it. */
  also?: string;
  act: () => void;
}

const [store, palette] = createSpotlight();

/** `asked` rises each time that somebody asks for it. */
export function Palette({ here, asked }: { here: Here; asked: number }): ReactElement {
  const say = useFrameWords();
  const shared = useShared();
  const [query, setQuery] = useState('');
  const [looked] = useDebouncedValue(query.trim(), WAIT_MILLISECONDS);
  const found = useFound(looked);
  const groups = useActs(here);
  useEffect(() => palette.open(), [asked]);
  const wanted = query.trim().toLocaleLowerCase();
  const shown: [string, Act[]][] = [
    ...groups.map(([title, acts]): [string, Act[]] => [title, acts.filter((one) => `${one.label} ${one.also ?? ''}`.toLocaleLowerCase().includes(wanted))]),
    [say('segments'), found.segments],
    [say('people'), found.people],
  ];
  const some = shown.filter(([, acts]) => acts.length > 0);
  return (
    <Spotlight.Root store={store} query={query} onQueryChange={setQuery} shortcut={null} clearQueryOnClose returnFocus centered={false} yOffset="12vh" overlayProps={{ blur: 0, backgroundOpacity: 0.45 }}>
      <Spotlight.Search placeholder={say('find')} aria-label={say('find')} leftSection={<Icon name="search" />} />
      <Spotlight.ActionsList tabIndex={0} aria-label={say('findHint')}>
        {some.map(([title, acts]) => (
          <Spotlight.ActionsGroup key={title} label={title}>
            {acts.map((one) => <Spotlight.Action key={one.id} label={one.label} onClick={one.act} leftSection={<Icon name={one.icon} />} highlightQuery={false} />)}
          </Spotlight.ActionsGroup>
        ))}
        {some.length === 0 && <Spotlight.Empty>{found.busy || query.trim() !== looked ? shared('loading') : say('nothingFound')}</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

function useActs(here: Here): [string, Act[]][] {
  const say = useFrameWords();
  const navigate = useNavigate();
  const choose = useChooseTenant();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const english = here.language === 'en';
  const go = (path: string) => () => void navigate({ to: path as string });
  const place = (path: string, nav: Nav, act: () => void): Act => ({ id: path, icon: nav.icon, label: english ? nav.en : nav.zh, also: english ? nav.zh : nav.en, act });
  const pages = [
    ...PLACES.flatMap(({ path, nav }) => (nav && mayGo(nav, here) ? [place(path, nav, go(path))] : [])),
    ...BESIDE.flatMap(({ href, nav }) => (mayGo(nav, here) ? [place(href, nav, () => location.assign(href))] : [])),
  ];
  const acts: Act[] = [
    { id: 'account', icon: 'key', label: say('account'), also: 'account password passkey 帳號 密碼', act: go('/account') },
    ...(mayWrite(here.role) ? [{ id: 'new-segment', icon: 'plus' as const, label: say('newSegment'), also: 'segment 客群', act: go('/segments/new') }] : []),
    ...(mayOpenShops(here.session) ? [{ id: 'new-shop', icon: 'shop' as const, label: say('newShop'), also: 'shop tenant 商店', act: go('/new-shop') }] : []),
    { id: 'language', icon: 'docs', label: say('toOther'), also: 'english 中文 language 語言', act: () => switchLanguage(english ? 'zh-TW' : 'en') },
    { id: 'dark', icon: scheme === 'dark' ? 'sun' : 'moon', label: say('toDark'), also: 'dark light', act: () => setColorScheme(scheme === 'dark' ? 'light' : 'dark') },
  ];
  const shops = here.session.tenants
    .filter((one) => one.id !== here.tenant.id)
    .map((one): Act => ({ id: one.id, icon: 'shop', label: one.name, act: () => void choose(one.id) }));
  return [[say('pages'), pages], [say('actions'), acts], [say('shops'), shops]];
}

/** People and segments with this text, as the gateway finds them. */
function useFound(text: string): { people: Act[]; segments: Act[]; busy: boolean } {
  const navigate = useNavigate();
  const found = useQuery({
    queryKey: ['palette', text],
    queryFn: async ({ signal }) => {
      const query = { q: text, limit: FOUND };
      const [people, segments] = await Promise.all([
        answer(api.GET('/v1/profiles', { params: { query }, signal })),
        answer(api.GET('/v1/segments', { params: { query }, signal })),
      ]);
      return { people: people.profiles, segments: segments.segments };
    },
    enabled: text.length > 1,
    placeholderData: keepPreviousData,
  });
  if (text.length <= 1 || !found.data) return { people: [], segments: [], busy: found.isFetching };
  return {
    busy: found.isFetching,
    people: found.data.people.map((one) => ({ id: `person-${one.id}`, icon: 'people', label: one.identifiers.find(({ kind }) => kind === 'user_id')?.value ?? `#${one.id}`, act: () => void navigate({ to: `/people/${one.id}` as string }) })),
    segments: found.data.segments.map((one) => ({ id: one.id, icon: 'segments', label: one.name, act: () => void navigate({ to: `/segments/${one.id}` as string }) })),
  };
}
