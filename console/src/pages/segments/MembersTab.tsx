/** Who is in a segment, all of one moment, with some genes beside them; the whole of it as a file. */

import { Button, Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { loaded } from '../../api/loaded';
import { mayWrite, useHere } from '../../app/session';
import { useShared } from '../../language/shared';
import { localText } from '../../language/words';
import { AsOf } from '../../parts/AsOf';
import { Empty } from '../../parts/Empty';
import { Icon } from '../../parts/Icon';
import { Ready } from '../../parts/Ready';
import { useGeneText } from '../people/geneText';
import { useGenes } from './useCatalogue';
import { type OneSegment, useMembers } from './useSegments';
import { useSegmentWords } from './words';

const COLUMNS = ['member_stage', 'orders', 'revenue', 'days_since_order', 'activity_state'];

export function MembersTab({ segment, onWhy, onExport }: { segment: OneSegment; onWhy: (profileId: string) => void; onExport: () => void }): ReactElement {
  const say = useSegmentWords();
  const shared = useShared();
  const { format, language, role } = useHere();
  const geneText = useGeneText();
  const query = useMembers(segment.id, COLUMNS);
  const members = loaded(query);
  const known = useGenes();
  const genes = known.state === 'ready' ? known.value : new Map();
  return (
    <Ready of={members} height={360}>
      {({ pages }) => {
        const first = pages[0];
        if (!first || first.profiles === 0) return <div className="card"><Empty icon="people" title={format.number(0)} text={say('noMembers')} /></div>;
        return (
          <>
            <Group justify="space-between" mb="sm">
              <div>
                <Text fw={600}>{shared('peopleCount', { count: first.profiles, n: format.number(first.profiles) })}</Text>
                <Text size="xs" c="dimmed">{say('membersLead')}</Text>
                <AsOf at={first.as_of} />
              </div>
              {mayWrite(role) && <Button variant="default" leftSection={<Icon name="imports" />} onClick={onExport}>{say('exportStart')}</Button>}
            </Group>
            <div className="card flush">
              <div className="wide" tabIndex={0} role="region" aria-label={say('members')}>
                <table className="rows">
                  <thead><tr><th>{say('person')}</th>{COLUMNS.map((id) => <th key={id}>{genes.get(id) ? localText(genes.get(id).name, language) : id}</th>)}<th><span className="visually-hidden">{say('explain')}</span></th></tr></thead>
                  <tbody>
                    {pages.flatMap((page) => page.members).map((member) => (
                      <tr key={member.profile_id}>
                        <td><Link to={`/people/${member.profile_id}` as string}>#{member.profile_id}</Link></td>
                        {member.genes.map((value, index) => <td key={COLUMNS[index]}>{geneText(genes.get(COLUMNS[index] ?? ''), value)}</td>)}
                        <td><Button size="compact-xs" h={26} variant="subtle" aria-label={`${say('explain')} #${member.profile_id}`} onClick={() => onWhy(String(member.profile_id))}>{say('explain')}</Button></td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            </div>
            {query.hasNextPage && <Group justify="center" mt="md"><Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{shared('more')}</Button></Group>}
          </>
        );
      }}
    </Ready>
  );
}
