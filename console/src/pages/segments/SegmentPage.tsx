/** A saved segment: its conditions, who is in it, and its versions. */

import { Anchor, Badge, Button, Group, Skeleton, Tabs, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { lazy, type ReactElement, Suspense } from 'react';
import { mayWrite, useHere } from '../../app/session';
import { loaded } from '../../api/loaded';
import { Icon } from '../../parts/Icon';
import { PageHead } from '../../parts/PageHead';
import { Ready } from '../../parts/Ready';
import { useUrlState } from '../../parts/useUrlState';
import { useWho } from '../people/useWho';
import { useExportWords } from '../schedules/words';
import { useDraft } from './builder/useDraft';
import { useExplainWords } from './explainWords';
import { useHistoryWords } from './historyWords';
import { useCatalogue } from './useCatalogue';
import { useSaveChanges } from './useSaveChanges';
import { describedIn, folderIn, nameIn } from './naming';
import { type OneSegment, useSegment } from './useSegments';
import { useSegmentWords } from './words';
import './segments.css';

const Builder = lazy(async () => ({ default: (await import('./builder/Builder')).Builder }));
const SaveDialog = lazy(async () => ({ default: (await import('./SaveDialog')).SaveDialog }));
const SegmentMenu = lazy(async () => ({ default: (await import('./SegmentMenu')).SegmentMenu }));
const MembersTab = lazy(async () => ({ default: (await import('./MembersTab')).MembersTab }));
const ExplainDialog = lazy(async () => ({ default: (await import('./Explain')).ExplainDialog }));
const ExportDialog = lazy(async () => ({ default: (await import('../schedules/ExportDialog')).ExportDialog }));
const HistoryTab = lazy(async () => ({ default: (await import('./HistoryTab')).HistoryTab }));
const VersionsTab = lazy(async () => ({ default: (await import('./VersionsTab')).VersionsTab }));

const SOMEBODY = 'somebody';

export function Page(): ReactElement {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const segment = loaded(useSegment(id));
  return <Ready of={segment} height={420}>{(found) => <Opened key={found.id} segment={found} />}</Ready>;
}

function Opened({ segment }: { segment: OneSegment }): ReactElement {
  const say = useSegmentWords();
  const explain = useExplainWords();
  const who = useWho();
  const history = useHistoryWords();
  const exports = useExportWords();
  const { role, format, language } = useHere();
  const catalogue = useCatalogue();
  const draft = useDraft(segment.tree);
  const [tab, setTab] = useUrlState('tab', 'conditions');
  // Whose membership is asked about: a profile's id, or `somebody` before one is chosen.
  const [why, setWhy] = useUrlState('why');
  const [copying, dialog] = useDisclosure(false);
  const [exporting, exportDialog] = useDisclosure(false);
  const navigate = useNavigate();
  const save = useSaveChanges(segment);
  const writes = mayWrite(role);
  return (
    <>
      <Anchor component={Link} to={'/segments' as string} size="sm" c="dimmed">‹ {say('title')}{segment.folder ? ` · ${folderIn(segment.folder, language)}` : ''}</Anchor>
      <PageHead title={nameIn(segment, language)} lead={describedIn(segment, language)}>
        {draft.edited && <Badge color="orange" variant="light" tt="none" fw={550}>{say('unsaved')}</Badge>}
        {draft.edited && <Button variant="default" onClick={() => draft.load(segment.tree)}>{say('discard')}</Button>}
        {writes && draft.edited && draft.tree && <Button variant="default" onClick={dialog.open}>{say('saveAs')}</Button>}
        {writes && draft.edited && <Button leftSection={<Icon name="save" />} loading={save.isPending} disabled={draft.tree === null} onClick={() => draft.tree && save.mutate(draft.tree)}>{say('saveChanges')}</Button>}
        {tab !== 'conditions' && <Button variant="default" onClick={() => setWhy(SOMEBODY)}>{explain('title')}</Button>}
        <Button component={Link} variant="default" to={'/overlaps' as string} search={{ sets: `segment:${segment.id}` } as never}>{say('overlap')}</Button>
        {writes && <Button variant="default" leftSection={<Icon name="imports" size={16} />} onClick={exportDialog.open}>{exports('export')}</Button>}
        {writes && <Suspense><SegmentMenu segment={segment} /></Suspense>}
      </PageHead>
      <Text size="xs" c="dimmed" mt={-8} mb="sm">{say('version', { count: segment.version })} · {say('byWhom', { who: who(segment.changed_by), at: format.time(segment.changed_at) })}</Text>
      <Tabs value={tab} onChange={(next) => setTab(next ?? 'conditions')} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="conditions">{say('conditions')}</Tabs.Tab>
          <Tabs.Tab value="people">{say('members')}</Tabs.Tab>
          <Tabs.Tab value="history">{history('tab')}</Tabs.Tab>
          <Tabs.Tab value="versions">{say('versions')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="conditions">
          <Ready of={catalogue} height={420}>{(known) => <Suspense fallback={<Skeleton height={420} />}><Builder catalogue={known} {...draft} /></Suspense>}</Ready>
          {segment.used_by.length > 0 && (
            <Group gap="xs" mt="md">
              <Text size="sm" c="dimmed">{say('usedBy')}</Text>
              {segment.used_by.map((user) => <Anchor key={user.id} component={Link} size="sm" to={`/segments/${user.id}` as string}>{user.name}</Anchor>)}
            </Group>
          )}
        </Tabs.Panel>
        <Suspense>
          <Tabs.Panel value="people"><MembersTab segment={segment} onWhy={setWhy} onExport={exportDialog.open} /></Tabs.Panel>
          <Tabs.Panel value="history"><HistoryTab segment={segment} onWhy={setWhy} /></Tabs.Panel>
          <Tabs.Panel value="versions"><VersionsTab segment={segment} onRestored={(tree) => draft.load(tree)} /></Tabs.Panel>
        </Suspense>
      </Tabs>
      <Suspense>{exporting && <ExportDialog segment={{ id: segment.id, name: nameIn(segment, language) }} onClose={exportDialog.close} />}</Suspense>
      <Suspense>{why && <ExplainDialog profileId={Number(why) || null} segment={{ id: segment.id, name: nameIn(segment, language) }} onClose={() => setWhy('')} />}</Suspense>
      <Suspense>{copying && draft.tree && <SaveDialog tree={draft.tree} onClose={dialog.close} onSaved={(id) => void navigate({ to: '/segments/$id', params: { id } } as never)} />}</Suspense>
    </>
  );
}
