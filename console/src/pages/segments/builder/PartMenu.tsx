/** What can be done with a condition or a group besides editing it. */

import { ActionIcon, Menu } from '@mantine/core';
import type { ReactElement } from 'react';
import { Icon } from '../../../parts/Icon';
import type { Change, Draft, NewId } from '../tree/draft';
import { useSegmentWords } from '../words';

export function PartMenu({ draft, change, newId }: { draft: Draft; change: (change: Change) => void; newId: NewId }): ReactElement {
  const say = useSegmentWords();
  return (
    <Menu position="bottom-end" shadow="md" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" c="dimmed" size={28} aria-label={say('partMenu')}><Icon name="dots" /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Icon name="not" size={15} />} onClick={() => change({ do: 'negate', id: draft.id })}>{draft.negated ? say('is') : say('isNot')}</Menu.Item>
        <Menu.Item leftSection={<Icon name="copy" size={15} />} onClick={() => change({ do: 'copy', id: draft.id, newId })}>{say('copyPart')}</Menu.Item>
        <Menu.Item leftSection={<Icon name="group" size={15} />} onClick={() => change({ do: 'wrap', id: draft.id, group: newId() })}>{say('wrapPart')}</Menu.Item>
        <Menu.Item onClick={() => change({ do: 'move', id: draft.id, by: -1 })}>{say('moveUp')}</Menu.Item>
        <Menu.Item onClick={() => change({ do: 'move', id: draft.id, by: 1 })}>{say('moveDown')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
