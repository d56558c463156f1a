/** Saves a segment's conditions as its next version; somebody else's newer version is never overwritten. */

import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, api } from '../../api/client';
import { problemOf } from '../../api/problem';
import { useProblemText } from '../../language/problems';
import type { Tree } from './tree/nodes';
import type { OneSegment } from './useSegments';
import { useSegmentWords } from './words';

export function useSaveChanges(segment: OneSegment) {
  const say = useSegmentWords();
  const problemText = useProblemText();
  const questions = useQueryClient();
  return useMutation({
    mutationFn: (tree: Tree) =>
      answer(api.PATCH('/v1/segments/{segment_id}', { params: { path: { segment_id: segment.id } }, body: { version: segment.version, tree: tree as never } })),
    onSuccess: async () => {
      notifications.show({ message: say('saved', { name: segment.name }) });
      await Promise.all([['segment', segment.id], ['segments'], ['versions', segment.id], ['members', segment.id]].map((queryKey) => questions.invalidateQueries({ queryKey })));
    },
    onError: (error) => notifications.show({ message: problemText(problemOf(error)), color: 'red', autoClose: 10_000 }),
  });
}
