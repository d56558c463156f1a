/** The fields of conditions on goals and on values that a shop brought. */

import { NativeSelect, Text, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { NumberBox } from '../../../parts/NumberBox';
import { useKindWords } from '../kindWords';
import type { ExternalNode, GoalNode, ValueChange } from '../tree/nodes';
import { firstTest } from '../tree/operators';
import { useSegmentWords } from '../words';
import { Choice, type ControlProps } from './Choice';
import { TestControl } from './TestControl';
import { TimesControl } from './TimesControl';
import { WindowControl } from './WindowControl';

export function GoalControls({ node, onChange, catalogue }: ControlProps<GoalNode>): ReactElement {
  const kinds = useKindWords();
  return (
    <>
      <Choice label={kinds('goal')} value={node.goal} of={catalogue.goals} onChange={(goal) => onChange({ ...node, goal })} />
      <WindowControl value={node.in} onChange={(window) => onChange({ ...node, in: window })} />
      <TimesControl times={node.times} onChange={(times) => onChange({ goal: node.goal, in: node.in, ...(times ? { times } : {}) })} />
    </>
  );
}

const WEEK = 7;
const LONGEST = 730;

export function ExternalControls({ node, onChange, catalogue }: ControlProps<ExternalNode>): ReactElement {
  const kinds = useKindWords();
  const gene = catalogue.externalGenes.find((one) => one.id === node.external_gene);
  const type = gene?.type ?? 'text';
  const id = { external_gene: node.external_gene };
  return (
    <>
      <NativeSelect
        aria-label={kinds('how')} size="xs" value={node.changed ? 'changed' : 'hasValue'} data={(['hasValue', 'changed'] as const).map((value) => ({ value, label: kinds(value) }))}
        onChange={(event) => onChange(event.currentTarget.value === 'changed' ? { ...id, changed: { in_last_days: WEEK } } : { ...id, is: firstTest(type) })}
      />
      {node.changed ? <ChangeFields change={node.changed} onChange={(changed) => onChange({ ...id, changed })} />
        : <TestControl type={type} test={node.is ?? { known: true }} {...(gene?.unit ? { unit: gene.unit } : {})} onChange={(is) => onChange({ ...id, is })} />}
    </>
  );
}

function ChangeFields({ change, onChange }: { change: ValueChange; onChange: (change: ValueChange) => void }): ReactElement {
  const say = useSegmentWords();
  const kinds = useKindWords();
  const set = (end: 'from' | 'to', text: string): void => {
    const { [end]: _, ...rest } = change;
    onChange(text ? { ...rest, [end]: text } : rest);
  };
  return (
    <>
      {(['from', 'to'] as const).map((end) => (
        <span key={end} style={{ display: 'inline-flex', gap: 6, alignItems: 'center' }}>
          <Text size="sm" span>{kinds(end)}</Text>
          <TextInput aria-label={kinds(end)} placeholder={kinds('anything')} size="xs" w={110} maxLength={2000} value={change[end] ?? ''} onChange={(event) => set(end, event.currentTarget.value)} />
        </span>
      ))}
      <Text size="sm" span>{kinds('inLast')}</Text>
      <NumberBox label={say('days')} width={66} whole min={1} max={LONGEST} value={String(change.in_last_days)} onChange={(days) => onChange({ ...change, in_last_days: Number(days) })} />
      <Text size="sm" span>{say('days')}</Text>
    </>
  );
}
