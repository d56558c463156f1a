/** A number of people that opens as a segment of exactly these; plain where no tree says who they are. */

import { Link } from '@tanstack/react-router';
import type { ReactElement, ReactNode } from 'react';
import type { Schemas } from '../../api/client';
import { useFormat } from '../../app/session';
import { useReportWords } from './words';

export type PeopleNumber = Schemas['PeopleNumber'];

export function PeopleLink({ of, label, children }: { of: PeopleNumber; label?: string; children?: ReactNode }): ReactElement {
  const say = useReportWords();
  const format = useFormat();
  const text = children ?? format.number(of.profiles);
  if (!of.tree || of.profiles === 0) return <>{text}</>;
  const what = say('toSegment', { n: format.number(of.profiles) });
  return (
    <Link to={'/segments/new' as string} search={{ tree: JSON.stringify(of.tree) } as never} preload={false} className="people-link" title={label ? `${label} · ${what}` : what}>{text}</Link>
  );
}
