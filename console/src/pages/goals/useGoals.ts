/** The shop's goals, and what is done with one. */

import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { answer, api, type Schemas } from '../../api/client';
import type { ValueTest } from '../segments/tree/nodes';

export interface GoalDraft {
  name: string;
  description: string;
  event: string;
  where: { property: string; is: ValueTest }[];
  value_property: string;
}
export type Goal = Omit<Schemas['GoalAnswer'], 'where'> & GoalDraft;

export function useGoals() {
  return useInfiniteQuery({
    queryKey: ['goals', 'list'],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/goals', { params: { query: { cursor: pageParam } }, signal })) as Promise<{ goals: Goal[]; next_cursor: string | null }>,
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

function useRenewed(): () => Promise<unknown> {
  const questions = useQueryClient();
  return () => Promise.all([['goals'], ['catalogue'], ['funnel'], ['retention']].map((queryKey) => questions.invalidateQueries({ queryKey })));
}

/** Of a new goal where there is no id yet. */
export function useSaveGoal(id: string | null, onSaved: (name: string) => void) {
  const renewed = useRenewed();
  return useMutation({
    mutationFn: (draft: GoalDraft) => {
      const body = draft as never;
      return answer(id === null ? api.POST('/v1/goals', { body }) : api.PUT('/v1/goals/{goal_id}', { params: { path: { goal_id: id } }, body }));
    },
    onSuccess: async (_, { name }) => {
      await renewed();
      onSaved(name);
    },
  });
}

export function useDeleteGoal(onDeleted: () => void) {
  const renewed = useRenewed();
  return useMutation({
    mutationFn: (id: string) => answer(api.DELETE('/v1/goals/{goal_id}', { params: { path: { goal_id: id } } })),
    onSuccess: async () => {
      await renewed();
      onDeleted();
    },
  });
}
