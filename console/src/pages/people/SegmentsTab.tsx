/** Which segments somebody is in, and condition by condition why; any other segment can be asked about too. */

import { Button, Group, Select, Text, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { lazy, type ReactElement, Suspense, useState } from 'react';
import { loaded } from '../../api/loaded';
import { useHere } from '../../app/session';
import { useShared } from '../../language/shared';
import { CsvButton } from '../../parts/CsvButton';
import { Empty } from '../../parts/Empty';
import { Icon } from '../../parts/Icon';
import { Ready } from '../../parts/Ready';
import { useFoundSegments, useSegmentsOf } from './usePeople';
import { usePeopleWords } from './words';

const ExplainDialog = lazy(async () => ({ default: (await import('../segments/Explain')).ExplainDialog }));

const REST_MILLISECONDS = 200;

interface Named { id: string; name: string }

export function SegmentsTab({ id }: { id: number }): ReactElement {
  const say = usePeopleWords();
  const shared = useShared();
  const { format } = useHere();
  const [asked, ask] = useState<Named | null>(null);
  const query = useSegmentsOf(id);
  const segments = loaded(query);
  return (
    <>
      <Ready of={segments} height={240}>
        {({ pages }) => {
          const found = pages.flatMap((page) => page.segments);
          return (
            <>
              <section className="card flush">
                <Group justify="space-between" px={16} pt={14}><Title order={2}>{say('inSegments')}</Title>{found.length > 0 && <CsvButton name={`segments-of-${id}`} head={[say('segment'), say('people'), say('counted')]} rows={() => found.map((one) => [one.name, one.state.profiles, one.state.now])} />}</Group>
                {found.length === 0 && !query.hasNextPage ? <Empty icon="segments" title={say('inNone')} text={say('inNoneText')} /> : (
                  <div className="wide" tabIndex={0} role="region" aria-label={say('inSegments')}>
                    <table className="rows">
                      <thead><tr><th>{say('segment')}</th><th className="number hide-narrow">{say('people')}</th><th className="hide-narrow">{say('counted')}</th><th><span className="visually-hidden">{say('why')}</span></th></tr></thead>
                      <tbody>
                        {found.map((one) => (
                          <tr key={one.id}>
                            <td><Link to={`/segments/${one.id}` as string}>{one.name}</Link>{one.folder && <Text size="xs" c="dimmed">{one.folder}</Text>}</td>
                            <td className="number hide-narrow">{one.state.profiles === null ? '–' : format.number(one.state.profiles)}</td>
                            <td className="hide-narrow"><Text size="sm" c="dimmed" span>{format.time(one.state.now)}</Text></td>
                            <td className="number"><Button size="xs" variant="default" onClick={() => ask(one)} aria-label={`${say('why')} ${one.name}`}>{say('why')}</Button></td>
                          </tr>
                        ))}
                      </tbody>
                    </table>
                  </div>
                )}
              </section>
              {query.hasNextPage && <Group justify="center" mt="md"><Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{shared('more')}</Button></Group>}
            </>
          );
        }}
      </Ready>
      <section className="card" style={{ marginTop: 16 }}>
        <Title order={2} mb={4}>{say('otherSegment')}</Title>
        <Text size="sm" c="dimmed" mb="sm">{say('otherSegmentText')}</Text>
        <SegmentField onChoose={ask} />
      </section>
      {asked && <Suspense><ExplainDialog profileId={id} segment={asked} onClose={() => ask(null)} /></Suspense>}
    </>
  );
}

function SegmentField({ onChoose }: { onChoose: (segment: Named) => void }): ReactElement {
  const say = usePeopleWords();
  const [q, setQ] = useState('');
  const [text] = useDebouncedValue(q, REST_MILLISECONDS);
  const found = useFoundSegments(text);
  const segments = found.state === 'ready' ? found.value.segments : [];
  return (
    <Select
      aria-label={say('otherSegment')} placeholder={say('findSegment')} searchable maw={460} value={null} data={segments.map((one) => ({ value: one.id, label: one.name }))} filter={({ options }) => options}
      onSearchChange={setQ} nothingFoundMessage={say('noSegment')} leftSection={<Icon name="search" size={16} />} comboboxProps={{ shadow: 'md' }}
      onChange={(id) => { const chosen = segments.find((one) => one.id === id); if (chosen) onChoose(chosen); }}
    />
  );
}
