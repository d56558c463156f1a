/** How many people are visitors, members, first buyers, repeat and loyal customers; each opens as a segment. */

import { Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useHere } from '../../app/session';
import { localText } from '../../language/words';
import { Ready } from '../../parts/Ready';
import { useStages } from './useHome';
import { useHomeWords } from './words';
import './stages.css';

export function StagesCard(): ReactElement {
  const say = useHomeWords();
  const { format, language } = useHere();
  const stages = useStages();
  return (
    <section className="card">
      <Title order={2}>{say('stages')}</Title>
      <Text size="sm" c="dimmed" mb="sm">{say('stagesLead')}</Text>
      <Ready of={stages} height={140}>
        {({ stages: found, everybody }) => {
          const most = Math.max(1, ...found.map((stage) => stage.profiles));
          return (
            <ul className="stages">
              {found.map((stage) => {
                const name = localText(stage.name, language);
                const tree = JSON.stringify({ gene: 'member_stage', is: { one_of: [stage.value] } });
                return (
                  <li key={stage.value}>
                    <Link to={'/segments/new' as string} search={{ tree } as never} title={say('stageLink', { stage: name, count: format.number(stage.profiles) })}>
                      <span className="stage-name">{name}</span>
                      <span className="stage-bar"><i style={{ width: `${(100 * stage.profiles) / most}%` }} /></span>
                      <span className="stage-count">{format.number(stage.profiles)}</span>
                      <span className="stage-share">{everybody ? format.share(stage.profiles / everybody) : ''}</span>
                    </Link>
                  </li>
                );
              })}
            </ul>
          );
        }}
      </Ready>
    </section>
  );
}
