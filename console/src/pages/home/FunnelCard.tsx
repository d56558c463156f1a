/** How many came as far as each stage from visitor to fan, how many of them went on, and how long it took; each opens as a segment. */

import { Group, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useHere } from '../../app/session';
import { CsvButton } from '../../parts/CsvButton';
import { Ready } from '../../parts/Ready';
import { type Funnel, useFunnel } from './useHome';
import { useHomeWords } from './words';
import './stages.css';

export function FunnelCard(): ReactElement {
  const say = useHomeWords();
  const funnel = useFunnel();
  return (
    <section className="card" style={{ height: '100%' }}>
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <div>
          <Title order={2}>{say('stages')}</Title>
          <Text size="sm" c="dimmed" mb="sm">{say('stagesLead')}</Text>
        </div>
        {funnel.state === 'ready' && <FunnelFile funnel={funnel.value} />}
      </Group>
      <Ready of={funnel} height={230}>{(found) => <Rows funnel={found} />}</Ready>
    </section>
  );
}

function FunnelFile({ funnel }: { funnel: Funnel }): ReactElement {
  const say = useHomeWords();
  return (
    <CsvButton
      name="funnel" head={[say('stage'), say('stageNow'), say('stageSoFar'), say('conversion')]}
      rows={() => funnel.stages.map((stage) => [say(stage.key), stage.there.profiles, stage.so_far.profiles, stage.conversion])}
    />
  );
}

function Rows({ funnel }: { funnel: Funnel }): ReactElement {
  const say = useHomeWords();
  const { format } = useHere();
  const most = Math.max(1, ...funnel.stages.map((stage) => stage.so_far.profiles));
  return (
    <ul className="stages">
      {funnel.stages.map((stage, index) => {
        const name = say(stage.key);
        const before = funnel.stages[index - 1]?.key;
        const days = funnel.steps.find((step) => step.start === before && step.end === stage.key)?.median_days;
        return (
          <li key={stage.key}>
            <Link to={'/segments/new' as string} search={{ tree: JSON.stringify(stage.so_far.tree) } as never} title={say('stageLink', { stage: name, count: format.number(stage.so_far.profiles) })}>
              <span className="stage-name">{name}</span>
              <span className="stage-bar"><i style={{ width: `${(100 * stage.so_far.profiles) / most}%` }} /></span>
              <span className="stage-count">{format.number(stage.so_far.profiles)}</span>
              <span className="stage-share">
                {stage.conversion !== null && say('goOn', { share: format.share(stage.conversion) })}
                {days ? say('inDays', { count: format.number(days) }) : ''}
              </span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
