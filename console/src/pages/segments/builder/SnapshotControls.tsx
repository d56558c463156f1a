/** Which segment's snapshot a condition means; one can be taken here. */

import { Button, Select, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type ReactElement, useState } from 'react';
import { mayWrite, useHere } from '../../../app/session';
import { useKindWords } from '../kindWords';
import type { SnapshotNode } from '../tree/nodes';
import { nameIn } from '../naming';
import { useSnapshotOwner, useSnapshots, useTakeSnapshot } from '../useSnapshots';
import { useSegmentWords } from '../words';
import { Choice, type ControlProps } from './Choice';

export function SnapshotControls({ node, onChange, catalogue }: ControlProps<SnapshotNode>): ReactElement {
  const say = useSegmentWords();
  const kinds = useKindWords();
  const { format, language, role } = useHere();
  const [chosen, setChosen] = useState('');
  const owner = useSnapshotOwner(chosen ? '' : node.snapshot, catalogue.segments.map(({ id }) => id));
  const segment = chosen || owner || '';
  const found = useSnapshots(segment);
  const take = useTakeSnapshot(segment, (taken) => {
    notifications.show({ message: kinds('taken', { count: format.number(taken.profiles) }) });
    onChange({ snapshot: taken.id });
  });
  const snapshots = found.state === 'ready' ? found.value : [];
  return (
    <>
      <Choice label={kinds('ofSegment')} value={segment} of={catalogue.segments.map((one) => ({ id: one.id, name: nameIn(one, language) }))} onChange={setChosen} />
      {segment && snapshots.length > 0 && (
        <Select
          aria-label={kinds('which')} placeholder={say('choose')} size="xs" miw={230} value={snapshots.some(({ id }) => id === node.snapshot) ? node.snapshot : null} comboboxProps={{ shadow: 'md' }}
          data={snapshots.map((one) => ({ value: one.id, label: [kinds('snapshotNamed', { at: format.time(one.taken_at), n: format.number(one.profiles) }), one.note].filter(Boolean).join('・') }))} onChange={(id) => { if (id) onChange({ snapshot: id }); }}
        />
      )}
      {segment && found.state === 'ready' && snapshots.length === 0 && <Text size="sm" c="dimmed" span>{kinds('noSnapshots')}</Text>}
      {segment && mayWrite(role) && <Button size="compact-sm" h={28} variant="subtle" loading={take.isPending} onClick={() => take.mutate('')}>{kinds('take')}</Button>}
    </>
  );
}
