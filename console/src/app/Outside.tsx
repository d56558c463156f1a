/** The pages where nobody needs to be signed in, and the little that is around them: no shop, no routes, no answers kept. */

import type { ComponentType, ReactElement } from 'react';
import { Page as InvitationPage } from '../pages/sign-in/InvitationPage';
import { Page as ResetPage } from '../pages/sign-in/ResetPage';
import { Page as SignInPage } from '../pages/sign-in/SignInPage';
import { Brand } from './Brand';
import { Look } from './Look';
import { LookSwitches } from './LookSwitches';

const PAGES: Readonly<Record<string, ComponentType>> = { '/reset': ResetPage, '/invitation': InvitationPage };

export function Outside(): ReactElement {
  const Page = PAGES[location.pathname] ?? SignInPage;
  return (
    <Look>
      <div className="outside">
        <header>
          <Brand />
          <div><LookSwitches /></div>
        </header>
        <main><Page /></main>
      </div>
    </Look>
  );
}
