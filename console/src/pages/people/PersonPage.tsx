/** One person: who they are, what they did, their genes against everybody's, how they were joined, what they agreed to. */

import { Anchor, Badge, Button, Grid, SimpleGrid, Tabs, Text, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Link, useParams } from '@tanstack/react-router';
import { lazy, type ReactElement, Suspense, useState } from 'react';
import type { Schemas } from '../../api/client';
import { mayLead, useHere } from '../../app/session';
import { useShared } from '../../language/shared';
import { Icon } from '../../parts/Icon';
import { PageHead } from '../../parts/PageHead';
import { Ready } from '../../parts/Ready';
import { useUrlState } from '../../parts/useUrlState';
import { ConsentTab } from './ConsentTab';
import { GenesTab } from './GenesTab';
import { LinksTab } from './LinksTab';
import { nameOf } from './PeoplePage';
import { SegmentsTab } from './SegmentsTab';
import { TimelineTab } from './TimelineTab';
import { usePerson } from './usePeople';
import { useReveal } from './useRequests';
import { usePeopleWords } from './words';

// A menu is heavy, and seldom opened.
const PersonMenu = lazy(async () => ({ default: (await import('./PersonMenu')).PersonMenu }));

export function Page(): ReactElement {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  // A look at one person is no look at the next.
  return <Somebody key={id} id={Number(id)} />;
}

function Somebody({ id }: { id: number }): ReactElement {
  const [reveal, setReveal] = useState('');
  const person = usePerson(id, reveal);
  return <Ready of={person} height={420}>{(found) => <Known found={found} reveal={reveal} onReveal={setReveal} />}</Ready>;
}

interface Props {
  found: Schemas['ProfileAnswer'];
  reveal: string;
  onReveal: (reveal: string) => void;
}

function Known({ found, reveal, onReveal }: Props): ReactElement {
  const say = usePeopleWords();
  const shared = useShared();
  const { format, role, session } = useHere();
  const [tab, setTab] = useUrlState('tab', 'timeline');
  const { profile, masked } = found;
  const asking = useReveal(profile.id);
  const name = nameOf(profile);
  const { totals } = profile;
  function toggle(): void {
    if (!masked) onReveal('');
    else asking.mutate(undefined, { onSuccess: (answered) => onReveal(answered.reveal), onError: () => notifications.show({ message: say('revealFailed'), color: 'red' }) });
  }
  return (
    <>
      <Anchor component={Link} to={'/people' as string} size="sm" c="dimmed">‹ {say('title')}</Anchor>
      <PageHead title={name.value} asOf={found.as_of}>
        <Badge variant="light" size="lg" color={profile.member ? 'teal' : 'gray'} tt="none" fw={550}>{profile.member ? shared('member') : shared('visitor')}</Badge>
        {role !== 'viewer' && !session.acting && <Button variant="default" leftSection={<Icon name="eye" />} aria-pressed={!masked} loading={asking.isPending} title={say('revealNote')} onClick={toggle}>{masked ? say('reveal') : say('conceal')}</Button>}
        {mayLead(role) && !session.acting && <Suspense><PersonMenu id={profile.id} /></Suspense>}
      </PageHead>
      <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md" mb="md">
        {([['orders', format.number(totals.orders)], ['revenue', format.money(totals.revenue.amount, totals.revenue.currency || undefined)], ['events', format.number(totals.events)], ['lastSeen', format.ago(totals.last_seen_at, Date.now())]] as const).map(([key, text]) => (
          <div key={key} className="card"><Text size="sm" c="dimmed">{say(key)}</Text><div className="figure person-figure">{text}</div></div>
        ))}
      </SimpleGrid>
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 4 }}>
          <section className="card">
            <Title order={2} mb="xs">{say('identifiers')}</Title>
            <dl className="lines">
              {profile.identifiers.map((one) => (
                <div key={one.nid} style={{ display: 'contents' }}>
                  <dt>{say(one.kind)}</dt>
                  <dd>{one.value}<Text size="xs" c="dimmed">{say('firstSeen')} {format.time(one.first_seen_at)}</Text></dd>
                </div>
              ))}
            </dl>
            <Title order={2} mt="lg" mb="xs">{say('traits')}</Title>
            {profile.traits.length === 0 ? <Text size="sm" c="dimmed">{say('noTraits')}</Text> : (
              <dl className="lines">
                {profile.traits.map((trait) => (
                  <div key={trait.name} style={{ display: 'contents' }}><dt>{trait.name}</dt><dd>{typeof trait.value === 'string' ? trait.value : JSON.stringify(trait.value)}</dd></div>
                ))}
              </dl>
            )}
          </section>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 8 }}>
          <Tabs value={tab} onChange={(next) => setTab(next ?? 'timeline')} keepMounted={false}>
            <Tabs.List mb="md" className="person-tabs">
              <Tabs.Tab value="timeline">{say('timeline')}</Tabs.Tab>
              <Tabs.Tab value="genes">{say('genes')}</Tabs.Tab>
              <Tabs.Tab value="segments">{say('segments')}</Tabs.Tab>
              <Tabs.Tab value="joined">{say('joined')}</Tabs.Tab>
              <Tabs.Tab value="consent">{say('consent')}</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="timeline"><TimelineTab id={profile.id} identifiers={profile.identifiers} reveal={reveal} /></Tabs.Panel>
            <Tabs.Panel value="genes"><GenesTab id={profile.id} /></Tabs.Panel>
            <Tabs.Panel value="segments"><SegmentsTab id={profile.id} /></Tabs.Panel>
            <Tabs.Panel value="joined"><LinksTab id={profile.id} reveal={reveal} /></Tabs.Panel>
            <Tabs.Panel value="consent"><ConsentTab id={profile.id} reveal={reveal} /></Tabs.Panel>
          </Tabs>
        </Grid.Col>
      </Grid>
    </>
  );
}
