/** A number that is typed: what is being typed stays as it is, and only whole numbers in sight of an end are told. */

import { TextInput } from '@mantine/core';
import { type ReactElement, useEffect, useState } from 'react';

interface Props {
  label: string;
  /** Exact decimal text. */
  value: string;
  onChange: (value: string) => void;
  min?: number;
  max?: number;
  /** Whole numbers only. */
  whole?: boolean;
  unit?: string;
  width?: number;
}

const WIDE = /[\u2e80-\uffff]/;
/** About as wide as it is drawn: Chinese takes twice what Latin does. */
const pixelsOf = (unit: string): number => [...unit].reduce((sum, one) => sum + (WIDE.test(one) ? 12 : 7), 0);
const NUMBER = /^-?\d+(\.\d+)?$/;

export function NumberBox({ label, value, onChange, min, max, whole = false, unit, width = 84 }: Props): ReactElement {
  const [text, setText] = useState(value);
  // Changed from outside: a handle was dragged, or something undone.
  useEffect(() => setText((old) => (Number(old) === Number(value) && old !== '' ? old : value)), [value]);

  function good(typed: string): boolean {
    const number = Number(typed);
    return NUMBER.test(typed) && (!whole || Number.isInteger(number)) && (min === undefined || number >= min) && (max === undefined || number <= max);
  }

  return (
    <TextInput
      type="number" inputMode="decimal" aria-label={label} size="xs" w={width + (unit ? pixelsOf(unit) : 0)} value={text} error={!good(text)} {...(min === undefined ? {} : { min })} {...(max === undefined ? {} : { max })} step={whole ? 1 : 'any'}
      rightSection={unit ? <span style={{ fontSize: '0.75rem', color: 'var(--mantine-color-dimmed)', whiteSpace: 'nowrap' }}>{unit}</span> : undefined} rightSectionWidth={unit ? 14 + pixelsOf(unit) : undefined} rightSectionPointerEvents="none"
      styles={{ input: { textAlign: 'end' } }}
      onChange={(event) => {
        const typed = event.currentTarget.value;
        setText(typed);
        if (good(typed)) onChange(typed);
      }}
      onBlur={() => { if (!good(text)) setText(value); }}
    />
  );
}
