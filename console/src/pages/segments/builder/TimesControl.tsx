/** How often: at least once, or a number of times. */

import { NativeSelect } from '@mantine/core';
import type { ReactElement } from 'react';
import type { NumericTest } from '../tree/nodes';
import { useSegmentWords } from '../words';
import { TestControl } from './TestControl';

export function TimesControl({ times, onChange }: { times: NumericTest | null | undefined; onChange: (times: NumericTest | null) => void }): ReactElement {
  const say = useSegmentWords();
  return (
    <>
      <NativeSelect
        aria-label={say('times')} size="xs" value={times ? 'some' : 'any'} data={[{ value: 'any', label: say('timesAny') }, { value: 'some', label: say('timesSome') }]}
        onChange={(event) => onChange(event.currentTarget.value === 'some' ? { op: '>=', value: '2' } : null)}
      />
      {times && <TestControl type="number" test={times} only={['>=', '<=', '>', '<', '=', 'between']} onChange={(test) => onChange(test as NumericTest)} />}
    </>
  );
}
