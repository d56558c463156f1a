/** Lists of people: all, one, who is on it, and a file on its way to one. */

import { notifications } from '@mantine/notifications';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api, type Schemas } from '../../api/client';
import { download } from '../../api/download';
import { problemOf } from '../../api/problem';
import { useProblemText } from '../../language/problems';
import { useFileImport } from '../../parts/useFileImport';

export type PeopleList = Schemas['ListAnswer'];
export type Mode = 'append' | 'replace' | 'remove';

const REFRESH_MILLISECONDS = 10_000;

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

/** Who is on it, as a file for spreadsheets. */
export function useMembersFile(listId: string) {
  const problemText = useProblemText();
  return useMutation({
    mutationFn: () => download(`/v1/lists/${listId}/members/file`),
    onError: (error) => notifications.show({ message: problemText(problemOf(error)), color: 'red', autoClose: 10_000 }),
  });
}

/** A file for one list. */
export function useUpload(listId: string) {
  return useFileImport<Mode>({
    kind: 'list',
    constants: {},
    apply: (importId, mode) => answer(api.POST('/v1/lists/{list_id}/uploads', { params: { path: { list_id: listId } }, body: { import_id: importId, mode } })),
    shown: [['list', listId], ['lists'], ['list-members', listId], ['catalogue']],
  });
}

export type Upload = ReturnType<typeof useUpload>;
