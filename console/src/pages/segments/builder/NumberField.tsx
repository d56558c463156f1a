/** A number of a condition as exact text; shares of 1 are typed in per cent. */

import type { ReactElement } from 'react';
import { NumberBox } from '../../../parts/NumberBox';

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** A value of 0.3 is shown and typed as 30 %. */
  share?: boolean;
  suffix?: string;
  width?: number;
}

/** Without the digits that binary fractions add: 0.07 * 100. */
const exact = (value: number): string => String(Number(value.toPrecision(12)));

export function NumberField({ label, value, onChange, share = false, suffix, width = 84 }: Props): ReactElement {
  if (!share) return <NumberBox label={label} value={value} onChange={onChange} width={width} {...(suffix ? { unit: suffix } : {})} />;
  return <NumberBox label={label} value={exact(Number(value) * 100)} unit="%" width={width} onChange={(typed) => onChange(exact(Number(typed) / 100))} />;
}
