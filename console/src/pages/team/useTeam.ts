/** Who works in the shop, who is invited, and which operator acts here. */

import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api, type Schemas } from '../../api/client';
import { loaded } from '../../api/loaded';
import type { Role } from '../../app/session';
import type { Language } from '../../language/words';

export type Teammate = Schemas['TeammateAnswer'];
export type Invitation = Schemas['InvitationAnswer'];

export function useTeammates() {
  return useInfiniteQuery({
    queryKey: ['teammates'],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/teammates', { params: { query: { cursor: pageParam, limit: 50 } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

export function useInvitations(enabled: boolean) {
  return useInfiniteQuery({
    queryKey: ['invitations'],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/invitations', { params: { query: { cursor: pageParam, limit: 50 } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    enabled,
  });
}

export function useActing(enabled: boolean) {
  return loaded(
    useQuery({
      queryKey: ['impersonations'],
      queryFn: ({ signal }) => answer(api.GET('/v1/impersonations', { params: { query: { limit: 20 } }, signal })),
      enabled,
    }),
  );
}

/** What changes the team; afterwards it is asked for anew, whether it went well or not. */
export function useTeamChange<T>(act: (what: T) => Promise<unknown>) {
  const questions = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSettled: () => Promise.all([['teammates'], ['invitations'], ['impersonations']].map((queryKey) => questions.invalidateQueries({ queryKey }))),
  });
}

export const changeRole = ({ id, role }: { id: string; role: Role }) => answer(api.PATCH('/v1/teammates/{teammate_id}', { params: { path: { teammate_id: id } }, body: { role } }));
export const removeTeammate = (id: string) => answer(api.DELETE('/v1/teammates/{teammate_id}', { params: { path: { teammate_id: id } } }));
export const leave = () => answer(api.DELETE('/v1/membership'));
export const invite = (body: { email: string; role: Role; language: Language }) => answer(api.POST('/v1/invitations', { body }));
export const resend = (id: string) => answer(api.POST('/v1/invitations/{invitation_id}/letter', { params: { path: { invitation_id: id } } }));
export const revoke = (id: string) => answer(api.DELETE('/v1/invitations/{invitation_id}', { params: { path: { invitation_id: id } } }));
export const endActing = (id: string) => answer(api.DELETE('/v1/impersonations/{impersonation_id}', { params: { path: { impersonation_id: id } } }));
