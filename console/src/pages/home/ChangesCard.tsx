/** What changed: yesterday's measures that are unusual, and the segments that most people entered or left today. */

import { Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useHere } from '../../app/session';
import { Ready } from '../../parts/Ready';
import { metricChanges } from './changes';
import { type Overview, useMoving } from './useHome';
import { useHomeWords } from './words';

const SHOWN = 5;

export function ChangesCard({ overview }: { overview: Overview }): ReactElement {
  const say = useHomeWords();
  const { format } = useHere();
  const moving = useMoving();
  const changes = metricChanges(overview);
  const text = (metric: string, value: number) => (metric === 'revenue' ? format.money(value, overview.currency) : format.number(Math.round(value)));
  return (
    <section className="card" style={{ height: '100%' }}>
      <Title order={2}>{say('changes')}</Title>
      <Text size="sm" c="dimmed" mb="sm">{say('changesLead')}</Text>
      <ul className="changes">
        {changes.map((one) => (
          <li key={one.metric}>
            <Link to={'/' as string} search={{ metric: one.metric } as never} resetScroll={false}>
              <span>{say('yesterday', { metric: say(one.metric), value: text(one.metric, one.value), usual: text(one.metric, one.usual) })}</span>
              <span className={one.change < 0 ? 'down' : 'up'}>{format.change(one.change)}</span>
            </Link>
          </li>
        ))}
      </ul>
      <Ready of={moving} height={100}>
        {(found) => {
          const moved = found.segments
            .filter(({ state }) => state.entered_today + state.left_today > 0)
            .toSorted((a, b) => b.state.entered_today + b.state.left_today - a.state.entered_today - a.state.left_today)
            .slice(0, SHOWN);
          if (moved.length === 0 && changes.length === 0) return <Text size="sm">{say('noChanges')}</Text>;
          return (
            <ul className="changes">
              {moved.map((segment) => (
                <li key={segment.id}>
                  <Link to={`/segments/${segment.id}` as string}>
                    <span className="cut">{segment.name}</span>
                    <span>
                      {segment.state.entered_today > 0 && <span className="up">+{format.number(segment.state.entered_today)}</span>} {segment.state.left_today > 0 && <span className="down">−{format.number(segment.state.left_today)}</span>}
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
          );
        }}
      </Ready>
    </section>
  );
}
