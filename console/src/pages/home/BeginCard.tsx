/** What to do first in a shop without data: each step leads to its page. */

import { Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { mayLead, mayWrite, useHere } from '../../app/session';
import { Icon, type IconName } from '../../parts/Icon';
import { useHomeWords } from './words';
import './begin.css';

export function BeginCard(): ReactElement {
  const say = useHomeWords();
  const { role } = useHere();
  const steps: [IconName, string, string, string, boolean][] = [
    ['code', '/install', say('beginInstall'), say('beginInstallText'), mayLead(role)],
    ['imports', '/imports', say('beginImport'), say('beginImportText'), mayWrite(role)],
    ['segments', '/segments', say('beginSegment'), say('beginSegmentText'), true],
  ];
  return (
    <section className="card" style={{ height: '100%' }}>
      <Title order={2}>{say('emptyTitle')}</Title>
      <Text size="sm" c="dimmed" mb="md">{say('emptyText')}</Text>
      <ol className="begin">
        {steps.filter(([, , , , may]) => may).map(([icon, to, title, text]) => (
          <li key={to}>
            <Link to={to as string}>
              <Icon name={icon} size={26} />
              <span><b>{title}</b><Text size="sm" c="dimmed" span display="block">{text}</Text></span>
              <Icon name="chevron" />
            </Link>
          </li>
        ))}
      </ol>
    </section>
  );
}
