/** Details that an event must have: properties and what they must be. */

import { ActionIcon, Button, Group, TextInput, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import { useShared } from '../../../language/shared';
import { Icon } from '../../../parts/Icon';
import type { ValueTest } from '../tree/nodes';
import { useSegmentWords } from '../words';
import { TestControl } from './TestControl';

type Where = readonly { property: string; is: ValueTest }[];

export function WhereControl({ where, onChange }: { where: Where; onChange: (where: { property: string; is: ValueTest }[]) => void }): ReactElement {
  const say = useSegmentWords();
  const shared = useShared();
  const set = (at: number, next: Partial<Where[number]>) => onChange(where.map((one, index) => (index === at ? { ...one, ...next } : one)));
  return (
    <>
      {where.map((one, at) => (
        <Group key={at} gap={6} w="100%">
          <Text size="sm" c="dimmed" span>{say('where')}</Text>
          <TextInput aria-label={say('property')} placeholder="price" size="xs" w={150} value={one.property} onChange={(event) => set(at, { property: event.currentTarget.value })} />
          <TestControl type="number" only={['one_of', 'not_one_of', '>=', '<=', '=', 'between', 'is_known']} test={one.is} onChange={(is) => set(at, { is })} />
          <ActionIcon size={26} variant="subtle" color="gray" c="dimmed" aria-label={shared('remove')} onClick={() => onChange(where.filter((_, index) => index !== at))}><Icon name="close" size={14} /></ActionIcon>
        </Group>
      ))}
      <Button size="compact-xs" h={26} variant="subtle" leftSection={<Icon name="plus" size={13} />} onClick={() => onChange([...where, { property: '', is: { op: '>=', value: '1' } }])}>{say('addWhere')}</Button>
    </>
  );
}
