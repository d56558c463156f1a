/** The head of a report: the way to the other reports, what this one answers, and its file. */

import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type ReactElement, type ReactNode, useEffect, useRef } from 'react';
import { useHere } from '../../app/session';
import { Icon } from '../../parts/Icon';
import { PageHead } from '../../parts/PageHead';
import { type FileAsked, useDownload } from './useDownload';
import { useReportWords } from './words';
import './reports.css';

const REPORTS = [
  ['/reports', 'funnel'], ['/reports/retention', 'retention'], ['/reports/sources', 'sources'],
  ['/reports/products', 'products'], ['/reports/searches', 'searches'], ['/reports/states', 'states'],
] as const;

interface Props {
  title: string;
  lead: string;
  /** Undefined where the page shows what was put in, and no numbers of people. */
  asOf: string | null | undefined;
  /** How the same is asked for as a file. */
  file?: FileAsked;
  children?: ReactNode;
}

export function ReportHead({ title, lead, asOf, file, children }: Props): ReactElement {
  const say = useReportWords();
  const { session } = useHere();
  const download = useDownload();
  const places = useRef<HTMLElement>(null);
  // On a phone the row is wider than the screen.
  useEffect(() => { places.current?.querySelector('[data-status="active"]')?.scrollIntoView({ block: 'nearest', inline: 'center' }); }, []);
  return (
    <>
      <nav ref={places} className="report-places wide" aria-label={say('reports')}>
        {REPORTS.map(([path, name]) => (
          // Of whom one asks stays the same from report to report.
          <Link key={path} to={path as string} search={((old: { segment?: string }) => (old.segment ? { segment: old.segment } : {})) as never} activeOptions={{ exact: true, includeSearch: false }}>{say(name)}</Link>
        ))}
      </nav>
      <PageHead title={title} lead={lead} asOf={asOf}>
        {children}
        {file && !session.acting && (
          <Button variant="default" leftSection={<Icon name="imports" />} loading={download.isPending} onClick={() => download.mutate(file)}>{say('download')}</Button>
        )}
      </PageHead>
    </>
  );
}
