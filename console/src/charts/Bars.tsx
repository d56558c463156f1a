/** Named values side by side, the longest bar first as given. */

import type { ReactElement } from 'react';
import './bars.css';

export function Bars({ rows, text }: { rows: readonly { label: string; value: number }[]; text: (value: number) => string }): ReactElement {
  const most = Math.max(1, ...rows.map(({ value }) => value));
  return (
    <ul className="bars">
      {rows.map(({ label, value }) => (
        <li key={label}>
          <span className="cut" title={label}>{label}</span>
          <span className="bars-track"><i style={{ width: `${(100 * value) / most}%` }} /></span>
          <span className="bars-value">{text(value)}</span>
        </li>
      ))}
    </ul>
  );
}
