/** Every page of the console, one line each; `nav` puts it into the navigation. See console/README.md. */

import type { ComponentType } from 'react';
import type { IconName } from '../parts/Icon';
import { type Here, operates } from './session';

/** Where a page stands in the navigation: the groups in this order, in a group the lines in the order below. */
export const GROUPS = [
  { id: 'start', zh: '', en: '' },
  { id: 'customers', zh: '顧客', en: 'Customers' },
  { id: 'insight', zh: '洞察', en: 'Insight' },
  { id: 'data', zh: '資料', en: 'Data' },
  { id: 'manage', zh: '管理', en: 'Manage' },
] as const;

export interface Nav {
  group: (typeof GROUPS)[number]['id'];
  icon: IconName;
  zh: string;
  en: string;
  /** Everybody, when none are told. */
  roles?: readonly string[];
  /** Of the platform only. */
  operators?: true;
}

/** Whether somebody finds it where they are. */
export const mayGo = (nav: Nav, here: Here): boolean => (!nav.roles || nav.roles.includes(here.role)) && (!nav.operators || operates(here.session));

export interface Place {
  path: string;
  load: () => Promise<{ Page: ComponentType }>;
  nav?: Nav;
  /** Also for who belongs to no shop, or still owes it a second factor: there is no `useHere` in it. */
  alone?: true;
}

const LEADERS = ['owner', 'admin'];
const WRITERS = ['owner', 'admin', 'marketer'];
const WORKERS = ['owner', 'admin', 'marketer', 'analyst'];

export const PLACES: readonly Place[] = [
  { path: '/', load: () => import('../pages/home/HomePage'), nav: { group: 'start', icon: 'home', zh: '總覽', en: 'Home' } },

  { path: '/people', load: () => import('../pages/people/PeoplePage'), nav: { group: 'customers', icon: 'people', zh: '顧客', en: 'People' } },
  { path: '/people/requests', load: () => import('../pages/people/RequestsPage') },
  { path: '/people/$id', load: () => import('../pages/people/PersonPage') },
  { path: '/segments', load: () => import('../pages/segments/SegmentsPage'), nav: { group: 'customers', icon: 'segments', zh: '客群', en: 'Segments' } },
  { path: '/segments/new', load: () => import('../pages/segments/NewSegmentPage') },
  { path: '/segments/$id', load: () => import('../pages/segments/SegmentPage') },
  { path: '/overlaps', load: () => import('../pages/overlaps/OverlapsPage'), nav: { group: 'customers', icon: 'overlaps', zh: '客群重疊', en: 'Overlaps' } },
  { path: '/lists', load: () => import('../pages/lists/ListsPage'), nav: { group: 'customers', icon: 'list', zh: '名單', en: 'Lists' } },
  { path: '/lists/$id', load: () => import('../pages/lists/ListPage') },
  { path: '/schedules', load: () => import('../pages/schedules/SchedulesPage'), nav: { group: 'customers', icon: 'history', zh: '定期匯出', en: 'Export schedules', roles: WRITERS } },

  { path: '/genes', load: () => import('../pages/genes/GenesPage'), nav: { group: 'insight', icon: 'genes', zh: '基因目錄', en: 'Genes' } },
  { path: '/external-genes', load: () => import('../pages/external-genes/ExternalGenesPage'), nav: { group: 'insight', icon: 'tag', zh: '外部基因', en: 'External genes' } },
  { path: '/external-genes/$id', load: () => import('../pages/external-genes/ExternalGenePage') },
  { path: '/reports', load: () => import('../pages/reports/FunnelPage'), nav: { group: 'insight', icon: 'chart', zh: '報表', en: 'Reports' } },
  { path: '/reports/retention', load: () => import('../pages/reports/RetentionPage') },
  { path: '/reports/sources', load: () => import('../pages/reports/SourcesPage') },
  { path: '/reports/products', load: () => import('../pages/reports/ProductsPage') },
  { path: '/reports/searches', load: () => import('../pages/reports/SearchesPage') },
  { path: '/reports/states', load: () => import('../pages/reports/StatesPage') },
  { path: '/goals', load: () => import('../pages/goals/GoalsPage'), nav: { group: 'insight', icon: 'target', zh: '目標', en: 'Goals' } },

  { path: '/install', load: () => import('../pages/install/InstallPage'), nav: { group: 'data', icon: 'code', zh: '安裝追蹤碼', en: 'Install', roles: LEADERS } },
  { path: '/new-shop', load: () => import('../pages/install/NewShopPage') },
  { path: '/imports', load: () => import('../pages/imports/ImportsPage'), nav: { group: 'data', icon: 'imports', zh: '匯入', en: 'Imports', roles: WORKERS } },
  { path: '/imports/$id', load: () => import('../pages/imports/ImportPage') },
  { path: '/jobs', load: () => import('../pages/jobs/JobsPage'), nav: { group: 'data', icon: 'jobs', zh: '工作', en: 'Jobs', roles: WORKERS } },

  { path: '/settings', load: () => import('../pages/settings/SettingsPage'), nav: { group: 'manage', icon: 'settings', zh: '設定', en: 'Settings', roles: LEADERS } },
  { path: '/team', load: () => import('../pages/team/TeamPage'), nav: { group: 'manage', icon: 'team', zh: '團隊', en: 'Team' } },
  { path: '/audit', load: () => import('../pages/audit/AuditPage'), nav: { group: 'manage', icon: 'audit', zh: '稽核紀錄', en: 'Audit log', roles: LEADERS } },
  { path: '/operator', load: () => import('../pages/operator/OperatorPage'), nav: { group: 'manage', icon: 'shield', zh: '平台管理', en: 'Platform', operators: true }, alone: true },
  { path: '/account', load: () => import('../pages/account/AccountPage'), alone: true },
];

/** Plain pages of the gateway that the navigation leads to. */
export const BESIDE: readonly { href: string; nav: Nav }[] = [
  { href: '/docs', nav: { group: 'manage', icon: 'docs', zh: 'API 文件', en: 'API docs' } },
];
