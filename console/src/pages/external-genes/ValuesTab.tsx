/** How an external gene's values lie among everybody; each bucket opens as a segment. */

import { ActionIcon, Button, Group, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useHere } from '../../app/session';
import { Bars } from '../../charts/Bars';
import { Histogram } from '../../charts/Histogram';
import { useShared } from '../../language/shared';
import { localText } from '../../language/words';
import { CsvButton } from '../../parts/CsvButton';
import { Empty } from '../../parts/Empty';
import { Icon } from '../../parts/Icon';
import { Ready } from '../../parts/Ready';
import { useUrlState } from '../../parts/useUrlState';
import { beginningTree, bucketTree, conversionOf, NUMERIC } from './buckets';
import { type ExternalGene, type Lies, useLies } from './useExternalGenes';
import { useExternalWords } from './words';
import './external.css';

const SHOWN_BARS = 12;

export function ValuesTab({ gene, onUpload }: { gene: ExternalGene; onUpload: () => void }): ReactElement {
  const say = useExternalWords();
  const lies = useLies(gene.id);
  return (
    <section className="card">
      <Ready of={lies} height={260}>
        {(found) =>
          found.buckets.length === 0 ? (
            <Empty icon="chart" title={say('noValues')} text={say('noValuesText')}><Button mt="xs" variant="light" leftSection={<Icon name="upload" />} onClick={onUpload}>{say('upload')}</Button></Empty>
          ) : <Drawn gene={gene} found={found} />
        }
      </Ready>
    </section>
  );
}

function Drawn({ gene, found }: { gene: ExternalGene; found: Lies }): ReactElement {
  const say = useExternalWords();
  const shared = useShared();
  const { format, language } = useHere();
  const [view, setView] = useUrlState('view');
  const asTable = view === 'table';
  const numeric = NUMERIC.includes(gene.type);
  const name = localText(gene.name, language);
  const one = (text: string | null) => {
    if (text === null) return '';
    if (gene.type === 'money') return format.moneyCompact(text);
    if (gene.type === 'ratio') return format.share(Number(text));
    if (gene.type === 'number') return [format.number(text), gene.unit].filter(Boolean).join(' ');
    return gene.type === 'boolean' ? say(text === 'true' ? 'yes' : 'no') : text;
  };
  const label = (bucket: Lies['buckets'][number]) => (bucket.value !== null ? one(bucket.value) : bucket.low === bucket.high ? one(bucket.low) : say('range', { low: one(bucket.low), high: one(bucket.high) }));
  const rows = found.buckets.map((bucket) => ({ bucket, label: label(bucket), conversion: conversionOf(bucket), tree: bucketTree(gene, bucket) }));
  const title = say('distribution', { gene: name });
  const overlaid = rows.some((row) => row.conversion !== null);
  return (
    <>
      <Group justify="space-between" wrap="nowrap" mb="xs">
        <Title order={2}>{title}</Title>
        <ActionIcon variant="subtle" color="gray" c="dimmed" size={28} aria-label={asTable ? shared('asChart') : shared('asTable')} aria-pressed={asTable} onClick={() => setView(asTable ? '' : 'table')}><Icon name="table" /></ActionIcon>
      </Group>
      <div className="lie">
        <div>
          {asTable ? <LieTable rows={rows} label={title} others={found.others} /> : numeric ? (
            <Histogram
              label={title} handleLabel={name} showConversion={overlaid}
              buckets={rows.map((row) => ({ low: Number(row.bucket.low), high: Number(row.bucket.high), label: one(row.bucket.low), profiles: row.bucket.profiles, conversion: row.conversion, text: [row.label, format.number(row.bucket.profiles), row.conversion !== null && format.share(row.conversion)].filter(Boolean).join(' · ') }))}
            />
          ) : <Bars rows={rows.slice(0, SHOWN_BARS).map((row) => ({ label: row.label, value: row.bucket.profiles }))} text={format.number} />}
          {(numeric || asTable) && <Text size="xs" c="dimmed" mt={4}>{say(overlaid ? 'conversionNote' : 'conversionLater')}</Text>}
        </div>
        <dl className="lines">
          {found.mean !== null && <><dt>{say('mean')}</dt><dd>{one(found.mean)}</dd></>}
          {found.median !== null && <><dt>{say('median')}</dt><dd>{one(found.median)}</dd></>}
          <dt>{say('known')}</dt><dd><ToSegment tree={{ external_gene: gene.id, is: { known: true } }} value={say('known')} profiles={found.everybody - found.unknown} /></dd>
          <dt>{say('unknown')}</dt><dd><ToSegment tree={{ external_gene: gene.id, is: { known: false } }} value={say('unknown')} profiles={found.unknown} /></dd>
        </dl>
      </div>
      <Group mt="md" gap="xs">
        <Button component={Link} to={'/segments/new' as string} search={{ tree: JSON.stringify(beginningTree(gene, found)) } as never} variant="light" leftSection={<Icon name="plus" />}>{say('makeSegment')}</Button>
        <CsvButton name={`external-gene-${gene.id}`} head={[say('value'), say('profiles'), say('conversion')]} rows={() => rows.map((row) => [row.label, row.bucket.profiles, row.conversion])} />
      </Group>
    </>
  );
}

interface Row {
  bucket: Lies['buckets'][number];
  label: string;
  conversion: number | null;
  tree: object;
}

function LieTable({ rows, label, others }: { rows: readonly Row[]; label: string; others: number }): ReactElement {
  const say = useExternalWords();
  const { format } = useHere();
  return (
    <div className="wide" tabIndex={0} role="region" aria-label={label}>
      <table className="rows">
        <thead><tr><th>{say('value')}</th><th className="number">{say('profiles')}</th><th className="number">{say('conversion')}</th></tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.label}>
              <td>{row.label}</td>
              <td className="number"><ToSegment tree={row.tree} value={row.label} profiles={row.bucket.profiles} /></td>
              <td className="number">{row.conversion === null ? <Text size="sm" c="dimmed" span>{say('tooFew')}</Text> : format.share(row.conversion)}</td>
            </tr>
          ))}
          {others > 0 && <tr><td>{say('others')}</td><td className="number">{format.number(others)}</td><td /></tr>}
        </tbody>
      </table>
    </div>
  );
}

/** A number of people that opens as a segment. */
function ToSegment({ tree, value, profiles }: { tree: object; value: string; profiles: number }): ReactElement {
  const say = useExternalWords();
  const { format } = useHere();
  const count = format.number(profiles);
  return <Link className="plain" to={'/segments/new' as string} search={{ tree: JSON.stringify(tree) } as never} aria-label={say('openSegment', { count, value })}>{count}</Link>;
}
