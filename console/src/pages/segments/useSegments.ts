/** Saved segments: the list, one of them, its size, people and versions. */

import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { answer, api, type Schemas } from '../../api/client';
import { loaded } from '../../api/loaded';
import type { Language } from '../../language/words';
import type { Tree } from './tree/nodes';

// The tree as the builder knows it.
export type Segment = Omit<Schemas['ListedSegment'], 'tree'> & { tree: Tree };
export type OneSegment = Omit<Schemas['OneSegment'], 'tree'> & { tree: Tree };
export type Sort = 'name' | 'changed' | 'created';

export interface Asked {
  q: string;
  folder: string | undefined;
  sort: Sort;
  archived: boolean;
}

const REFRESH_MILLISECONDS = 5_000;

export function useSegmentList({ q, folder, sort, archived }: Asked) {
  const query = { q, sort, archived, limit: 200, ...(folder === undefined ? {} : { folder }) };
  return loaded(
    useQuery({
      queryKey: ['segments', query],
      queryFn: ({ signal }) => answer(api.GET('/v1/segments', { params: { query }, signal })) as Promise<{ segments: Segment[]; folders: Schemas['Folder'][]; next_cursor: string | null }>,
      placeholderData: keepPreviousData,
      refetchInterval: REFRESH_MILLISECONDS,
    }),
  );
}

export function useSegment(id: string) {
  return useQuery({
    queryKey: ['segment', id],
    queryFn: ({ signal }) => answer(api.GET('/v1/segments/{segment_id}', { params: { path: { segment_id: id } }, signal })) as Promise<OneSegment>,
  });
}

export function useVersions(id: string) {
  return loaded(
    useQuery({
      queryKey: ['versions', id],
      queryFn: ({ signal }) => answer(api.GET('/v1/segments/{segment_id}/versions', { params: { path: { segment_id: id }, query: { limit: 100 } }, signal })),
    }),
  );
}

export function useMembers(id: string, genes: string[]) {
  return useInfiniteQuery({
    queryKey: ['members', id, genes],
    queryFn: ({ signal, pageParam }) =>
      answer(api.GET('/v1/segments/{segment_id}/members', { params: { path: { segment_id: id }, query: { gene: genes, cursor: pageParam, limit: 50 } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
}

interface Told {
  starter: string;
  description: string;
  name: string;
  version: number;
}

/** Starter segments are described in both languages, a line each; the English one begins with the name: "Fans: loyal, and shared". */
function english({ starter, description }: Told): { name: string; text: string } | null {
  const line = starter ? description.split('\n')[1] : undefined;
  if (!line) return null;
  const [name = line, ...rest] = line.split(': ');
  return { name, text: rest.join(': ') || line };
}

export function describedIn(segment: Told, language: Language): string {
  const told = english(segment);
  return told === null ? segment.description : language === 'en' ? told.text : (segment.description.split('\n')[0] ?? '');
}

/** A starter segment that nobody changed has its name in the language of the page. */
export function nameIn(segment: Told, language: Language): string {
  return (language === 'en' && segment.version === 1 && english(segment)?.name) || segment.name;
}

// The starters' own folders; any other is called as somebody called it.
const FOLDERS: Record<string, string> = { '活躍': 'Activity', '潛力': 'Potential', '價值': 'Value', '核心': 'Core', '意圖': 'Intent', '會員生命週期': 'Lifecycle' };

export const folderIn = (name: string, language: Language): string => (language === 'en' && FOLDERS[name]) || name;
