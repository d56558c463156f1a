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
  { path: '/people', load: () => import('../pages/people/PeoplePage'), nav: { icon: 'people', zh: '顧客', en: 'People' } },
  { path: '/people/$id', load: () => import('../pages/people/PersonPage') },
  { path: '/segments', load: () => import('../pages/segments/SegmentsPage'), nav: { icon: 'segments', zh: '客群', en: 'Segments' } },
  { path: '/segments/new', load: () => import('../pages/segments/NewSegmentPage') },
  { path: '/segments/$id', load: () => import('../pages/segments/SegmentPage') },
  { path: '/genes', load: () => import('../pages/genes/GenesPage'), nav: { icon: 'genes', zh: '基因目錄', en: 'Genes' } },
  { path: '/imports', load: () => import('../pages/imports/ImportsPage'), nav: { icon: 'imports', zh: '匯入', en: 'Imports', roles: ['owner', 'admin', 'marketer', 'analyst'] } },
  { path: '/imports/$id', load: () => import('../pages/imports/ImportPage') },
  { path: '/jobs', load: () => import('../pages/jobs/JobsPage'), nav: { icon: 'jobs', zh: '工作', en: 'Jobs', roles: ['owner', 'admin', 'marketer', 'analyst'] } },
  { path: '/settings', load: () => import('../pages/settings/SettingsPage'), nav: { icon: 'settings', zh: '設定', en: 'Settings', roles: ['owner', 'admin'] } },
];
