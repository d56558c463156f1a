/** Segments as a table: how many people and how that moved, how fresh it is, and which other segments name them. */

import { Badge, Group, Text } from '@mantine/core';
import { useInViewport } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useHere } from '../../app/session';
import { CsvButton } from '../../parts/CsvButton';
import { Sparkline } from './DaysChart';
import { useHistoryWords } from './historyWords';
import { useCatalogue } from './useCatalogue';
import { usersOf } from './usedBy';
import { useSegmentDays } from './useHistory';
import { describedIn, folderIn, nameIn } from './naming';
import type { Segment } from './useSegments';
import { useSegmentWords } from './words';

const TREND_DAYS = 14;

export function SegmentTable({ segments }: { segments: readonly Segment[] }): ReactElement {
  const say = useSegmentWords();
  const { format, language } = useHere();
  const catalogue = useCatalogue();
  const users = catalogue.state === 'ready' ? usersOf(catalogue.value.segments) : new Map<string, Segment[]>();
  return (
    <>
      <div className="wide" tabIndex={0} role="region" aria-label={say('title')}>
        <table className="rows">
          <thead>
            <tr><th>{say('sort_name')}</th><th className="number">{say('size')}</th><th className="hide-narrow">{say('trend')}</th><th className="number hide-narrow">{say('today')}</th><th className="hide-narrow">{say('usedShort')}</th><th className="hide-narrow">{say('changedAt')}</th></tr>
          </thead>
          <tbody>
            {segments.map((segment) => (
              <tr key={segment.id}>
                <td>
                  <Link to={'/segments/$id' as string} params={{ id: segment.id } as never}>{nameIn(segment, language)}</Link>
                  {segment.starter && <Badge variant="light" color="gray" size="sm" tt="none" fw={500} ml={8}>{say('starter')}</Badge>}
                  {segment.description && <Text size="xs" c="dimmed" lineClamp={1} maw={400}>{describedIn(segment, language)}</Text>}
                </td>
                <SizeCells segment={segment} />
                <td className="hide-narrow"><UsedBy users={users.get(segment.id) ?? []} /></td>
                <td className="hide-narrow"><Text size="sm" c="dimmed" span style={{ whiteSpace: 'nowrap' }}>{format.time(segment.changed_at)}</Text></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Group justify="flex-end" p="xs">
        <CsvButton
          name="segments" head={[say('sort_name'), say('folder'), say('size'), say('enteredToday'), say('leftToday'), say('refresh'), say('changedAt')]}
          rows={() => segments.map((one) => [nameIn(one, language), folderIn(one.folder, language), one.state.profiles, one.state.entered_today, one.state.left_today, say(`refresh_${one.state.refresh}`), one.changed_at])}
        />
      </Group>
    </>
  );
}

/** How many people and up to when, the last two weeks, and who came and went today; while it is counted for the first time, only that. */
function SizeCells({ segment }: { segment: Segment }): ReactElement {
  const say = useSegmentWords();
  const { format } = useHere();
  const { state } = segment;
  if (state.profiles === null) return <><td className="number"><Text size="sm" c="dimmed" span>{say(`refresh_${state.refresh}`)}</Text></td><td className="hide-narrow" /><td className="number hide-narrow">–</td></>;
  const moved = [state.entered_today && `+${format.number(state.entered_today)}`, state.left_today && `−${format.number(state.left_today)}`].filter(Boolean).join(' / ');
  const live = state.refresh === 'live';
  return (
    <>
      <td className="number">
        <b>{format.number(state.profiles)}</b>
        <Text size="xs" c={live ? 'dimmed' : 'var(--warm)'} style={{ whiteSpace: 'nowrap' }} title={[state.failure_text, state.now && format.time(state.now)].filter(Boolean).join(' · ')}>
          {say(`refresh_${state.refresh}`)} · {format.ago(state.now, Date.now())}
        </Text>
      </td>
      <td className="hide-narrow"><Trend segment={segment} /></td>
      <td className="number hide-narrow">{moved || '–'}</td>
    </>
  );
}

/** Asked for only where somebody sees it: a shop may have hundreds of segments. */
function Trend({ segment }: { segment: Segment }): ReactElement {
  const say = useHistoryWords();
  const { ref, inViewport } = useInViewport();
  const days = useSegmentDays(segment.id, TREND_DAYS, { seen: inViewport, renewed: false });
  return <span ref={ref} className="trend">{days.state === 'ready' && days.value.days.length > 1 && <Sparkline label={say('trend', { count: days.value.days.length })} values={days.value.days.map(({ profiles }) => profiles)} />}</span>;
}

function UsedBy({ users }: { users: readonly Segment[] }): ReactElement {
  const say = useSegmentWords();
  const { language } = useHere();
  const [first] = users;
  if (!first) return <Text size="sm" c="dimmed" span>–</Text>;
  return (
    <Text size="sm" span title={users.map((one) => nameIn(one, language)).join('、')}>
      <Link to={'/segments/$id' as string} params={{ id: first.id } as never}>{nameIn(first, language)}</Link>{users.length > 1 && ` ${say('andOthers', { count: users.length - 1 })}`}
    </Text>
  );
}
