/** How one gene's values lie among everybody: a histogram for what has an order, bars for the rest, and both as a table. */

import { ActionIcon, Button, Group, Text } from '@mantine/core';
import { type ReactElement, useState } from 'react';
import { useHere } from '../../app/session';
import { Bars } from '../../charts/Bars';
import { Histogram, type HistogramBucket } from '../../charts/Histogram';
import { useShared } from '../../language/shared';
import { localText } from '../../language/words';
import { Icon } from '../../parts/Icon';
import { Ready } from '../../parts/Ready';
import { movedTo, rangeOf } from './tree/operators';
import type { NumericTest, ValueTest, Window } from './tree/nodes';
import { type Gene, useDistribution } from './useCatalogue';
import { useSegmentWords } from './words';

interface Props {
  gene: Gene;
  window: Window | null | undefined;
  test?: ValueTest;
  onTest?: (test: ValueTest) => void;
}

// Of fewer people a share says little.
const ENOUGH = 5;

export function GeneLie({ gene, window, test, onTest }: Props): ReactElement {
  const say = useSegmentWords();
  const shared = useShared();
  const { format, language } = useHere();
  const [asTable, setAsTable] = useState(false);
  const lie = useDistribution(gene.id, window, true);
  const name = localText(gene.name, language);
  const numeric = ['number', 'money', 'ratio'].includes(gene.type);
  const value = (text: string | number | null) => (text === null ? '' : gene.type === 'money' ? format.moneyCompact(text) : gene.type === 'ratio' ? format.share(Number(text)) : format.number(text));
  const choice = (text: string) => { const found = gene.choices.find((one) => one.value === text); return found ? localText(found.name, language) : text; };
  return (
    <>
      <Group justify="space-between" wrap="nowrap" mb={6}>
        <Text fw={600} size="sm">{say('distribution', { gene: name })}</Text>
        <ActionIcon variant="subtle" color="gray" c="dimmed" size={28} aria-label={asTable ? shared('asChart') : shared('asTable')} aria-pressed={asTable} onClick={() => setAsTable(!asTable)}><Icon name="table" /></ActionIcon>
      </Group>
      <Ready of={lie} height={200}>
        {(found) => {
          const rows: HistogramBucket[] = found.buckets.map((bucket) => {
            const rate = bucket.before && bucket.before >= ENOUGH && bucket.converted !== null ? bucket.converted / bucket.before : null;
            const label = bucket.value !== null ? choice(bucket.value) : numeric ? (bucket.low === bucket.high ? value(bucket.low) : say('bucketRange', { low: value(bucket.low), high: value(bucket.high) })) : say('bucketRange', { low: bucket.low ?? '', high: bucket.high ?? '' });
            return { low: Number(bucket.low), high: Number(bucket.high), label, profiles: bucket.profiles, conversion: rate, text: `${label} · ${format.number(bucket.profiles)}${rate === null ? '' : ` · ${format.share(rate)}`}` };
          });
          if (rows.every((row) => row.profiles === 0)) return <Text size="sm" c="dimmed">{say('noValues')}</Text>;
          if (asTable) return <LieTable rows={rows} />;
          if (!numeric) return <Bars rows={rows.slice(0, 12).map(({ label, profiles }) => ({ label, value: profiles }))} text={format.number} />;
          const moves = test !== undefined && onTest !== undefined && ('op' in test || 'between' in test);
          return (
            <>
              <Histogram
                label={say('distribution', { gene: name })} handleLabel={say('handle', { gene: name })} showConversion
                buckets={rows.map((row, index) => ({ ...row, label: value(found.buckets[index]?.low ?? null) }))} range={test ? rangeOf(test) : undefined}
                onMove={moves ? (end, at) => onTest(movedTo(test as NumericTest, end, String(at))) : undefined}
              />
              <Text size="xs" c="dimmed" mt={4}>{say('orderRate')}</Text>
              <Group gap={6} mt={6}>
                <Text size="xs" c="dimmed">
                  {[found.mean !== null && say('mean', { value: value(found.mean) }), found.median !== null && say('median', { value: value(found.median) }), found.unknown > 0 && say('unknownPeople', { count: format.number(found.unknown) })].filter(Boolean).join(' · ')}
                </Text>
              </Group>
              {moves && found.breaks.length > 0 && (
                <Group gap={6} mt={6}>
                  <Text size="xs" c="dimmed">{say('breaks')}</Text>
                  {found.breaks.map((at) => (
                    <Button key={at} size="compact-xs" h={26} variant="default" onClick={() => onTest('op' in test ? { ...test, value: at } : { op: '>=', value: at })}>{value(at)}</Button>
                  ))}
                </Group>
              )}
            </>
          );
        }}
      </Ready>
    </>
  );
}

function LieTable({ rows }: { rows: readonly HistogramBucket[] }): ReactElement {
  const say = useSegmentWords();
  const { format } = useHere();
  return (
    <div className="wide" style={{ maxHeight: 280, overflowY: 'auto' }} tabIndex={0} role="region" aria-label={say('chosenGene')}>
      <table className="rows">
        <thead><tr><th>{say('value')}</th><th className="number">{say('people')}</th><th className="number">{say('conversion')}</th></tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.label}><th scope="row">{row.label}</th><td className="number">{format.number(row.profiles)}</td><td className="number">{row.conversion === null ? say('tooFew') : format.share(row.conversion)}</td></tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
