/** The funnel's stages as bars or as a table, the step that loses most people, and how long steps take. */

import { Text, Title } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Schemas } from '../../api/client';
import { useFormat } from '../../app/session';
import { Icon } from '../../parts/Icon';
import { useFunnelWords } from './funnelWords';
import { PeopleLink } from './PeopleLink';
import './funnel.css';

type Funnel = Schemas['Funnel'];
type Stage = Funnel['stages'][number];
type Step = Funnel['steps'][number];

/** What it takes to be at a stage; the last two are the shop's own rules. */
function useMeaning(funnel: Funnel): (stage: Stage) => string {
  const say = useFunnelWords();
  return ({ key }) => (key === 'loyal' ? say('loyal_is', { orders: funnel.loyal_orders, days: funnel.loyal_days }) : say(`${key}_is`));
}

/** Being a fan takes something else than buying, so that step is not compared with the others. */
function worstOf(stages: readonly Stage[]): { from: Stage; to: Stage; share: number } | null {
  const steps = stages.flatMap((to, index) => {
    const from = stages[index - 1];
    return from && to.key !== 'fan' && to.conversion !== null && from.there.profiles > 0 ? [{ from, to, share: to.conversion }] : [];
  });
  return steps.toSorted((a, b) => a.share - b.share)[0] ?? null;
}

export function Worst({ funnel }: { funnel: Funnel }): ReactElement | null {
  const say = useFunnelWords();
  const format = useFormat();
  const worst = worstOf(funnel.stages);
  if (worst === null) return null;
  return (
    <div className="funnel-worst">
      <Icon name="warn" size={20} />
      <p>
        {say('worst', { from: say(worst.from.key), to: say(worst.to.key), share: format.share(worst.share), n: format.number(worst.from.there.profiles) })}{' '}
        <PeopleLink of={worst.from.there}>{say('worstOpen')}</PeopleLink>
      </p>
    </div>
  );
}

export function StageBars({ funnel }: { funnel: Funnel }): ReactElement {
  const say = useFunnelWords();
  const format = useFormat();
  const meaning = useMeaning(funnel);
  const most = Math.max(1, ...funnel.stages.map((stage) => stage.so_far.profiles));
  return (
    <>
      <p className="funnel-key"><i className="so-far" />{say('soFar')}<i className="there" />{say('there')}</p>
      <ol className="funnel">
        {funnel.stages.map((stage) => (
          <li key={stage.key}>
            <div className="funnel-name">
              <Text fw={600} span>{say(stage.key)}</Text>
              <Text size="xs" c="dimmed">{meaning(stage)}</Text>
            </div>
            <div className="funnel-bar">
              <i className="so-far" style={{ width: `${(100 * stage.so_far.profiles) / most}%` }} />
              <i className="there" style={{ width: `${(100 * stage.there.profiles) / most}%` }} />
            </div>
            <div className="funnel-number">
              <span className="figure"><PeopleLink of={stage.so_far} label={`${say(stage.key)} · ${say('soFar')}`} /></span>
              <Text size="xs" c="dimmed" component="p" m={0}>{say('there')} <PeopleLink of={stage.there} label={`${say(stage.key)} · ${say('there')}`} /></Text>
            </div>
            <div className="funnel-share">
              {stage.conversion !== null && <><Text fw={600} span>{format.share(stage.conversion)}</Text><Text size="xs" c="dimmed">{say('conversion')}</Text></>}
            </div>
          </li>
        ))}
      </ol>
    </>
  );
}

export function StageTable({ funnel }: { funnel: Funnel }): ReactElement {
  const say = useFunnelWords();
  const format = useFormat();
  const meaning = useMeaning(funnel);
  return (
    <div className="wide" tabIndex={0} role="region" aria-label={say('title')}>
      <table className="rows">
        <thead><tr><th>{say('stage')}</th><th className="number">{say('soFar')}</th><th className="number">{say('there')}</th><th className="number">{say('conversion')}</th></tr></thead>
        <tbody>
          {funnel.stages.map((stage) => (
            <tr key={stage.key}>
              <td><Text size="sm" fw={550}>{say(stage.key)}</Text><Text size="xs" c="dimmed">{meaning(stage)}</Text></td>
              <td className="number"><PeopleLink of={stage.so_far} /></td>
              <td className="number"><PeopleLink of={stage.there} /></td>
              <td className="number">{stage.conversion === null ? '–' : format.share(stage.conversion)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Steps({ steps }: { steps: readonly Step[] }): ReactElement {
  const say = useFunnelWords();
  const format = useFormat();
  const stage = (key: string) => say(`at_${key as Stage['key']}`);
  const days = (value: number | null) => (value === null ? '–' : value < 1 ? say('sameDay') : say('onTime', { median: format.number(Math.round(value)) }));
  return (
    <section className="card flush">
      <div style={{ padding: '18px 18px 6px' }}>
        <Title order={2}>{say('steps')}</Title>
        <Text size="sm" c="dimmed">{say('stepsLead')}</Text>
      </div>
      <div className="wide" tabIndex={0} role="region" aria-label={say('steps')}>
        <table className="rows">
          <thead><tr><th>{say('step')}</th><th className="number">{say('middle')}</th><th className="number">{say('middleHalf')}</th><th className="number">{say('measured')}</th><th className="number">{say('waiting')}</th><th className="number">{say('backwards')}</th></tr></thead>
          <tbody>
            {steps.map((step) => (
              <tr key={`${step.start} ${step.end}`}>
                <td style={{ whiteSpace: 'nowrap' }}>{stage(step.start)} → {stage(step.end)}</td>
                <td className="number" style={{ fontWeight: 600, whiteSpace: 'nowrap' }}>{step.measured === 0 ? say('nobodyYet') : days(step.median_days)}</td>
                <td className="number" style={{ whiteSpace: 'nowrap' }}>{half(step)}</td>
                <td className="number">{format.number(step.measured)}</td>
                <td className="number"><PeopleLink of={step.waiting} label={`${stage(step.start)} → ${stage(step.end)} · ${say('waiting')}`} /></td>
                <td className="number">{format.number(step.backwards)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );

  function half(step: Step): string {
    if (step.lower_quartile_days === null || step.upper_quartile_days === null) return '–';
    const [low, high] = [Math.round(step.lower_quartile_days), Math.round(step.upper_quartile_days)];
    return high === 0 ? say('sameDay') : say('quartiles', { low: format.number(low), high: format.number(high) });
  }
}
