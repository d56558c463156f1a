/** What an account is made of, and where it is signed in. */

import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { answer, api, type Schemas } from '../../api/client';
import { loaded } from '../../api/loaded';

export type Account = Schemas['AccountAnswer'];
export type Passkey = Schemas['PasskeyAnswer'];
export type SignedInLine = Schemas['SessionLineAnswer'];

export function useAccount() {
  return loaded(useQuery({ queryKey: ['account'], queryFn: ({ signal }) => answer(api.GET('/v1/account', { signal })) }));
}

export function usePasskeys() {
  return loaded(useQuery({ queryKey: ['passkeys'], queryFn: ({ signal }) => answer(api.GET('/v1/account/passkeys', { signal })) }));
}

export function useSessions() {
  return useInfiniteQuery({
    queryKey: ['sessions'],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/account/sessions', { params: { query: { cursor: pageParam } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}
