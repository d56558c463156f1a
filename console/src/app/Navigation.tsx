/** Links to the places, and to the pages beside the console. */

import { Divider } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Icon, type IconName } from '../parts/Icon';
import { PLACES } from './places';
import { type Here, mayLead } from './session';
import { useFrameWords } from './words';

export function Navigation({ here }: { here: Here }): ReactElement {
  const say = useFrameWords();
  const beside: [string, IconName, string][] = [['/team', 'team', say('team')]];
  if (mayLead(here.role)) beside.push(['/audit', 'audit', say('audit')]);
  if (here.session.operator && !here.session.acting) beside.push(['/operator', 'settings', say('platform')]);
  beside.push(['/docs', 'docs', say('docs')]);
  return (
    <nav aria-label={say('navigation')}>
      {PLACES.map(({ path, nav }) =>
        nav && (!nav.roles || nav.roles.includes(here.role)) ? (
          <Link key={path} to={path} className="place" activeOptions={{ exact: path === '/', includeSearch: false }}>
            <Icon name={nav.icon} />
            <span>{here.language === 'en' ? nav.en : nav.zh}</span>
          </Link>
        ) : null,
      )}
      <Divider my={8} color="var(--line)" />
      {beside.map(([path, icon, text]) => (
        <a key={path} href={path} className="place">
          <Icon name={icon} />
          <span>{text}</span>
        </a>
      ))}
    </nav>
  );
}
