/** Everybody: found by identifier or attribute, newest first. */

import { Badge, Button, Group, SegmentedControl, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { loaded } from '../../api/loaded';
import type { Schemas } from '../../api/client';
import { mayLead, useHere } from '../../app/session';
import { useShared } from '../../language/shared';
import { CsvButton } from '../../parts/CsvButton';
import { Empty } from '../../parts/Empty';
import { Icon } from '../../parts/Icon';
import { PageHead } from '../../parts/PageHead';
import { Ready } from '../../parts/Ready';
import { useUrlState } from '../../parts/useUrlState';
import { type Kind, usePeople } from './usePeople';
import { usePeopleWords } from './words';

type Profile = Schemas['Profile'];

const REST_MILLISECONDS = 200;
// Identifiers by how well people know them.
const ORDER = ['user_id', 'email', 'phone', 'line_id', 'external_id', 'anonymous_id'];

export function nameOf(profile: Profile): { kind: string; value: string } {
  const best = profile.identifiers.toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))[0];
  return best ?? { kind: 'unspecified', value: `#${profile.id}` };
}

export function Page(): ReactElement {
  const say = usePeopleWords();
  const shared = useShared();
  const { role } = useHere();
  const [q, setQ] = useUrlState('q');
  const [kind, setKind] = useUrlState('kind');
  const [asked] = useDebouncedValue(q, REST_MILLISECONDS);
  const query = usePeople(asked, kind as Kind);
  const people = loaded(query);
  return (
    <>
      <PageHead title={say('title')} lead={say('lead')} asOf={people.state === 'ready' ? (people.value.pages[0]?.as_of ?? null) : null}>
        {mayLead(role) && <Button variant="default" component={Link} to={'/people/requests' as string}>{say('requests')}</Button>}
      </PageHead>
      <Group gap="xs" mb="md">
        <TextInput type="search" aria-label={say('findHint')} placeholder={say('findHint')} leftSection={<Icon name="search" size={16} />} value={q} onChange={(event) => setQ(event.currentTarget.value)} flex="1 1 260px" maw={460} maxLength={200} />
        <SegmentedControl aria-label={say('kind')} value={kind} onChange={setKind} data={[{ value: '', label: say('everybody') }, { value: 'member', label: say('onlyMembers') }, { value: 'visitor', label: say('onlyVisitors') }]} />
      </Group>
      <Ready of={people} height={420}>
        {({ pages }, renewing) => {
          const found = pages.flatMap((page) => page.profiles);
          return (
            <>
              <div className={renewing ? 'card flush old' : 'card flush'}>
                {found.length === 0 ? <Empty icon="people" title={say('noneTitle')} text={say('noneText')} /> : <PeopleTable people={found} />}
              </div>
              {found.length > 0 && (
                <Group justify="center" mt="md" gap="xs">
                  {query.hasNextPage && <Button variant="default" size="xs" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{shared('more')}</Button>}
                  <CsvButton name="people" head={['#', say('kind'), say('orders'), say('revenue'), say('currency'), say('events'), say('lastSeen')]} rows={() => found.map((one) => [one.id, shared(one.member ? 'member' : 'visitor'), one.totals.orders, one.totals.revenue.amount, one.totals.revenue.currency, one.totals.events, one.totals.last_seen_at])} />
                </Group>
              )}
            </>
          );
        }}
      </Ready>
    </>
  );
}

function PeopleTable({ people }: { people: readonly Profile[] }): ReactElement {
  const say = usePeopleWords();
  const shared = useShared();
  const { format } = useHere();
  return (
    <div className="wide" tabIndex={0} role="region" aria-label={say('title')}>
      <table className="rows">
        <thead><tr><th>{say('who')}</th><th className="hide-narrow">{say('kind')}</th><th className="number">{say('orders')}</th><th className="number">{say('revenue')}</th><th className="number hide-narrow">{say('events')}</th><th className="hide-narrow">{say('lastSeen')}</th></tr></thead>
        <tbody>
          {people.map((profile) => {
            const name = nameOf(profile);
            return (
              <tr key={profile.id}>
                <td>
                  <Link to={`/people/${profile.id}` as string}>{name.value}</Link>
                  <Text size="xs" c="dimmed">{say(name.kind as 'user_id')} · #{profile.id}</Text>
                </td>
                <td className="hide-narrow"><Badge variant="light" color={profile.member ? 'teal' : 'gray'} tt="none" fw={550}>{profile.member ? shared('member') : shared('visitor')}</Badge></td>
                <td className="number">{format.number(profile.totals.orders)}</td>
                <td className="number">{format.money(profile.totals.revenue.amount, profile.totals.revenue.currency || undefined)}</td>
                <td className="number hide-narrow">{format.number(profile.totals.events)}</td>
                <td className="hide-narrow"><Text size="sm" c="dimmed" span style={{ whiteSpace: 'nowrap' }}>{format.time(profile.totals.last_seen_at)}</Text></td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
