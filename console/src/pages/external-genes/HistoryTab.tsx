/** What each change of an external gene's values did, newest first. */

import { Button, Group, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import { loaded } from '../../api/loaded';
import { useHere } from '../../app/session';
import { useShared } from '../../language/shared';
import { CsvButton } from '../../parts/CsvButton';
import { Empty } from '../../parts/Empty';
import { Ready } from '../../parts/Ready';
import { useWho } from '../people/useWho';
import { type ExternalGene, useChanges } from './useExternalGenes';
import { useExternalWords } from './words';

export function HistoryTab({ gene }: { gene: ExternalGene }): ReactElement {
  const say = useExternalWords();
  const shared = useShared();
  const { format } = useHere();
  const who = useWho();
  const query = useChanges(gene.id);
  return (
    <Ready of={loaded(query)} height={240}>
      {({ pages }) => {
        const changes = pages.flatMap((page) => page.changes);
        if (changes.length === 0) return <div className="card"><Empty icon="history" title={say('noChanges')} text={say('noChangesText')} /></div>;
        return (
          <>
            <div className="card flush">
              <div className="wide" tabIndex={0} role="region" aria-label={say('history')}>
                <table className="rows">
                  <thead><tr><th>{say('when')}</th><th>{say('mode')}</th><th className="number">{say('changedCount')}</th><th className="number">{say('unmatched')}</th><th>{say('who')}</th></tr></thead>
                  <tbody>
                    {changes.map((one) => (
                      <tr key={one.number}>
                        <td style={{ whiteSpace: 'nowrap' }}>{format.time(one.changed_at)} <Text size="xs" c="dimmed" span>{say('change', { count: one.number })}</Text></td>
                        <td style={{ whiteSpace: 'nowrap' }}>{say(one.mode)}</td>
                        <td className="number">{format.number(one.changed)}</td>
                        <td className="number">{format.number(one.unmatched)}</td>
                        <td>{who(one.changed_by)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            </div>
            <Group justify="flex-end" mt="xs" gap="xs">
              {query.hasNextPage && <Button size="xs" variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{shared('more')}</Button>}
              <CsvButton name={`external-gene-${gene.id}-changes`} head={[say('change', { count: '' }), say('when'), say('mode'), say('changedCount'), say('unmatched'), say('who')]} rows={() => changes.map((one) => [one.number, one.changed_at, say(one.mode), one.changed, one.unmatched, who(one.changed_by)])} />
            </Group>
          </>
        );
      }}
    </Ready>
  );
}
