/** Links to the places by group, and to the pages beside the console. */

import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Icon, type IconName } from '../parts/Icon';
import { BESIDE, GROUPS, mayGo, type Nav, PLACES } from './places';
import type { Here } from './session';
import { useFrameWords } from './words';

export function Navigation({ here }: { here: Here }): ReactElement {
  const say = useFrameWords();
  const shown = (nav: Nav | undefined, group: string): nav is Nav => nav?.group === group && mayGo(nav, here);
  const text = (of: { zh: string; en: string }): string => (here.language === 'en' ? of.en : of.zh);
  return (
    <nav aria-label={say('navigation')} className="places">
      {GROUPS.map((group) => {
        const places = PLACES.filter(({ nav }) => shown(nav, group.id));
        const beside = BESIDE.filter(({ nav }) => shown(nav, group.id));
        if (places.length + beside.length === 0) return null;
        return (
          <div key={group.id} role="group" aria-label={text(group) || undefined}>
            {text(group) && <p aria-hidden="true">{text(group)}</p>}
            {places.map(({ path, nav }) => nav && (
              <Link key={path} to={path} className="place" activeOptions={{ exact: path === '/', includeSearch: false }}>
                <Icon name={nav.icon} />
                <span>{text(nav)}</span>
              </Link>
            ))}
            {beside.map(({ href, nav }) => <Beside key={href} href={href} icon={nav.icon} text={text(nav)} />)}
          </div>
        );
      })}
    </nav>
  );
}

function Beside({ href, icon, text }: { href: string; icon: IconName; text: string }): ReactElement {
  return (
    <a href={href} className="place">
      <Icon name={icon} />
      <span>{text}</span>
    </a>
  );
}
