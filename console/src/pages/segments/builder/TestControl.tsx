/** What a value must be: an operator and what it compares with, by the type of the value. */

import { Autocomplete, Checkbox, NativeSelect, Text, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { useHere } from '../../../app/session';
import { todayIn } from '../../../language/format';
import { NumberBox } from '../../../parts/NumberBox';
import type { NumericTest, ValueTest } from '../tree/nodes';
import { operatorOf, operatorsOf, type Operator, testWith } from '../tree/operators';
import { useSegmentWords } from '../words';
import { NumberField } from './NumberField';
import { ValuesField } from './ValuesField';

interface Props {
  type: string;
  test: ValueTest;
  onChange: (test: ValueTest) => void;
  unit?: string;
  choices?: readonly { value: string; label: string }[];
  suggested?: readonly string[];
  /** Fewer operators than the type has. */
  only?: readonly Operator[];
}

export function TestControl(props: Props): ReactElement {
  const { type, test, onChange, only } = props;
  const say = useSegmentWords();
  const { tenant } = useHere();
  const operators = only ?? operatorsOf(type);
  const today = todayIn(tenant.time_zone, Date.now());
  return (
    <>
      <NativeSelect
        aria-label={say('operator')} size="xs" value={operatorOf(test)} data={operators.map((one) => ({ value: one, label: say(`op_${one}`) }))}
        onChange={(event) => onChange(testWith(event.currentTarget.value as Operator, test, today))}
      />
      <Operand {...props} />
    </>
  );
}

function Operand(props: Props): ReactElement | null {
  const { test, type, unit, onChange } = props;
  const say = useSegmentWords();
  const { tenant } = useHere();
  const number = { share: type === 'ratio', ...(type === 'money' ? { suffix: tenant.currency, width: 110 } : unit ? { suffix: unit } : {}) };
  if ('op' in test || 'between' in test) return <NumericOperand test={test} onChange={onChange} number={number} />;
  if ('top_percent' in test) return <NumberField label={say('percent')} value={test.top_percent} suffix="%" width={80} onChange={(value) => onChange({ top_percent: value })} />;
  if ('bottom_percent' in test) return <NumberField label={say('percent')} value={test.bottom_percent} suffix="%" width={80} onChange={(value) => onChange({ bottom_percent: value })} />;
  if ('of' in test || 'rising' in test || 'falling' in test) return <KeyOperand {...props} />;
  if ('before' in test || 'after' in test || 'on' in test) {
    const key = Object.keys(test)[0] as 'before' | 'after' | 'on';
    const value = (test as Record<string, string>)[key] ?? '';
    return <TextInput type="date" aria-label={say('value')} size="xs" value={value} onChange={(event) => event.currentTarget.value && onChange({ [key]: event.currentTarget.value } as ValueTest)} />;
  }
  if ('in_last_days' in test) return <Days value={test.in_last_days} set={(days) => onChange({ in_last_days: days })} unit={say('days')} />;
  if ('more_than_days_ago' in test) return <Days value={test.more_than_days_ago} set={(days) => onChange({ more_than_days_ago: days })} unit={say('daysAgoUnit')} />;
  if ('anniversary_within_days' in test) return <Days value={test.anniversary_within_days} set={(days) => onChange({ anniversary_within_days: days })} unit={say('daysInside')} />;
  if ('month' in test) return <NativeSelect aria-label={say('month')} size="xs" value={String(test.month)} data={Array.from({ length: 12 }, (_, index) => String(index + 1))} onChange={(event) => onChange({ month: Number(event.currentTarget.value) })} />;
  if ('known' in test || 'above' in test || 'below' in test) return null;
  return <ListOperand {...props} />;
}

type NumberProps = { share: boolean; suffix?: string; width?: number };

function NumericOperand({ test, onChange, number }: { test: NumericTest; onChange: (test: ValueTest) => void; number: NumberProps }): ReactElement {
  const say = useSegmentWords();
  if ('op' in test) return <NumberField label={say('value')} value={test.value} onChange={(value) => onChange({ ...test, value })} {...number} />;
  const [low, high] = test.between;
  return (
    <span className="part-words">
      <NumberField label={say('low')} value={low} onChange={(value) => onChange({ between: [value, high] })} {...number} />
      <Text size="sm" span>–</Text>
      <NumberField label={say('high')} value={high} onChange={(value) => onChange({ between: [low, value] })} {...number} />
    </span>
  );
}

function Days({ value, set, unit }: { value: number; set: (days: number) => void; unit: string }): ReactElement {
  const say = useSegmentWords();
  return (
    <span className="part-words">
      <NumberBox label={say('value')} width={66} whole min={0} max={36_500} value={String(value)} onChange={(next) => set(Number(next))} />
      <Text size="sm" span>{unit}</Text>
    </span>
  );
}

/** Interest by category: which category, and its score or which way it goes. */
function KeyOperand({ test, onChange, suggested = [] }: Props): ReactElement {
  const say = useSegmentWords();
  const key = 'of' in test ? test.of : 'rising' in test ? test.rising : 'falling' in test ? test.falling : '';
  const set = (next: string) => onChange('of' in test ? { ...test, of: next } : 'rising' in test ? { rising: next } : { falling: next });
  return (
    <>
      <Autocomplete aria-label={say('key')} placeholder={say('key')} size="xs" w={170} data={[...suggested]} value={key} onChange={set} comboboxProps={{ shadow: 'md' }} />
      {'of' in test && <TestControl type="number" test={test.is} only={['>=', '<=', '>', '<', '=', 'between']} onChange={(inner) => onChange({ of: test.of, is: inner as NumericTest })} />}
    </>
  );
}

function ListOperand({ type, test, onChange, choices = [], suggested = [] }: Props): ReactElement {
  const say = useSegmentWords();
  const key = operatorOf(test);
  const values = ((test as Record<string, unknown>)[key] as string[] | undefined) ?? [];
  const flag = type === 'keywords' ? 'part' : type === 'products' ? 'by_category' : null;
  const flags = test as { part?: boolean; by_category?: boolean };
  return (
    <>
      <ValuesField values={values} choices={choices} suggested={suggested} onChange={(next) => onChange({ ...test, [key]: next } as ValueTest)} />
      {flag && <Checkbox size="xs" label={say(flag === 'part' ? 'part' : 'byCategory')} checked={flags[flag] ?? false} onChange={(event) => onChange({ ...test, [flag]: event.currentTarget.checked } as ValueTest)} />}
    </>
  );
}
