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
  { path: '/segments', load: () => import('../pages/segments/SegmentsPage'), nav: { icon: 'segments', zh: '客群', en: 'Segments' } },
  { path: '/segments/new', load: () => import('../pages/segments/NewSegmentPage') },
  { path: '/segments/$id', load: () => import('../pages/segments/SegmentPage') },
];
