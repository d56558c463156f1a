/** Several values: of those a gene may have, or typed, with the most frequent ones suggested. */

import { MultiSelect, TagsInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { useSegmentWords } from '../words';

interface Props {
  values: string[];
  onChange: (values: string[]) => void;
  /** Everything that may be chosen; empty: anything may be typed. */
  choices: readonly { value: string; label: string }[];
  suggested: readonly string[];
}

export function ValuesField({ values, onChange, choices, suggested }: Props): ReactElement {
  const say = useSegmentWords();
  const all = { 'aria-label': say('values'), size: 'xs' as const, value: values, onChange, miw: 180, flex: '1 1 180px', placeholder: values.length ? '' : say('values'), comboboxProps: { shadow: 'md' } };
  if (choices.length) return <MultiSelect {...all} data={[...choices]} searchable={choices.length > 8} hidePickedOptions />;
  return <TagsInput {...all} data={[...suggested]} acceptValueOnBlur splitChars={[',', '，', '、']} />;
}
