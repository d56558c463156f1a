/** The loop that a shop turns: data come in, bring people back, become insight, serve them, and are passed on. */

import { Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { mayLead, useHere } from '../../app/session';
import type { Funnel, Overview } from './useHome';
import { useFunnel, useIntake, useMoving } from './useHome';
import { useHomeWords } from './words';
import './loop.css';

interface Stage {
  key: 'connect' | 'drive' | 'insight' | 'serve' | 'share';
  value: string | null;
  text: string;
  more: string;
  to: string | null;
  search?: Record<string, string>;
}

const reached = (funnel: Funnel, key: string) => funnel.stages.find((stage) => stage.key === key)?.so_far;

export function LoopCard({ overview }: { overview: Overview }): ReactElement {
  const say = useHomeWords();
  const { format, role } = useHere();
  const intake = useIntake();
  const funnel = useFunnel();
  const moving = useMoving();
  const counted = intake.state === 'ready' ? intake.value.counted : null;
  const people = funnel.state === 'ready' ? funnel.value : null;
  const segments = moving.state === 'ready' ? moving.value.segments : null;
  const fans = people && reached(people, 'fan');
  const entered = segments?.reduce((sum, segment) => sum + segment.state.entered_today, 0) ?? 0;
  const orders = overview.total.orders;
  const stages: Stage[] = [
    {
      key: 'connect', value: people && format.number(people.everybody), text: say('connectText'),
      more: counted === null ? '' : say('connectMore', { n: format.number(counted) }), to: mayLead(role) ? '/install' : '/people',
    },
    { key: 'drive', value: format.number(overview.total.visitors), text: say('driveText'), more: say('driveMore', { n: format.number(overview.days.at(-1)?.visitors ?? 0) }), to: '/', search: { metric: 'visitors' } },
    { key: 'insight', value: segments && format.number(segments.length), text: say('insightText'), more: segments ? say('insightMore', { entered: format.number(entered) }) : '', to: '/segments' },
    { key: 'serve', value: format.number(orders), text: say('serveText'), more: format.money(overview.total.revenue, overview.currency), to: '/', search: { metric: 'revenue' } },
    {
      key: 'share', value: fans ? format.number(fans.profiles) : null, text: say('shareText'),
      more: people ? say('shareMore', { n: format.number(reached(people, 'loyal')?.profiles ?? 0) }) : '',
      to: fans ? '/segments/new' : null, ...(fans ? { search: { tree: JSON.stringify(fans.tree) } } : {}),
    },
  ];
  return (
    <section className="card" style={{ marginBottom: 16 }}>
      <Title order={2} className="visually-hidden">{say('loop')}</Title>
      <ol className="loop">
        {stages.map((stage) => (
          <li key={stage.key}>
            <Stage stage={stage} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Stage({ stage }: { stage: Stage }): ReactElement {
  const say = useHomeWords();
  const inside = (
    <>
      <span className="loop-name">{say(stage.key)}</span>
      <span className="figure">{stage.value ?? '–'}</span>
      <Text size="sm" span>{stage.text}</Text>
      <Text size="xs" c="dimmed" span>{stage.more}</Text>
    </>
  );
  return stage.to === null ? <div>{inside}</div> : <Link to={stage.to as string} search={(stage.search ?? {}) as never} resetScroll={stage.to !== '/'}>{inside}</Link>;
}
