/** Every page of the console, one line each; `nav` puts it into the navigation. See console/README.md. */

import type { ComponentType } from 'react';
import type { IconName } from '../parts/Icon';

export interface Place {
  path: string;
  load: () => Promise<{ Page: ComponentType }>;
  nav?: { icon: IconName; zh: string; en: string; roles?: readonly string[] };
}

export const PLACES: readonly Place[] = [
  { path: '/', load: () => import('../pages/home/HomePage'), nav: { icon: 'home', zh: '總覽', en: 'Home' } },
];
