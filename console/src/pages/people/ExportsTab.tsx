/** Files with everything that is known of one person, for them. */

import { Button, Group, Loader, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { loaded } from '../../api/loaded';
import { useHere } from '../../app/session';
import { useShared } from '../../language/shared';
import { Empty } from '../../parts/Empty';
import { FileButton } from '../../parts/FileButton';
import { Ready } from '../../parts/Ready';
import { useUrlState } from '../../parts/useUrlState';
import { useRequestWords } from './requestWords';
import { type Export, useExports } from './useRequests';
import { useWho } from './useWho';

export function ExportsTab(): ReactElement {
  const say = useRequestWords();
  const shared = useShared();
  const { format } = useHere();
  const who = useWho();
  const [newest] = useUrlState('export');
  const query = useExports();
  return (
    <Ready of={loaded(query)} height={240}>
      {({ pages }) => {
        const found = pages.flatMap((page) => page.exports);
        if (found.length === 0) return <div className="card"><Empty icon="save" title={say('noExports')} text={say('noExportsText')} /></div>;
        return (
          <>
            <div className="card flush">
              <div className="wide" tabIndex={0} role="region" aria-label={say('exports')}>
                <table className="rows">
                  <thead><tr><th>{say('person')}</th><th className="hide-narrow">{say('askedAt')}</th><th className="hide-narrow">{say('askedBy')}</th><th className="hide-narrow">{say('keptUntil')}</th><th><span className="visually-hidden">{say('download')}</span></th></tr></thead>
                  <tbody>
                    {found.map((one) => (
                      <tr key={one.id} aria-current={one.id === newest || undefined}>
                        <td><Link to={`/people/${one.profile_id}` as string}>#{one.profile_id}</Link></td>
                        <td className="hide-narrow">{format.time(one.created_at)}</td>
                        <td className="hide-narrow">{who(one.requested_by)}</td>
                        <td className="hide-narrow">{format.time(one.expires_at)}</td>
                        <td className="number"><File of={one} /></td>
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

function File({ of: one }: { of: Export }): ReactElement {
  const say = useRequestWords();
  const { format, session } = useHere();
  if (one.state === 'making') return <Group gap={8} justify="flex-end" wrap="nowrap"><Loader size={16} role="status" aria-label={say('making')} /><Text size="sm" c="dimmed" span>{say('making')}</Text></Group>;
  if (session.acting) return <Text size="sm" c="dimmed" span>{say('ready')}</Text>;
  const size = format.number(Math.max(1, Math.round((one.size_bytes ?? 0) / 1024)));
  return <FileButton path={`/v1/exports/${one.id}/file`} variant="light">{say('download')} · {size} kB</FileButton>;
}
