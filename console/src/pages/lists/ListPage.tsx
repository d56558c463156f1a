/** One list: who is on it, bringing a file to it, and going back a version. */

import { Anchor, Badge, Button, Group, Tabs, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { lazy, type ReactElement, Suspense, useState } from 'react';
import { answer, api, type Schemas } from '../../api/client';
import { loaded } from '../../api/loaded';
import { mayWrite, useHere } from '../../app/session';
import { useShared } from '../../language/shared';
import { Confirm } from '../../parts/Confirm';
import { Empty } from '../../parts/Empty';
import { PageHead } from '../../parts/PageHead';
import { Ready } from '../../parts/Ready';
import { useUrlState } from '../../parts/useUrlState';
import { useList, useListDeed, useListMembers, useMembersFile } from './useLists';
import { useListWords } from './words';

const UploadTab = lazy(async () => ({ default: (await import('./UploadTab')).UploadTab }));

export function Page(): ReactElement {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const list = loaded(useList(id));
  return <Ready of={list} height={420}>{(found) => <Opened key={found.list.id} found={found} />}</Ready>;
}

function Opened({ found }: { found: Schemas['OneList'] }): ReactElement {
  const say = useListWords();
  const { format, role, session } = useHere();
  const { list } = found;
  const [tab, setTab] = useUrlState('tab', 'people');
  const navigate = useNavigate();
  const [asking, ask] = useState<'' | 'restore' | 'remove'>('');
  const path = { params: { path: { list_id: list.id } } };
  const saving = useMembersFile(list.id);
  const restore = useListDeed(list.id, () => answer(api.POST('/v1/lists/{list_id}/restore', path)), () => {
    ask('');
    notifications.show({ message: say('restored') });
  });
  const remove = useListDeed(list.id, () => answer(api.DELETE('/v1/lists/{list_id}', path)), () => {
    notifications.show({ message: say('removed', { name: list.name }) });
    void navigate({ to: '/lists' } as never);
  });
  return (
    <>
      <Anchor component={Link} to={'/lists' as string} size="sm" c="dimmed">‹ {say('title')}</Anchor>
      <PageHead title={list.name} {...(list.description ? { lead: list.description } : {})} asOf={found.as_of}>
        {role !== 'viewer' && !session.acting && found.people > 0 && <Button variant="default" title={say('downloadNote')} loading={saving.isPending} onClick={() => saving.mutate()}>{say('download')}</Button>}
        <Button component={Link} variant="default" to={'/segments/new' as string} search={{ tree: JSON.stringify({ list: list.id }) } as never}>{say('open')}</Button>
        {mayWrite(role) && list.restorable && <Button variant="default" onClick={() => ask('restore')}>{say('restore')}</Button>}
        {mayWrite(role) && <Button variant="subtle" color="gray" c="dimmed" onClick={() => ask('remove')}>{say('remove')}</Button>}
      </PageHead>
      <Group gap="xs" mb="md">
        {list.version > 0 && <Badge variant="light" color="gray" tt="none" fw={550}>{say('version', { count: list.version })}</Badge>}
        <Text size="sm" c="dimmed">{say('peopleLead', { n: format.number(list.identifiers), people: format.number(found.people) })}</Text>
      </Group>
      <Tabs value={tab} onChange={(next) => setTab(next ?? 'people')} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="people">{say('peopleTab')}</Tabs.Tab>
          <Tabs.Tab value="upload">{say('uploadTab')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="people"><Members id={list.id} onUpload={() => setTab('upload')} /></Tabs.Panel>
        <Tabs.Panel value="upload"><Suspense><UploadTab listId={list.id} onSeen={() => setTab('people')} /></Suspense></Tabs.Panel>
      </Tabs>
      {asking === 'restore' && <Confirm title={say('restore')} text={say('restoreAsk', { name: list.name })} yes={say('restore')} danger={false} busy={restore.isPending} onYes={() => restore.mutate(undefined)} onClose={() => ask('')} />}
      {asking === 'remove' && <Confirm title={say('remove')} text={say('removeAsk', { name: list.name })} yes={say('remove')} busy={remove.isPending} onYes={() => remove.mutate(undefined)} onClose={() => ask('')} />}
    </>
  );
}

function Members({ id, onUpload }: { id: string; onUpload: () => void }): ReactElement {
  const say = useListWords();
  const shared = useShared();
  const { format, role } = useHere();
  const query = useListMembers(id);
  const members = loaded(query);
  return (
    <Ready of={members} height={240}>
      {({ pages }) => {
        const people = pages.flatMap((page) => page.profiles);
        if (people.length === 0) {
          return (
            <div className="card">
              <Empty icon="people" title={say('nobody')} text={say('nobodyText')}>{mayWrite(role) && <Button variant="light" mt="sm" onClick={onUpload}>{say('toUpload')}</Button>}</Empty>
            </div>
          );
        }
        return (
          <>
            <div className="card flush">
              <div className="wide" tabIndex={0} role="region" aria-label={say('people')}>
                <table className="rows">
                  <thead><tr><th>{say('who')}</th><th>{say('kind')}</th><th className="number">{say('orders')}</th><th className="number">{say('revenue')}</th><th className="hide-narrow">{say('seen')}</th></tr></thead>
                  <tbody>
                    {people.map((one) => (
                      <tr key={one.id}>
                        <td><Link to={`/people/${one.id}` as string}>#{one.id}</Link></td>
                        <td>{one.member ? shared('member') : shared('visitor')}</td>
                        <td className="number">{format.number(one.totals.orders)}</td>
                        <td className="number">{format.money(one.totals.revenue.amount, one.totals.revenue.currency || undefined)}</td>
                        <td className="hide-narrow"><Text size="sm" c="dimmed" span>{format.time(one.totals.last_seen_at)}</Text></td>
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
