/** What people asked for and where it stands: who was forgotten, store by store, and files with everything of one person. */

import { Anchor, Tabs } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { PageHead } from '../../parts/PageHead';
import { useUrlState } from '../../parts/useUrlState';
import { ErasuresTab } from './ErasuresTab';
import { ExportsTab } from './ExportsTab';
import { useRequestWords } from './requestWords';
import { usePeopleWords } from './words';

export function Page(): ReactElement {
  const say = useRequestWords();
  const people = usePeopleWords();
  const [tab, setTab] = useUrlState('tab', 'erasures');
  return (
    <>
      <Anchor component={Link} to={'/people' as string} size="sm" c="dimmed">‹ {people('title')}</Anchor>
      <PageHead title={say('title')} lead={say('lead')} />
      <Tabs value={tab} onChange={(next) => setTab(next ?? 'erasures')} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="erasures">{say('erasures')}</Tabs.Tab>
          <Tabs.Tab value="exports">{say('exports')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="erasures"><ErasuresTab /></Tabs.Panel>
        <Tabs.Panel value="exports"><ExportsTab /></Tabs.Panel>
      </Tabs>
    </>
  );
}
