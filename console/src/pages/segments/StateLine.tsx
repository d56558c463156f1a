/** How far a segment's people are counted: kept right, slow, or why not. */

import { Text } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Schemas } from '../../api/client';
import { useHere } from '../../app/session';
import { useHistoryWords } from './historyWords';

export function StateLine({ state }: { state: Schemas['SegmentState'] }): ReactElement {
  const say = useHistoryWords();
  const { format, tenant } = useHere();
  const told = state.refresh === 'failed' ? say('failed', { time: format.time(state.since), text: state.failure_text ?? state.failure ?? '' })
    : state.profiles === null ? say('counting')
    : state.refresh === 'slow' ? say('slow') : say('live');
  return (
    <Text size="xs" c={state.refresh === 'failed' ? 'var(--bad)' : 'dimmed'} mt={6}>
      {told}{state.now && ` · ${say('asOf', { time: format.time(state.now) })}`} · {tenant.time_zone}
    </Text>
  );
}
