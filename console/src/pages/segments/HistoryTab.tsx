/** How a segment was and moves: people by day as picture or table, and who came and went lately with the reason. */

import { ActionIcon, Anchor, Badge, Button, Group, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { loaded } from '../../api/loaded';
import { useHere } from '../../app/session';
import { useShared } from '../../language/shared';
import { CsvButton } from '../../parts/CsvButton';
import { Empty } from '../../parts/Empty';
import { Icon } from '../../parts/Icon';
import { Ready } from '../../parts/Ready';
import { useUrlState } from '../../parts/useUrlState';
import { DaysChart } from './DaysChart';
import { useHistoryWords } from './historyWords';
import { SnapshotsCard } from './SnapshotsCard';
import { StateLine } from './StateLine';
import { type Movement, type SegmentDay, useMovements, useSegmentDays } from './useHistory';
import type { OneSegment } from './useSegments';

const PERIODS = ['30', '90', '180'];

export function HistoryTab({ segment, onWhy }: { segment: OneSegment; onWhy: (profileId: string) => void }): ReactElement {
  return (
    <Stack gap="md">
      <Days segment={segment} />
      <Movements segment={segment} onWhy={onWhy} />
      <SnapshotsCard segment={segment} />
    </Stack>
  );
}

function Days({ segment }: { segment: OneSegment }): ReactElement {
  const say = useHistoryWords();
  const shared = useShared();
  const { format } = useHere();
  const [period, setPeriod] = useUrlState('days', '30');
  const [view, setView] = useUrlState('view');
  const history = useSegmentDays(segment.id, Number(PERIODS.includes(period) ? period : '30'));
  const asTable = view === 'table';
  const told = (one: SegmentDay) => say('shown', { day: format.day(one.day), n: format.number(one.profiles), entered: format.number(one.entered), left: format.number(one.left) });
  const today = (one: SegmentDay | undefined) => (one ? told(one) : say('noneTitle'));
  return (
    <section className="card" aria-label={say('daysTitle')}>
      <Group justify="space-between" mb="sm" gap="xs">
        <div>
          <Title order={2}>{say('daysTitle')}</Title>
          <Text size="xs" c="dimmed">{say('daysLead')}</Text>
        </div>
        <Group gap="xs">
          <SegmentedControl aria-label={say('range')} value={period} onChange={setPeriod} data={PERIODS.map((value) => ({ value, label: say('days', { count: value }) }))} />
          <ActionIcon variant="subtle" color="gray" c="dimmed" size={28} aria-label={asTable ? shared('asChart') : shared('asTable')} aria-pressed={asTable} onClick={() => setView(asTable ? '' : 'table')}><Icon name="table" /></ActionIcon>
        </Group>
      </Group>
      <Ready of={history} height={300}>
        {({ days, state }) => (
          <>
            {asTable && days.length > 0 ? <DaysTable days={days} />
              : days.length < 2 ? <Empty icon="history" title={today(days[0])} text={say('noneText')} />
              : <DaysChart label={say('daysTitle')} days={days} day={format.day} short={format.compact} told={told} />}
            <StateLine state={state} />
          </>
        )}
      </Ready>
    </section>
  );
}

function DaysTable({ days }: { days: readonly SegmentDay[] }): ReactElement {
  const say = useHistoryWords();
  const { format } = useHere();
  return (
    <>
      <div className="wide" style={{ maxHeight: 360, overflowY: 'auto' }} tabIndex={0} role="region" aria-label={say('daysTitle')}>
        <table className="rows">
          <thead><tr><th>{say('day')}</th><th className="number">{say('size')}</th><th className="number">{say('entered')}</th><th className="number">{say('left')}</th></tr></thead>
          <tbody>
            {days.toReversed().map((one) => (
              <tr key={one.day}><th scope="row">{format.day(one.day)}</th><td className="number">{format.number(one.profiles)}</td><td className="number">+{format.number(one.entered)}</td><td className="number">−{format.number(one.left)}</td></tr>
            ))}
          </tbody>
        </table>
      </div>
      <Group justify="flex-end" mt="xs">
        <CsvButton name="segment-days" head={[say('day'), say('size'), say('entered'), say('left')]} rows={() => days.toReversed().map((one) => [one.day, one.profiles, one.entered, one.left])} />
      </Group>
    </>
  );
}

function Movements({ segment, onWhy }: { segment: OneSegment; onWhy: (profileId: string) => void }): ReactElement {
  const say = useHistoryWords();
  const shared = useShared();
  const query = useMovements(segment.id);
  const movements = loaded(query);
  return (
    <section className="card" aria-label={say('changesTitle')}>
      <Title order={2}>{say('changesTitle')}</Title>
      <Text size="xs" c="dimmed" mb="sm">{say('changesLead')}</Text>
      <Ready of={movements} height={160}>
        {({ pages }) => {
          const all = pages.flatMap((page) => page.changes);
          if (all.length === 0) return <Empty icon="history" title={say('quietTitle')} text={say('quietText')} />;
          return (
            <>
              <ul className="movements">{all.map((one) => <OneMovement key={one.sequence} of={one} onWhy={onWhy} />)}</ul>
              {query.hasNextPage && <Group justify="center" mt="md"><Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{shared('more')}</Button></Group>}
            </>
          );
        }}
      </Ready>
    </section>
  );
}

function OneMovement({ of, onWhy }: { of: Movement; onWhy: (profileId: string) => void }): ReactElement {
  const say = useHistoryWords();
  const { format } = useHere();
  const [open, setOpen] = useState(false);
  return (
    <li>
      <Group justify="space-between" gap="xs">
        <Group gap={10}>
          {of.entered > 0 && <Text fw={600} c="var(--accent)" span>+{format.number(of.entered)}</Text>}
          {of.left > 0 && <Text fw={600} c="var(--warm)" span>−{format.number(of.left)}</Text>}
          <Badge variant="light" color="gray" tt="none" fw={550}>{say(`reason_${of.reason}`)}</Badge>
          <Text size="sm" c="dimmed" span>{format.time(of.at)}</Text>
        </Group>
        {of.entered_profiles.length + of.left_profiles.length > 0 && <Button size="compact-sm" h={28} variant="subtle" aria-expanded={open} onClick={() => setOpen(!open)}>{say(open ? 'hide' : 'people')}</Button>}
      </Group>
      {open && (
        <dl className="lines" style={{ marginTop: 8 }}>
          {([['in', of.entered_profiles, of.entered], ['out', of.left_profiles, of.left]] as const).filter(([, people]) => people.length > 0).map(([which, people, count]) => (
            <div key={which} style={{ display: 'contents' }}>
              <dt>{say(which)}</dt>
              <dd>
                {people.map((id) => (
                  <span key={id} className="moved">
                    <Anchor component={Link} size="sm" to={`/people/${id}` as string}>#{id}</Anchor>
                    <button type="button" className="moved-why" onClick={() => onWhy(String(id))} aria-label={`${say('why')} #${id}`}>{say('why')}</button>
                  </span>
                ))}
                {count > people.length && <Text size="xs" c="dimmed">{say('more')}</Text>}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}
