/** One external gene: how its values lie, the way to bring new ones, and what each change did. */

import { Anchor, Button, Tabs, Text } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { lazy, type ReactElement, Suspense } from 'react';
import type { Schemas } from '../../api/client';
import { mayWrite, useHere } from '../../app/session';
import { localText } from '../../language/words';
import { Icon } from '../../parts/Icon';
import { PageHead } from '../../parts/PageHead';
import { Ready } from '../../parts/Ready';
import { useUrlState } from '../../parts/useUrlState';
import { GeneMenu } from './GeneMenu';
import { useExternalGene } from './useExternalGenes';
import { ValuesTab } from './ValuesTab';
import { useExternalWords } from './words';

const UploadTab = lazy(async () => ({ default: (await import('./UploadTab')).UploadTab }));
const HistoryTab = lazy(async () => ({ default: (await import('./HistoryTab')).HistoryTab }));

export function Page(): ReactElement {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const found = useExternalGene(id);
  return <Ready of={found} height={420}>{(one) => <Opened key={one.gene.id} found={one} />}</Ready>;
}

function Opened({ found }: { found: Schemas['OneExternalGene'] }): ReactElement {
  const say = useExternalWords();
  const { role, format, language } = useHere();
  const [tab, setTab] = useUrlState('tab', 'values');
  const { gene, people } = found;
  const figures = Object.entries(gene.validation).map(([name, value]) => `${name} ${value}`);
  return (
    <>
      <Anchor component={Link} to={'/external-genes' as string} size="sm" c="dimmed">‹ {say('title')}</Anchor>
      <PageHead title={localText(gene.name, language)} {...(gene.description ? { lead: gene.description } : {})} asOf={found.as_of}>
        {mayWrite(role) && tab !== 'upload' && <Button leftSection={<Icon name="upload" />} onClick={() => setTab('upload')}>{say('upload')}</Button>}
        {mayWrite(role) && <GeneMenu gene={gene} />}
      </PageHead>
      <Text size="xs" c="dimmed" mt={-8} mb="sm">
        {[say(gene.type), say('people', { count: people, n: format.number(people) }), `${say('origin')} ${say(gene.origin)}`, gene.version && `${say('version')} ${gene.version}`, figures.length > 0 && `${say('validation')} ${figures.join('、')}`].filter(Boolean).join(' · ')}
      </Text>
      <Tabs value={tab} onChange={(next) => setTab(next ?? 'values')} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="values">{say('values')}</Tabs.Tab>
          <Tabs.Tab value="upload">{say('upload')}</Tabs.Tab>
          <Tabs.Tab value="history">{say('history')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="values"><ValuesTab gene={gene} onUpload={() => setTab('upload')} /></Tabs.Panel>
        <Suspense>
          <Tabs.Panel value="upload"><UploadTab gene={gene} onSeen={() => setTab('values')} /></Tabs.Panel>
          <Tabs.Panel value="history"><HistoryTab gene={gene} /></Tabs.Panel>
        </Suspense>
      </Tabs>
    </>
  );
}
