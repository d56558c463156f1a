/** States of customers, NES or NAPL: how many are in each, who went from which to which, and who woke up. */

import { Group, NativeSelect, SegmentedControl, SimpleGrid, Text, TextInput, Title } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Schemas } from '../../api/client';
import { useHere } from '../../app/session';
import { Heatmap, type HeatRow } from '../../charts/Heatmap';
import { dayAfter, todayIn } from '../../language/format';
import { localText } from '../../language/words';
import { CsvButton } from '../../parts/CsvButton';
import { Empty } from '../../parts/Empty';
import { Ready } from '../../parts/Ready';
import { useUrlState } from '../../parts/useUrlState';
import { dayOf, FilterRow, SegmentFilter } from './Filters';
import { PeopleLink } from './PeopleLink';
import { ReportHead } from './ReportHead';
import { useStatesWords } from './statesWords';
import { useStateNames, useTransitions } from './useReports';
import { useReportWords } from './words';

type Transitions = Schemas['Transitions'];
type Gene = Schemas['Gene'];

const BACK_DAYS = 30;

export function Page(): ReactElement {
  const say = useStatesWords();
  const report = useReportWords();
  const { tenant, language } = useHere();
  const yesterday = dayAfter(todayIn(tenant.time_zone, Date.now()), -1);
  const first = dayAfter(yesterday, 1 - BACK_DAYS);
  const [said, setKind] = useUrlState('state', 'nes_state');
  const [fromSaid, setFrom] = useUrlState('from');
  const [toSaid, setTo] = useUrlState('to');
  const [segment] = useUrlState('segment');
  const kind = said === 'napl_state' ? 'napl_state' : 'nes_state';
  const from = dayOf(fromSaid) && fromSaid <= yesterday ? fromSaid : first;
  const to = dayOf(toSaid) && toSaid <= yesterday ? toSaid : '';
  const wrong = to !== '' && to <= from;
  const names = useStateNames();
  const moves = useTransitions(kind, from, wrong ? '' : to, segment);
  return (
    <>
      <ReportHead title={say('title')} lead={say('lead')} asOf={moves.state === 'ready' ? moves.value.as_of : null} />
      <FilterRow>
        <NativeSelect label={say('kind')} value={kind} onChange={(event) => setKind(event.currentTarget.value)} data={[{ value: 'nes_state', label: 'NES' }, { value: 'napl_state', label: 'NAPL' }]} />
        <TextInput type="date" label={say('from')} w={158} max={yesterday} value={from} error={fromSaid > yesterday ? say('notYet') : undefined} onChange={(event) => setFrom(event.currentTarget.value)} />
        <TextInput type="date" label={say('to')} w={200} max={yesterday} value={to} error={wrong ? report('wrongRange') : toSaid > yesterday ? say('notYet') : undefined} onChange={(event) => setTo(event.currentTarget.value)} />
        <SegmentFilter />
      </FilterRow>
      <Ready of={names} height={480}>
        {({ states }) => {
          const gene = states.find((one) => one.id === kind);
          return gene && (
            <>
              <Text size="sm" c="dimmed" mb="md">{localText(gene.definition, language)}</Text>
              <Ready of={moves} height={420}>
                {(found, renewing) => <div className={renewing ? 'old' : undefined}>{found.everybody === 0 ? <div className="card"><Empty icon="people" title={report('noneTitle')} text={report('noneText')} /></div> : <Found moves={found} gene={gene} to={wrong ? '' : to} />}</div>}
              </Ready>
            </>
          );
        }}
      </Ready>
    </>
  );
}

function Found({ moves, gene, to }: { moves: Transitions; gene: Gene; to: string }): ReactElement {
  const say = useStatesWords();
  const { format, language } = useHere();
  const most = Math.max(1, ...moves.counts.map((one) => one.profiles));
  const total = moves.counts.reduce((sum, one) => sum + one.profiles, 0);
  const named = (state: string) => { const choice = gene.choices.find((one) => one.value === state); return choice ? localText(choice.name, language) : state; };
  return (
    <>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md" mb="md">
        <section className="card">
          <Title order={2}>{say('wakeUp')}</Title>
          <div className="figure" style={{ margin: '10px 0 4px', fontSize: '2.5rem' }}>{moves.wake_up_rate === null ? '–' : format.share(moves.wake_up_rate)}</div>
          <Text size="sm" c="dimmed">{moves.wake_up_rate === null ? say('nobodySlept') : (
            <><PeopleLink of={{ profiles: moves.asleep, tree: moves.asleep_tree }} label={say('asleep')} />{say('slept')}<PeopleLink of={{ profiles: moves.woken, tree: moves.woken_tree }} label={say('woken')} />{say('wokeUp')}</>
          )}</Text>
        </section>
        <section className="card">
          <Title order={2}>{to ? say('past', { day: format.day(to) }) : say('now')}</Title>
          <Text size="xs" c="dimmed" mb={8}>{say('nowHint')}</Text>
          <table className="state-counts">
            <tbody>
              {moves.counts.map((one) => (
                <tr key={one.state}>
                  <th scope="row">{named(one.state)}</th>
                  <td className="state-bar"><i style={{ width: `${(100 * one.profiles) / most}%` }} /></td>
                  <td><PeopleLink of={one} label={named(one.state)} /></td>
                  <td className="dimmed">{total ? format.share(one.profiles / total) : ''}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </SimpleGrid>
      <Moves moves={moves} named={named} />
    </>
  );
}

function Moves({ moves, named }: { moves: Transitions; named: (state: string) => string }): ReactElement {
  const say = useStatesWords();
  const { format } = useHere();
  const [shown, setShown] = useUrlState('shown', 'people');
  // Those in no state come first: they had no order yet.
  const states = [null, ...moves.counts.map((one) => one.state)];
  const move = (before: string | null, after: string | null) => moves.transitions.find((one) => one.before === before && one.after === after);
  const text = (state: string | null) => (state === null ? say('none') : named(state));
  const rows: HeatRow[] = states.map((before) => {
    const sum = states.reduce((found, after) => found + (move(before, after)?.profiles ?? 0), 0);
    return {
      key: before ?? '',
      name: text(before),
      beside: format.number(sum),
      cells: states.map((after) => {
        const found = move(before, after);
        if (!found) return { heat: 0, content: '–' };
        const share = found.profiles / sum;
        return { heat: share, content: <PeopleLink of={found} label={`${text(before)} → ${text(after)}`}>{shown === 'share' ? format.share(share) : format.number(found.profiles)}</PeopleLink> };
      }),
    };
  });
  return (
    <section className="card">
      <div className="report-filters" style={{ justifyContent: 'space-between', marginBottom: 8 }}>
        <div><Title order={2}>{say('moves')}</Title><Text size="sm" c="dimmed" maw={620}>{say('movesHint')}</Text></div>
        <Group gap="xs">
          <SegmentedControl size="xs" aria-label={say('shown')} value={shown === 'share' ? 'share' : 'people'} onChange={setShown} data={[{ value: 'people', label: say('asPeople') }, { value: 'share', label: say('asShare') }]} />
          <CsvButton name="state-transitions" head={[say('before'), say('after'), say('asPeople')]} rows={() => moves.transitions.map((one) => [text(one.before), text(one.after), one.profiles])} />
        </Group>
      </div>
      <Heatmap label={say('moves')} corner={`${say('before')} ＼ ${say('after')}`} beside={say('row')} columns={states.map(text)} rows={rows} />
    </section>
  );
}
