/** The fields of one condition, by its kind. */

import { Autocomplete, NativeSelect, Text } from '@mantine/core';
import { lazy, type ReactElement, Suspense } from 'react';
import { useHere } from '../../../app/session';
import { EVENT_NAMES } from '../../../language/eventNames';
import { useEventText } from '../../../language/events';
import { localText } from '../../../language/words';
import { NumberBox } from '../../../parts/NumberBox';
import { type Condition, type EventNode, type GeneNode, isAttribute, isEvent, isExternal, isGene, isGoal, isList, isSegment, isSequence, isSnapshot, type SequenceNode } from '../tree/nodes';
import { type Gene, useDistribution } from '../useCatalogue';
import { nameIn } from '../naming';
import { useSegmentWords } from '../words';
import { Choice, type ControlProps } from './Choice';
import { TestControl } from './TestControl';
import { TimesControl } from './TimesControl';
import { WhereControl } from './WhereControl';
import { WindowControl } from './WindowControl';

// What few conditions are about comes when one is.
const AsOfControl = lazy(async () => ({ default: (await import('./AsOfControl')).AsOfControl }));
const GoalControls = lazy(async () => ({ default: (await import('./OtherControls')).GoalControls }));
const ExternalControls = lazy(async () => ({ default: (await import('./OtherControls')).ExternalControls }));
const SnapshotControls = lazy(async () => ({ default: (await import('./SnapshotControls')).SnapshotControls }));

export function ConditionControls({ node, onChange, catalogue }: ControlProps): ReactElement | null {
  const say = useSegmentWords();
  const { language } = useHere();
  if (isGene(node)) {
    const gene = catalogue.genes.get(node.gene);
    return gene ? <GeneControls node={node} gene={gene} onChange={onChange} /> : null;
  }
  if (isAttribute(node)) {
    const attribute = catalogue.attributes.find((one) => one.name === node.attribute);
    const suggested = attribute?.top_values?.map((top) => String(top.value)) ?? [];
    return <TestControl type={attribute?.type ?? 'text'} test={node.is} suggested={suggested} onChange={(is) => onChange({ ...node, is })} />;
  }
  if (isEvent(node)) return <EventControls node={node} onChange={onChange} catalogue={catalogue} />;
  if (isSequence(node)) return <SequenceControls node={node} onChange={onChange} catalogue={catalogue} />;
  if (isSegment(node)) return <Choice label={say('segment')} value={node.segment} of={catalogue.segments.map((one) => ({ id: one.id, name: nameIn(one, language) }))} onChange={(segment) => onChange({ segment })} />;
  if (isList(node)) return <Choice label={say('list')} value={node.list} of={catalogue.lists} onChange={(list) => onChange({ list })} />;
  if (isGoal(node)) return <Suspense><GoalControls node={node} onChange={onChange} catalogue={catalogue} /></Suspense>;
  if (isExternal(node)) return <Suspense><ExternalControls node={node} onChange={onChange} catalogue={catalogue} /></Suspense>;
  if (isSnapshot(node)) return <Suspense><SnapshotControls node={node} onChange={onChange} catalogue={catalogue} /></Suspense>;
  return null;
}

const ASKS_VALUES = ['category', 'list', 'keywords', 'products', 'map'];

function GeneControls({ node, gene, onChange }: { node: GeneNode; gene: Gene; onChange: (node: Condition) => void }): ReactElement {
  const { language } = useHere();
  const open = gene.choices.length === 0 && ASKS_VALUES.includes(gene.type);
  const lie = useDistribution(open ? gene.id : null, node.in, false);
  const suggested = lie.state === 'ready' ? lie.value.buckets.map((bucket) => bucket.value).filter((value) => value !== null) : [];
  const unit = localText(gene.unit, language);
  return (
    <>
      {node.as_of && <Suspense><AsOfControl node={node} onChange={onChange} /></Suspense>}
      {node.in && gene.windows && <WindowControl value={node.in} maxDays={gene.windows.max_days} allTime={gene.windows.all_time} onChange={(window) => onChange({ ...node, in: window })} />}
      <TestControl
        type={gene.type} test={node.is} {...(unit ? { unit } : {})} suggested={suggested}
        choices={gene.choices.map(({ value, name }) => ({ value, label: localText(name, language) }))} onChange={(is) => onChange({ ...node, is })}
      />
    </>
  );
}

function EventName({ value, onChange, label }: { value: string; onChange: (name: string) => void; label: string }): ReactElement {
  const text = useEventText();
  return (
    <Autocomplete
      aria-label={label} size="xs" w={190} value={value} onChange={onChange} data={EVENT_NAMES} comboboxProps={{ shadow: 'md' }}
      renderOption={({ option }) => <div><Text size="sm">{text('track', option.value)}</Text><Text size="xs" c="dimmed">{option.value}</Text></div>}
    />
  );
}

function EventControls({ node, onChange }: ControlProps<EventNode>): ReactElement {
  const say = useSegmentWords();
  const { times, ...rest } = node;
  return (
    <>
      <EventName label={say('event')} value={node.event} onChange={(event) => onChange({ ...node, event })} />
      <WindowControl value={node.in} onChange={(window) => onChange({ ...node, in: window })} />
      <TimesControl times={times} onChange={(next) => onChange(next ? { ...rest, times: next } : rest)} />
      <WhereControl where={node.where ?? []} onChange={(where) => onChange({ ...node, where })} />
    </>
  );
}

function SequenceControls({ node, onChange }: ControlProps<SequenceNode>): ReactElement {
  const say = useSegmentWords();
  return (
    <>
      <EventName label={say('event')} value={node.first.event} onChange={(event) => onChange({ ...node, first: { ...node.first, event } })} />
      <WindowControl value={node.in} onChange={(window) => onChange({ ...node, in: window })} />
      <NativeSelect
        aria-label={say('then')} size="xs" value={node.absent ? 'not' : 'did'} data={[{ value: 'did', label: say('then') }, { value: 'not', label: say('thenNot') }]}
        onChange={(event) => onChange({ ...node, absent: event.currentTarget.value === 'not' })}
      />
      <EventName label={say('event')} value={node.then.event} onChange={(event) => onChange({ ...node, then: { ...node.then, event } })} />
      <span className="part-words">
        <NumberBox label={say('within')} width={66} whole min={1} max={730} value={String(node.within_days)} onChange={(days) => onChange({ ...node, within_days: Number(days) })} />
        <Text size="sm" span>{say('days')} {say('within')}</Text>
      </span>
    </>
  );
}
