/** Shortcuts that work on every page, but not while somebody types. */

import { useHotkeys } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useRef } from 'react';

/** After "g". */
export const GOES: Readonly<Record<string, string>> = { h: '/', p: '/people', s: '/segments', r: '/reports', i: '/imports', j: '/jobs' };

const PAUSE_MILLISECONDS = 1200;

function focusSearch(): void {
  document.querySelector<HTMLInputElement>('main input[type="search"], main input[name="q"]')?.focus();
}

export function useKeyboard(find: () => void, help: () => void): void {
  const navigate = useNavigate();
  const began = useRef(0);
  useHotkeys([['mod+K', find]], []);
  useHotkeys([
    ['shift+?', help],
    ['?', help],
    ['/', focusSearch],
    ['g', () => (began.current = Date.now())],
    ...Object.entries(GOES).map(([key, path]): [string, () => void, { preventDefault: boolean }] => [
      key,
      () => {
        if (Date.now() - began.current < PAUSE_MILLISECONDS) void navigate({ to: path as string });
        began.current = 0;
      },
      { preventDefault: false },
    ]),
  ]);
}
