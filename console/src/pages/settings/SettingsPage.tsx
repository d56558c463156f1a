/** Settings of the shop: how its numbers are counted, its keys, what it uses, and how long it keeps what. */

import { Tabs } from '@mantine/core';
import type { ReactElement } from 'react';
import { PageHead } from '../../parts/PageHead';
import { useUrlState } from '../../parts/useUrlState';
import { KeysTab } from './KeysTab';
import { PrivacyTab } from './PrivacyTab';
import { usePrivacyWords } from './privacyWords';
import { ShopTab } from './ShopTab';
import { UsageTab } from './UsageTab';
import { useSettingsWords } from './words';

export function Page(): ReactElement {
  const say = useSettingsWords();
  const privacy = usePrivacyWords();
  const [tab, setTab] = useUrlState('tab', 'shop');
  return (
    <>
      <PageHead title={say('title')} lead={say('beside')} />
      <Tabs value={tab} onChange={(next) => setTab(next ?? 'shop')} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="shop">{say('shop')}</Tabs.Tab>
          <Tabs.Tab value="keys">{say('keys')}</Tabs.Tab>
          <Tabs.Tab value="usage">{say('usage')}</Tabs.Tab>
          <Tabs.Tab value="privacy">{privacy('title')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="shop"><ShopTab /></Tabs.Panel>
        <Tabs.Panel value="keys"><KeysTab /></Tabs.Panel>
        <Tabs.Panel value="usage"><UsageTab /></Tabs.Panel>
        <Tabs.Panel value="privacy"><PrivacyTab /></Tabs.Panel>
      </Tabs>
    </>
  );
}
