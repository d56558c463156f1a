/** Entries of the audit log as asked for, and the proof of its chain. */

import { keepPreviousData, useInfiniteQuery, useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { answer, api, type Schemas } from '../../api/client';
import type { operations } from '../../api/schema';

export type Entry = Schemas['EntryAnswer'];
export type Verdict = Schemas['services__gateway__routes__audit__VerificationAnswer'];
export type Asked = Omit<NonNullable<operations['list_audit']['parameters']['query']>, 'cursor' | 'limit'>;

export function useEntries(asked: Asked, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: ['audit', asked],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/audit', { params: { query: { ...asked, cursor: pageParam, limit: 50 } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    enabled,
  });
}

/** A long log takes several calls; `verdict` is what the last one found. */
export function useVerification() {
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const run = useMutation({
    mutationFn: async () => {
      let cursor: string | null = '';
      while (cursor !== null) {
        const found: Verdict = await answer(api.GET('/v1/audit/verification', { params: { query: { cursor } } }));
        setVerdict(found);
        cursor = found.next_cursor;
      }
    },
  });
  return { verdict, run };
}
