/** Snapshots of a segment: who was in it then, to be named in conditions. */

import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api, type Schemas } from '../../api/client';
import { loaded } from '../../api/loaded';
import { problemOf } from '../../api/problem';
import { useProblemText } from '../../language/problems';

export type Snapshot = Schemas['SnapshotAnswer'];

const A_WHILE = 60_000;

const ask = async (segment: string, signal: AbortSignal): Promise<Snapshot[]> =>
  (await answer(api.GET('/v1/segments/{segment_id}/snapshots', { params: { path: { segment_id: segment }, query: { limit: 200 } }, signal }))).snapshots;

export function useSnapshots(segment: string) {
  return loaded(useQuery({ queryKey: ['snapshots', segment], queryFn: ({ signal }) => ask(segment, signal), enabled: segment !== '', staleTime: A_WHILE }));
}

/** The segment that a snapshot was taken of: the API lists them by segment, so it is looked for one by one. */
export function useSnapshotOwner(snapshot: string, segments: readonly string[]): string | undefined {
  const questions = useQueryClient();
  return useQuery({
    queryKey: ['snapshot-owner', snapshot],
    queryFn: async () => {
      for (const segment of segments) {
        const found = await questions.fetchQuery({ queryKey: ['snapshots', segment], queryFn: ({ signal }) => ask(segment, signal), staleTime: A_WHILE });
        if (found.some(({ id }) => id === snapshot)) return segment;
      }
      return '';
    },
    enabled: snapshot !== '',
    staleTime: A_WHILE,
  }).data;
}

export function useTakeSnapshot(segment: string, onTaken: (taken: Snapshot) => void) {
  const questions = useQueryClient();
  const problemText = useProblemText();
  return useMutation({
    mutationFn: (note: string) => answer(api.POST('/v1/segments/{segment_id}/snapshots', { params: { path: { segment_id: segment } }, body: { note } })),
    onSuccess: async (taken) => {
      await questions.invalidateQueries({ queryKey: ['snapshots', segment] });
      onTaken(taken);
    },
    onError: (error) => notifications.show({ message: problemText(problemOf(error)), color: 'red', autoClose: 10_000 }),
  });
}

export function useDeleteSnapshot(segment: string, onDeleted: () => void) {
  const questions = useQueryClient();
  const problemText = useProblemText();
  return useMutation({
    mutationFn: async (id: string): Promise<void> => { await answer(api.DELETE('/v1/snapshots/{snapshot_id}', { params: { path: { snapshot_id: id } } })); },
    onSuccess: async () => {
      await questions.invalidateQueries({ queryKey: ['snapshots', segment] });
      onDeleted();
    },
    onError: (error) => notifications.show({ message: problemText(problemOf(error)), color: 'red', autoClose: 10_000 }),
  });
}
