/** What can be done with a condition or a group besides editing it. */

import { ActionIcon, Menu } from '@mantine/core';
import type { ReactElement } from 'react';
import { Icon } from '../../../parts/Icon';
import type { Change, Draft, NewId } from '../tree/draft';
import { useKindWords } from '../kindWords';
import { type GeneNode, isGene } from '../tree/nodes';
import { useSegmentWords } from '../words';

// How these were on a past day is not kept.
const KNOWN_NOW_ONLY = ['member_stage', 'reachable_by'];

export function PartMenu({ draft, change, newId }: { draft: Draft; change: (change: Change) => void; newId: NewId }): ReactElement {
  const say = useSegmentWords();
  const kinds = useKindWords();
  const askPast = (node: GeneNode): void => change({ do: 'set', id: draft.id, node: { ...node, as_of: { days_ago: { from: 30, to: 30 } } } });
  const node = draft.kind === 'condition' && isGene(draft.node) && !draft.node.as_of && !KNOWN_NOW_ONLY.includes(draft.node.gene) ? draft.node : null;
  return (
    <Menu position="bottom-end" shadow="md" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" c="dimmed" size={28} aria-label={say('partMenu')}><Icon name="dots" /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="not" size={15} />} onClick={() => change({ do: 'negate', id: draft.id })}>{draft.negated ? say('is') : say('isNot')}</Menu.Item>
        {node && <Menu.Item leftSection={<Icon name="history" size={15} />} onClick={() => askPast(node)}>{kinds('asOfPast')}</Menu.Item>}
        <Menu.Item leftSection={<Icon name="copy" size={15} />} onClick={() => change({ do: 'copy', id: draft.id, newId })}>{say('copyPart')}</Menu.Item>
        <Menu.Item leftSection={<Icon name="group" size={15} />} onClick={() => change({ do: 'wrap', id: draft.id, group: newId() })}>{say('wrapPart')}</Menu.Item>
        <Menu.Item onClick={() => change({ do: 'move', id: draft.id, by: -1 })}>{say('moveUp')}</Menu.Item>
        <Menu.Item onClick={() => change({ do: 'move', id: draft.id, by: 1 })}>{say('moveDown')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
