/** The console's icons: strokes of one weight on a grid of 24. */

import type { ReactElement } from 'react';

const PATHS = {
  home: 'M4 11 12 4l8 7M6 9.5V20h12V9.5M10 20v-6h4v6',
  people: 'M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM2.5 21v-2a5 5 0 0 1 5-5h3a5 5 0 0 1 5 5v2M16 3.4a4 4 0 0 1 0 7.3M18.5 14.4a5 5 0 0 1 3 4.6v2',
  segments: 'M9.5 16a6 6 0 1 0 0-12 6 6 0 0 0 0 12ZM14.5 20a6 6 0 1 0 0-12 6 6 0 0 0 0 12Z',
  overlaps: 'M9 15.500a5.500 5.500 0 1 0 0-11 5.500 5.500 0 0 0 0 11ZM15 15.500a5.500 5.500 0 1 0 0-11 5.500 5.500 0 0 0 0 11ZM12 20.500a5.500 5.500 0 1 0 0-11 5.500 5.500 0 0 0 0 11Z',
  genes: 'M7 3c0 6 10 6 10 12 0 2.500-1 4.500-2 6M17 3c0 2.500-1.500 4-3.500 5.500M10.500 11.500C8.500 13 7 14.500 7 17c0 1.500.5 3 1 4M8 5.500h8M9 18.500h7',
  imports: 'M12 3v11M8 10l4 4 4-4M4 16v3a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-3',
  jobs: 'M12 7v5l3 3M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18Z',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 9.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5ZM9 19.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5Z',
  key: 'M14.500 14a5.500 5.500 0 1 0-4.900-3L3 17.500V21h3.500v-2.500H9V16l2-2c1 .300 2 .300 3.500 0ZM16 8h.01',
  audit: 'M9 4h6v3H9zM9 5.500H6V21h12V5.500h-3M9 12h6M9 16h4',
  team: 'M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM5 21v-1a6 6 0 0 1 6-6h2a6 6 0 0 1 6 6v1',
  docs: 'M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6',
  plus: 'M12 5v14M5 12h14',
  close: 'M6 6l12 12M18 6 6 18',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM20 20l-4-4',
  folder: 'M3 6h6l2 2.500h10V19H3z',
  undo: 'M8 5 4 9l4 4M4 9h10a6 6 0 0 1 0 12h-3',
  redo: 'm16 5 4 4-4 4M20 9H10a6 6 0 0 0 0 12h3',
  menu: 'M4 7h16M4 12h16M4 17h16',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.400 1.400M17.600 17.600 19 19M19 5l-1.400 1.400M6.400 17.600 5 19',
  moon: 'M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500Z',
  chevron: 'm9 6 6 6-6 6',
  down: 'm6 9 6 6 6-6',
  pause: 'M8 5v14M16 5v14',
  play: 'M7 5l12 7-12 7z',
  table: 'M4 5h16v14H4zM4 10h16M4 14.500h16M10 10v9',
  history: 'M4 12a8 8 0 1 0 2.500-5.800L4 8.500M4 4v4.500h4.500M12 8v4l3 2',
  trash: 'M4 7h16M9 7V4h6v3M6 7l1 14h10l1-14M10 11v6M14 11v6',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  check: 'm5 12.500 4.500 4.500L19 7.500',
  warn: 'M12 4 2.500 20h19zM12 10v4M12 17h.01',
  link: 'M10 14a4 4 0 0 0 6 .500l3-3a4 4 0 0 0-5.700-5.700l-1.500 1.500M14 10a4 4 0 0 0-6-.500l-3 3a4 4 0 0 0 5.700 5.700l1.500-1.500',
  eye: 'M2 12s4-7 10-7 10 7 10 7-4 7-10 7-10-7-10-7ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z',
  bolt: 'M13 3 5 14h6l-1 7 8-11h-6z',
  tag: 'M4 4h8l8 8-8 8-8-8zM8.500 8.500h.01',
  list: 'M9 6h11M9 12h11M9 18h11M4.500 6h.01M4.500 12h.01M4.500 18h.01',
  save: 'M5 4h11l3 3v13H5zM8 4v5h7V4M8 20v-6h8v6',
  dots: 'M6 12h.01M12 12h.01M18 12h.01',
  group: 'M8 4H5v16h3M16 4h3v16h-3',
  not: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM5.600 5.600l12.800 12.800',
  chart: 'M4 20V4M4 20h16M8.500 16v-4M13 16V8M17.500 16v-6',
  target: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 16.500a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9ZM12 12h.01',
  overlap: 'M9 17A5.500 5.500 0 1 0 9 6a5.500 5.500 0 0 0 0 11ZM15 17a5.500 5.500 0 1 0 0-11 5.500 5.500 0 0 0 0 11ZM12 21a5.500 5.500 0 0 0 5-3',
  calendar: 'M4 6h16v14H4zM4 10.500h16M8.500 3.500V8M15.500 3.500V8M8.500 14.500h3',
  upload: 'M12 15V4M8 8l4-4 4 4M4 16v3a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-3',
  download: 'M12 4v11M8 11l4 4 4-4M5 20h14',
  code: 'm8 7-5 5 5 5M16 7l5 5-5 5M14 4l-4 16',
  shield: 'M12 3 4.500 6v6c0 4.500 3 7.500 7.500 9 4.500-1.500 7.500-4.500 7.500-9V6zM9 12l2 2 4-4',
  mail: 'M3.500 6h17v12.500h-17zM4 7l8 6 8-6',
  refresh: 'M20 12a8 8 0 1 1-2.500-5.800L20 8.500M20 4v4.500h-4.500',
  filter: 'M4 5h16l-6.500 7.500V19l-3 1.500v-8z',
  pencil: 'M4 20h4L19 9l-4-4L4 16zM13 7l4 4',
  heart: 'M12 20s-8-4.700-8-10.500A4.500 4.500 0 0 1 12 7a4.500 4.500 0 0 1 8 2.500C20 15.300 12 20 12 20Z',
  keyboard: 'M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M17.500 10h.01M7 14h10',
  shop: 'M4 10v10h16V10M3 10l2-6h14l2 6zM9 20v-6h6v6',
  cart: 'M3 4h2.500l2.500 11h10l2-8H6.500M9 20h.01M17 20h.01',
  swap: 'M4 8h14M14 4l4 4-4 4M20 16H6M10 12l-4 4 4 4',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }): ReactElement {
  return (
    <svg
      width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor"
      strokeWidth={name === 'dots' || name === 'tag' ? 2.4 : 1.7} strokeLinecap="round" strokeLinejoin="round" aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
