/** One thing out of many by its name: a segment, a list, a goal; and what every condition's fields are given. */

import { Select } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Condition } from '../tree/nodes';
import type { Catalogue } from '../useCatalogue';
import { useSegmentWords } from '../words';

export interface ControlProps<N extends Condition = Condition> {
  node: N;
  onChange: (node: Condition) => void;
  catalogue: Catalogue;
}

export function Choice({ label, value, of, onChange }: { label: string; value: string; of: readonly { id: string; name: string }[]; onChange: (id: string) => void }): ReactElement {
  const say = useSegmentWords();
  return (
    <Select
      aria-label={label} placeholder={say('choose')} size="xs" miw={200} searchable value={value || null} data={of.map(({ id, name }) => ({ value: id, label: name }))}
      onChange={(id) => { if (id) onChange(id); }} comboboxProps={{ shadow: 'md' }}
    />
  );
}
