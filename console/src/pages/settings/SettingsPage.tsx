/** Settings of the shop: how its numbers are counted, its keys, and what it uses. */

import { Tabs } from '@mantine/core';
import type { ReactElement } from 'react';
import { PageHead } from '../../parts/PageHead';
import { useUrlState } from '../../parts/useUrlState';
import { KeysTab } from './KeysTab';
import { ShopTab } from './ShopTab';
import { UsageTab } from './UsageTab';
import { useSettingsWords } from './words';

export function Page(): ReactElement {
  const say = useSettingsWords();
  const [tab, setTab] = useUrlState('tab', 'shop');
  return (
    <>
      <PageHead title={say('title')} lead={say('beside')} />
      <Tabs value={tab} onChange={(next) => setTab(next ?? 'shop')} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="shop">{say('shop')}</Tabs.Tab>
          <Tabs.Tab value="keys">{say('keys')}</Tabs.Tab>
          <Tabs.Tab value="usage">{say('usage')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="shop"><ShopTab /></Tabs.Panel>
        <Tabs.Panel value="keys"><KeysTab /></Tabs.Panel>
        <Tabs.Panel value="usage"><UsageTab /></Tabs.Panel>
      </Tabs>
    </>
  );
}
