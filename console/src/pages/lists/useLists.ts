/** Lists of people: all, one, who is on it, and a file on its way to one. */

import { notifications } from '@mantine/notifications';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { answer, api, type Schemas, tenantHeader } from '../../api/client';
import { Problem, problemOf } from '../../api/problem';
import { useProblemText } from '../../language/problems';
import { useUrlState } from '../../parts/useUrlState';

export type PeopleList = Schemas['ListAnswer'];
export type Import = Schemas['ImportAnswer'];
export type Mode = 'append' | 'replace' | 'remove';

const REFRESH_MILLISECONDS = 10_000;
const WATCH_MILLISECONDS = 800;
const MOVING = ['waiting_for_file', 'reading', 'queued', 'running'];
const ENDED = ['succeeded', 'failed', 'cancelled'];
const LONGEST_FILE_NAME = 200;

export function useLists() {
  return useInfiniteQuery({
    queryKey: ['lists'],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/lists', { params: { query: { cursor: pageParam, limit: 50 } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: REFRESH_MILLISECONDS,
  });
}

export function useList(id: string) {
  return useQuery({ queryKey: ['list', id], queryFn: ({ signal }) => answer(api.GET('/v1/lists/{list_id}', { params: { path: { list_id: id } }, signal })), refetchInterval: REFRESH_MILLISECONDS });
}

export function useListMembers(id: string) {
  return useInfiniteQuery({
    queryKey: ['list-members', id],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/lists/{list_id}/members', { params: { path: { list_id: id }, query: { cursor: pageParam, limit: 50 } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

/** Something done to a list, after which what shows lists is asked anew. */
export function useListDeed<V, R>(id: string, act: (what: V) => Promise<R>, onDone: (result: R) => void) {
  const questions = useQueryClient();
  const problemText = useProblemText();
  return useMutation({
    mutationFn: act,
    onSuccess: async (result) => {
      onDone(result);
      await Promise.all([['lists'], ['list', id], ['list-members', id], ['catalogue']].map((queryKey) => questions.invalidateQueries({ queryKey })));
    },
    onError: (error) => notifications.show({ message: problemText(problemOf(error)), color: 'red', autoClose: 10_000 }),
  });
}

async function send(file: File): Promise<string> {
  const made = await answer(api.POST('/v1/imports', { body: { kind: 'list', file_name: file.name.slice(-LONGEST_FILE_NAME), header: true } }));
  const response = await fetch(`/v1/imports/${made.id}/file`, { method: 'PUT', body: file, headers: { ...tenantHeader(), 'content-type': 'application/octet-stream' } });
  if (response.ok) return made.id;
  const told = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
  throw new Problem(response.status, told.code ?? `HTTP_${response.status}`, told.detail ?? response.statusText);
}

const goesOn = (found: Import): boolean => MOVING.includes(found.state) || ['queued', 'running'].includes(found.dry_run?.state ?? '');

/** A file for one list: sent, its columns named, tried, put into effect; its import is in the address. */
export function useUpload(listId: string) {
  const questions = useQueryClient();
  const [id, setId] = useUrlState('import');
  const found = useQuery({
    queryKey: ['import', id],
    queryFn: ({ signal }) => answer(api.GET('/v1/imports/{import_id}', { params: { path: { import_id: id } }, signal })),
    refetchInterval: (query) => (query.state.data && goesOn(query.state.data) ? WATCH_MILLISECONDS : false),
    enabled: id !== '',
  });
  const ended = found.data !== undefined && ENDED.includes(found.data.state);
  useEffect(() => {
    if (ended) void Promise.all([['list', listId], ['lists'], ['list-members', listId], ['catalogue']].map((queryKey) => questions.invalidateQueries({ queryKey })));
  }, [ended, listId, questions]);
  const again = () => questions.invalidateQueries({ queryKey: ['import', id] });
  const path = { params: { path: { import_id: id } } };
  return {
    id,
    found,
    restart: () => setId(''),
    send: useMutation({ mutationFn: send, onSuccess: setId }),
    /** Keeps the mapping and begins the dry run. */
    attempt: useMutation({
      mutationFn: async (columns: { column: string; to: string }[]) => {
        await answer(api.PUT('/v1/imports/{import_id}/mapping', { ...path, body: { columns: columns.map((one) => ({ ...one, type: 'text' as const })), constants: {}, lines_of_orders: false, whole_events: false, time_zone: null } }));
        await answer(api.POST('/v1/imports/{import_id}/dry-run', path));
      },
      onSuccess: again,
    }),
    apply: useMutation({
      mutationFn: (mode: Mode) => answer(api.POST('/v1/lists/{list_id}/uploads', { params: { path: { list_id: listId } }, body: { import_id: id, mode } })),
      onSuccess: again,
    }),
  };
}

export type Upload = ReturnType<typeof useUpload>;
