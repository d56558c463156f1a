/** A piece of a page's state that lives in its address, so that a link shows the same. */

import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

type Search = Record<string, string | undefined>;

export function useUrlState(name: string, initial = ''): [string, (value: string) => void] {
  const search: Search = useSearch({ strict: false });
  const navigate = useNavigate();
  const set = useCallback(
    (value: string) => {
      const next = (old: Search): Search => ({ ...old, [name]: value === initial ? undefined : value });
      void navigate({ to: '.', search: next as never, replace: true, resetScroll: false });
    },
    [navigate, name, initial],
  );
  return [search[name] ?? initial, set];
}
