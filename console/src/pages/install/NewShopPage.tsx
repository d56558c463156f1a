/** Opening another shop, for those who may. */

import { Text } from '@mantine/core';
import type { ReactElement } from 'react';
import { mayOpenShops, useHere } from '../../app/session';
import { PageHead } from '../../parts/PageHead';
import { NewShopForm } from './NewShopForm';
import { useInstallWords } from './words';

export function Page(): ReactElement {
  const say = useInstallWords();
  const { session } = useHere();
  return (
    <>
      <PageHead title={say('newTitle')} lead={say('newLead')} />
      {mayOpenShops(session) ? <NewShopForm /> : <div className="card"><Text>{say('notOwner')}</Text></div>}
    </>
  );
}
