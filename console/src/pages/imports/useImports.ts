/** Imports: all of them, one of them while it goes on, and its steps. */

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { answer, api, type Schemas, tenantHeader } from '../../api/client';
import { Problem } from '../../api/problem';

export type Import = Schemas['ImportAnswer'];
export type Mapping = NonNullable<Import['mapping']>;

const REFRESH_MILLISECONDS = 1500;
const MOVING = ['reading', 'queued', 'running'];

export function useImportList() {
  return useQuery({
    queryKey: ['imports'],
    queryFn: ({ signal }) => answer(api.GET('/v1/imports', { params: { query: { limit: 50 } }, signal })),
    refetchInterval: 2 * REFRESH_MILLISECONDS,
  });
}

const goesOn = (found: Import): boolean => MOVING.includes(found.state) || ['queued', 'running'].includes(found.dry_run?.state ?? '');

export function useImport(id: string) {
  return useQuery({
    queryKey: ['import', id],
    queryFn: ({ signal }) => answer(api.GET('/v1/imports/{import_id}', { params: { path: { import_id: id } }, signal })),
    refetchInterval: (query) => (query.state.data && goesOn(query.state.data) ? REFRESH_MILLISECONDS : false),
  });
}

export function useAgain(id: string): () => Promise<void> {
  const questions = useQueryClient();
  return () => questions.invalidateQueries({ queryKey: ['import', id] });
}

/** Makes an import and sends its file as it is; returns the import's id. */
export async function sendFile(kind: 'events' | 'members' | 'products' | 'ad_costs', file: File): Promise<string> {
  const made = await answer(api.POST('/v1/imports', { body: { kind, file_name: file.name } }));
  const response = await fetch(`/v1/imports/${made.id}/file`, { method: 'PUT', body: file, headers: { ...tenantHeader(), 'content-type': 'application/octet-stream' } });
  if (!response.ok) {
    const told = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
    throw new Problem(response.status, told.code ?? `HTTP_${response.status}`, told.detail ?? response.statusText);
  }
  return made.id;
}
