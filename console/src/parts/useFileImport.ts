/** A file on its way to a list or a gene: sent, its columns named, tried, put into effect; its import is in the address. */

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { answer, api, type Schemas, tenantHeader } from '../api/client';
import { Problem } from '../api/problem';
import { useUrlState } from './useUrlState';

export type Import = Schemas['ImportAnswer'];

/** Where a file goes. */
export interface Destination<Mode> {
  kind: Schemas['ImportAnswer']['kind'];
  /** What the file does not say in a column. */
  constants: Record<string, string>;
  /** Puts a tried import into effect. */
  apply: (importId: string, mode: Mode) => Promise<unknown>;
  /** Keys of what shows it. */
  shown: readonly (readonly string[])[];
}

const WATCH_MILLISECONDS = 800;
const MOVING = ['waiting_for_file', 'reading', 'queued', 'running'];
const ENDED = ['succeeded', 'failed', 'cancelled'];
const LONGEST_FILE_NAME = 200;

const goesOn = (found: Import): boolean => MOVING.includes(found.state) || ['queued', 'running'].includes(found.dry_run?.state ?? '');

async function send(kind: Import['kind'], file: File): Promise<string> {
  const made = await answer(api.POST('/v1/imports', { body: { kind, file_name: file.name.slice(-LONGEST_FILE_NAME), header: true } }));
  const response = await fetch(`/v1/imports/${made.id}/file`, { method: 'PUT', body: file, headers: { ...tenantHeader(), 'content-type': 'application/octet-stream' } });
  if (response.ok) return made.id;
  const told = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
  throw new Problem(response.status, told.code ?? `HTTP_${response.status}`, told.detail ?? response.statusText);
}

export function useFileImport<Mode>({ kind, constants, apply, shown }: Destination<Mode>) {
  const questions = useQueryClient();
  const [id, setId] = useUrlState('import');
  const found = useQuery({
    queryKey: ['import', id],
    queryFn: ({ signal }) => answer(api.GET('/v1/imports/{import_id}', { params: { path: { import_id: id } }, signal })),
    refetchInterval: (query) => (query.state.data && goesOn(query.state.data) ? WATCH_MILLISECONDS : false),
    enabled: id !== '',
  });
  const ended = found.data !== undefined && ENDED.includes(found.data.state);
  const stale = JSON.stringify(shown);
  useEffect(() => {
    if (ended) void Promise.all((JSON.parse(stale) as string[][]).map((queryKey) => questions.invalidateQueries({ queryKey })));
  }, [ended, stale, questions]);
  const again = () => questions.invalidateQueries({ queryKey: ['import', id] });
  const path = { params: { path: { import_id: id } } };
  return {
    id,
    found,
    restart: () => setId(''),
    send: useMutation({ mutationFn: (file: File) => send(kind, file), onSuccess: setId }),
    /** Keeps the mapping and begins the dry run. */
    attempt: useMutation({
      mutationFn: async (columns: { column: string; to: string }[]) => {
        await answer(api.PUT('/v1/imports/{import_id}/mapping', { ...path, body: { columns: columns.map((one) => ({ ...one, type: 'text' as const })), constants, lines_of_orders: false, whole_events: false, time_zone: null } }));
        await answer(api.POST('/v1/imports/{import_id}/dry-run', path));
      },
      onSuccess: again,
    }),
    apply: useMutation({ mutationFn: (mode: Mode) => apply(id, mode), onSuccess: again }),
  };
}
