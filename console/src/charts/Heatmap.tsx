/** A table whose cells are the darker the more they hold: it is its own table view, and every cell may be a link. */

import type { ReactElement, ReactNode } from 'react';
import './heat.css';

export interface HeatCell {
  content: ReactNode;
  /** 0 to 1: how dark. */
  heat: number;
  /** Its number still grows. */
  unfinished?: boolean;
}

export interface HeatRow {
  key: string;
  name: string;
  /** What stands between the name and the cells. */
  beside?: ReactNode;
  cells: readonly HeatCell[];
}

interface Props {
  label: string;
  corner: string;
  beside?: string;
  columns: readonly string[];
  rows: readonly HeatRow[];
  foot?: { name: string; cells: readonly string[] };
}

export function Heatmap({ label, corner, beside, columns, rows, foot }: Props): ReactElement {
  return (
    <div className="wide" tabIndex={0} role="region" aria-label={label}>
      <table className="heat">
        <thead>
          <tr>
            <th scope="col">{corner}</th>
            {beside !== undefined && <th scope="col">{beside}</th>}
            {columns.map((column) => <th key={column} scope="col">{column}</th>)}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key}>
              <th scope="row">{row.name}</th>
              {beside !== undefined && <td className="plain"><span>{row.beside}</span></td>}
              {columns.map((column, index) => <Cell key={column} cell={row.cells[index]} />)}
            </tr>
          ))}
        </tbody>
        {foot && (
          <tfoot>
            <tr>
              <th scope="row">{foot.name}</th>
              {beside !== undefined && <td className="plain" />}
              {columns.map((column, index) => <td key={column} className="plain"><span>{foot.cells[index]}</span></td>)}
            </tr>
          </tfoot>
        )}
      </table>
    </div>
  );
}

function Cell({ cell }: { cell: HeatCell | undefined }): ReactElement {
  if (cell === undefined) return <td className="nothing" />;
  const ground = { '--heat': Math.min(1, Math.max(0, cell.heat)) } as Record<string, number>;
  return <td style={ground} className={cell.unfinished ? 'unfinished' : undefined}><span>{cell.content}</span></td>;
}
