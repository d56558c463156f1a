/** The segment builder: the tree at the left; how many, in words, and how values lie at the right. */

import { ActionIcon, Button, Grid, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { lazy, type ReactElement, Suspense, useMemo, useState } from 'react';
import { useFormat } from '../../../app/session';
import { Empty } from '../../../parts/Empty';
import { Icon } from '../../../parts/Icon';
import { useExplainWords } from '../explainWords';
import { find, type NewId, treeOf } from '../tree/draft';
import type { Act, History } from '../tree/history';
import { isGene } from '../tree/nodes';
import type { Catalogue } from '../useCatalogue';
import { useSegmentWords } from '../words';
import { GroupPart } from './Part';
import { ResultPanel } from './ResultPanel';
import { usePreview } from './usePreview';

// Charts come after the fields: counting does not wait for them.
const ExplainDraftDialog = lazy(async () => ({ default: (await import('../Explain')).ExplainDraftDialog }));
const GeneLie = lazy(async () => ({ default: (await import('../GeneLie')).GeneLie }));

interface Props {
  catalogue: Catalogue;
  history: History;
  act: (act: Act) => void;
  newId: NewId;
}

export function Builder({ catalogue, history, act, newId }: Props): ReactElement {
  const say = useSegmentWords();
  const explain = useExplainWords();
  const format = useFormat();
  const root = history.present;
  const counted = usePreview(root);
  const [picked, setPicked] = useState<number | null>(null);
  const [why, dialog] = useDisclosure(false);
  const { tree } = useMemo(() => treeOf(root), [root]);
  useHotkeys([['mod+Z', () => act({ do: 'undo' })], ['mod+shift+Z', () => act({ do: 'redo' })], ['mod+Y', () => act({ do: 'redo' })]]);
  // Without a choice, the first gene that has a place to show.
  const chosen = useMemo(() => (picked !== null && find(root, picked) ? picked : firstGene(root)), [root, picked]);
  const part = chosen === null ? null : find(root, chosen);
  const node = part?.kind === 'condition' && isGene(part.node) ? part.node : null;
  const gene = node ? catalogue.genes.get(node.gene) : undefined;
  const faulty = hasFaults(root);

  function hasFaults(draft: typeof root): boolean {
    return counted.faultsOf(draft.id).length > 0 || draft.children.some((child) => (child.kind === 'group' ? hasFaults(child) : counted.faultsOf(child.id).length > 0));
  }

  return (
    <>
      {counted.preview && (
        <a className="count-bar" href="#result">
          <span>{say('result')}</span>
          <b className={counted.old ? 'old' : ''}>{format.number(counted.preview.profiles)}</b>
        </a>
      )}
      <Grid gap="md">
        <Grid.Col span={{ base: 12, md: 8 }}>
          <section className="card" aria-label={say('conditions')}>
            <Group justify="space-between" mb="sm">
              <Title order={2}>{say('conditions')}</Title>
              <Group gap={4}>
                <ActionIcon variant="subtle" color="gray" size={30} disabled={history.past.length === 0} aria-label={say('undo')} onClick={() => act({ do: 'undo' })}><Icon name="undo" /></ActionIcon>
                <ActionIcon variant="subtle" color="gray" size={30} disabled={history.future.length === 0} aria-label={say('redo')} onClick={() => act({ do: 'redo' })}><Icon name="redo" /></ActionIcon>
              </Group>
            </Group>
            {root.children.length === 0 && <Empty icon="segments" title={say('emptyTitle')} text={say('emptyText')} />}
            <GroupPart root draft={root} editing={{ catalogue, counted, change: act, newId, chosen, choose: setPicked }} />
          </section>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 4 }}>
          <Stack gap="md" style={{ position: 'sticky', top: 'calc(var(--bar-height) + 16px)' }}>
            <ResultPanel counted={counted} faulty={faulty} />
            {counted.preview && !faulty && <Button variant="default" onClick={dialog.open}>{explain('title')}</Button>}
            <section className="card" aria-label={say('chosenGene')}>
              {gene && node && part ? (
                <Suspense fallback={<Skeleton height={200} />}>
                  <GeneLie gene={gene} window={node.in} test={node.is} onTest={(is) => act({ do: 'set', id: part.id, node: { ...node, is } })} />
                </Suspense>
              ) : (
                <Text size="sm" c="dimmed">{say('chooseGene')}</Text>
              )}
            </section>
          </Stack>
        </Grid.Col>
        <Suspense>{why && tree && <ExplainDraftDialog tree={tree} onClose={dialog.close} />}</Suspense>
      </Grid>
    </>
  );
}

function firstGene(root: History['present']): number | null {
  for (const child of root.children) {
    if (child.kind === 'condition' && isGene(child.node)) return child.id;
    if (child.kind === 'group') {
      const inner = firstGene(child);
      if (inner !== null) return inner;
    }
  }
  return null;
}
