/** One part of the tree: a condition or a group, with its own number of people and what is wrong with it. */

import { ActionIcon, Box, Group, Select, Text, UnstyledButton } from '@mantine/core';
import { lazy, type ReactElement, Suspense } from 'react';
import { useHere } from '../../../app/session';
import type { Fault } from '../../../api/problem';
import { useShared } from '../../../language/shared';
import { localText } from '../../../language/words';
import { Icon } from '../../../parts/Icon';
import type { Change, ConditionDraft, Draft, GroupDraft, Mode, NewId } from '../tree/draft';
import { type Condition, type ExternalNode, isAttribute, isEvent, isGene, isGoal, isList, isSegment, isSequence, isSnapshot } from '../tree/nodes';
import type { Catalogue } from '../useCatalogue';
import { useKindWords } from '../kindWords';
import { useSegmentWords } from '../words';
import { ConditionControls } from './ConditionControls';
import { ConditionPicker } from './ConditionPicker';
import { useFaultText } from './faults';
import type { Counted } from './usePreview';
import './part.css';

// The fields do not wait for it.
const PartMenu = lazy(async () => ({ default: (await import('./PartMenu')).PartMenu }));

export interface Editing {
  catalogue: Catalogue;
  counted: Counted;
  change: (change: Change) => void;
  newId: NewId;
  chosen: number | null;
  choose: (id: number) => void;
}

export function GroupPart({ draft, editing, root = false }: { draft: GroupDraft; editing: Editing; root?: boolean }): ReactElement {
  const say = useSegmentWords();
  const { catalogue, change, newId } = editing;
  const add = (node: Condition) => {
    const id = newId();
    change({ do: 'add', to: draft.id, draft: { id, kind: 'condition', negated: false, node } });
    editing.choose(id);
  };
  const joint = draft.mode === 'all' ? say('and') : draft.mode === 'any' ? say('or') : say('except');
  return (
    <Box className={root ? 'part-group root' : 'part-group'} data-mode={draft.mode} data-negated={draft.negated || undefined}>
      <Group gap={8} wrap="nowrap" className="part-head">
        {draft.negated && <Text size="xs" className="part-not">{say('not')}</Text>}
        <Select
          aria-label={say('groupMode')} size="xs" w={190} value={draft.mode} allowDeselect={false} data={(['all', 'any', 'difference'] as const).map((mode) => ({ value: mode, label: say(`mode_${mode}`) }))}
          onChange={(mode) => { if (mode) change({ do: 'mode', id: draft.id, mode: mode as Mode }); }} comboboxProps={{ shadow: 'md' }}
        />
        <Box flex={1} />
        {!root && <><Count id={draft.id} counted={editing.counted} /><PartDeeds draft={draft} editing={editing} /></>}
      </Group>
      <Faults of={editing.counted.faultsOf(draft.id)} />
      {draft.children.map((child, index) => (
        <div key={child.id} className="part-child">
          {index > 0 && <span className="part-joint">{joint}</span>}
          {child.kind === 'group' ? <GroupPart draft={child} editing={editing} /> : <ConditionPart draft={child} editing={editing} />}
        </div>
      ))}
      <Group gap={6} mt={draft.children.length ? 10 : 4}>
        <ConditionPicker catalogue={catalogue} onPick={add} prominent={root && draft.children.length === 0} />
        <UnstyledButton className="part-add" onClick={() => change({ do: 'add', to: draft.id, draft: { id: newId(), kind: 'group', mode: draft.mode === 'any' ? 'all' : 'any', negated: false, children: [] } })}>
          <Icon name="group" size={15} />{say('addGroup')}
        </UnstyledButton>
      </Group>
    </Box>
  );
}

function ConditionPart({ draft, editing }: { draft: ConditionDraft; editing: Editing }): ReactElement {
  const say = useSegmentWords();
  const { catalogue, counted, change, chosen, choose } = editing;
  const faults = counted.faultsOf(draft.id);
  return (
    <div className="part" data-chosen={chosen === draft.id || undefined} data-faulty={faults.length > 0 || undefined} onFocusCapture={() => choose(draft.id)} onClick={() => choose(draft.id)}>
      <div className="part-fields">
        {draft.negated && <Text size="xs" className="part-not">{say('not')}</Text>}
        <Name node={draft.node} catalogue={catalogue} />
        <ConditionControls node={draft.node} catalogue={catalogue} onChange={(node) => change({ do: 'set', id: draft.id, node })} />
      </div>
      <div className="part-side">
        <Count id={draft.id} counted={counted} />
        <PartDeeds draft={draft} editing={editing} />
      </div>
      <Faults of={faults} />
    </div>
  );
}

function Name({ node, catalogue }: { node: Condition; catalogue: Catalogue }): ReactElement {
  const say = useSegmentWords();
  const kinds = useKindWords();
  const { language } = useHere();
  const externalName = ({ external_gene }: ExternalNode): string => {
    const found = catalogue.externalGenes.find((one) => one.id === external_gene);
    return found ? localText(found.name, language) : external_gene;
  };
  const gene = isGene(node) ? catalogue.genes.get(node.gene) : undefined;
  const name = gene ? localText(gene.name, language)
    : isGene(node) ? node.gene
    : isAttribute(node) ? node.attribute
    : isEvent(node) || isSequence(node) ? say('event')
    : isSegment(node) ? say('segment')
    : isList(node) ? say('list')
    : isGoal(node) ? kinds('goal')
    : isSnapshot(node) ? kinds('snapshot')
    : externalName(node);
  return <Text size="sm" fw={600} span className="part-name">{name}</Text>;
}

function Count({ id, counted }: { id: number; counted: Counted }): ReactElement {
  const { format } = useHere();
  const count = counted.countOf(id);
  return <Text size="sm" className={counted.old ? 'part-count old' : 'part-count'} span>{count === undefined ? '–' : format.number(count)}</Text>;
}

function Faults({ of }: { of: readonly Fault[] }): ReactElement | null {
  const text = useFaultText();
  if (of.length === 0) return null;
  return <Text size="xs" c="var(--bad)" role="status" className="part-faults">{[...new Set(of.map(text))].join(' ')}</Text>;
}

/** Taking a part away, and whatever else can be done with it in a menu. */
function PartDeeds({ draft, editing }: { draft: Draft; editing: Editing }): ReactElement {
  const shared = useShared();
  const { change, newId } = editing;
  return (
    <Group gap={0} wrap="nowrap">
      <Suspense fallback={<Box w={28} h={28} />}><PartMenu draft={draft} change={change} newId={newId} /></Suspense>
      <ActionIcon variant="subtle" color="gray" c="dimmed" size={28} aria-label={shared('remove')} onClick={(event) => { event.stopPropagation(); change({ do: 'remove', id: draft.id }); }}><Icon name="close" size={15} /></ActionIcon>
    </Group>
  );
}
