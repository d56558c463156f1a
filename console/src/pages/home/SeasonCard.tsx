/** This campaign season 檔期 beside an earlier one, day for day: today, and everything so far. */

import { Button, Group, Skeleton, Text, TextInput, Title } from '@mantine/core';
import { type ReactElement, useMemo } from 'react';
import { problemOf } from '../../api/problem';
import { mayLead, useHere } from '../../app/session';
import { dayAfter, todayIn } from '../../language/format';
import { useProblemText } from '../../language/problems';
import { CsvButton } from '../../parts/CsvButton';
import { ProblemNotice } from '../../parts/ProblemNotice';
import { useUrlState } from '../../parts/useUrlState';
import { METRICS, type Metric } from './metrics';
import { dayOfSeason, isDay, monthSeason, type Season } from './seasons';
import { type Overview, useOverviewOf, useShareSeason } from './useHome';
import { useHomeWords } from './words';

export function SeasonCard(): ReactElement {
  const say = useHomeWords();
  const { tenant, role } = useHere();
  const today = todayIn(tenant.time_zone, Date.now());
  // What the team looks at is where everybody begins; the address goes before, so that one may look at another.
  const month = monthSeason(today);
  const teams: Season = { start: tenant.season_on ?? month.start, before: tenant.season_before_on ?? month.before };
  const [start, setStart] = useUrlState('season', teams.start);
  const [before, setBefore] = useUrlState('before', teams.before);
  const season = useMemo(() => ({ start, before }), [start, before]);
  const day = isDay(start) && isDay(before) ? dayOfSeason(season, today) : null;
  const share = useShareSeason();
  const problemText = useProblemText();
  const own = start !== teams.start || before !== teams.before;
  return (
    <section className="card">
      <Group justify="space-between" align="flex-end" mb="sm" gap="sm">
        <div style={{ flex: '1 1 240px' }}>
          <Title order={2}>{say('season')}</Title>
          <Text size="sm" c="dimmed">{day === null ? say('seasonLead') : say('seasonDay', { n: day })}</Text>
        </div>
        <Group gap="xs" align="flex-end">
          <TextInput type="date" size="xs" label={say('seasonStart')} value={start} max={today} onChange={(event) => setStart(event.currentTarget.value)} />
          <TextInput type="date" size="xs" label={say('seasonBefore')} value={before} max={today} onChange={(event) => setBefore(event.currentTarget.value)} />
        </Group>
      </Group>
      {own && day !== null && mayLead(role) && (
        <Group gap="xs" mb="sm">
          <Text size="sm" c="dimmed">{say('seasonOwn')}</Text>
          <Button size="compact-sm" variant="light" loading={share.isPending} onClick={() => share.mutate(season)}>{say('seasonShare')}</Button>
          {share.isError && <Text size="sm" c="var(--bad)" role="alert">{problemText(problemOf(share.error))}</Text>}
        </Group>
      )}
      {day === null ? <Text size="sm" c="var(--warm)" role="status">{say('seasonWrong')}</Text> : <Compared season={season} day={day} />}
    </section>
  );
}

function Compared({ season, day }: { season: Season; day: number }): ReactElement {
  const say = useHomeWords();
  const { format } = useHere();
  const now = useOverviewOf(season.start, dayAfter(season.start, day - 1));
  const then = useOverviewOf(season.before, dayAfter(season.before, day - 1));
  if (now.state === 'failed') return <ProblemNotice problem={now.problem} again={now.again} />;
  if (then.state === 'failed') return <ProblemNotice problem={then.problem} again={then.again} />;
  if (now.state === 'loading' || then.state === 'loading') return <Skeleton height={180} />;
  const text = (metric: Metric, value: number | string, of: Overview) => (metric === 'revenue' ? format.money(value, of.currency) : format.number(value));
  const rows = METRICS.map((metric) => {
    const [sum, sumThen] = [Number(now.value.total[metric]), Number(then.value.total[metric])];
    return {
      metric, sum, sumThen, today: Number(now.value.days.at(-1)?.[metric] ?? 0), todayThen: Number(then.value.days.at(-1)?.[metric] ?? 0),
      change: sumThen > 0 ? sum / sumThen - 1 : null,
    };
  });
  const older = now.renewing || then.renewing;
  return (
    <>
      <div className={older ? 'wide old' : 'wide'} tabIndex={0} role="region" aria-label={say('season')}>
        <table className="rows season">
          <thead>
            <tr>
              <th>{say('metric')}</th><th className="number">{say('today')}</th><th className="number">{say('sameDay', { day: format.day(dayAfter(season.before, day - 1)) })}</th>
              <th className="number">{say('soFar')}</th><th className="number">{say('soFarThen')}</th><th className="number">{say('difference')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.metric}>
                <th scope="row">{say(row.metric)}</th>
                <td className="number"><b>{text(row.metric, row.today, now.value)}</b></td>
                <td className="number">{text(row.metric, row.todayThen, then.value)}</td>
                <td className="number"><b>{text(row.metric, row.sum, now.value)}</b></td>
                <td className="number">{text(row.metric, row.sumThen, then.value)}</td>
                <td className="number">{row.change === null ? '–' : <span className={row.change < 0 ? 'down' : 'up'}>{format.change(row.change)}</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Group justify="space-between" mt="xs" gap="xs">
        <Text size="xs" c="dimmed" flex={1}>{say('seasonHint')}</Text>
        <CsvButton
          name={`season-${season.start}`} head={[say('metric'), say('today'), say('sameDay', { day: dayAfter(season.before, day - 1) }), say('soFar'), say('soFarThen')]}
          rows={() => rows.map((row) => [say(row.metric), row.today, row.todayThen, row.sum, row.sumThen])}
        />
      </Group>
    </>
  );
}
