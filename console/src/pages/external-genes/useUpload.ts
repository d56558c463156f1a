/** A file of values on its way: sent, mapped, tried and put into effect; the import is in the address. */

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { answer, api, type Schemas, tenantHeader } from '../../api/client';
import { Problem } from '../../api/problem';
import { useUrlState } from '../../parts/useUrlState';

export type Import = Schemas['ImportAnswer'];
export type Mode = 'merge' | 'replace' | 'remove';

const REFRESH_MILLISECONDS = 800;
const MOVING = ['waiting_for_file', 'reading', 'queued', 'running'];
const ENDED = ['succeeded', 'failed', 'cancelled'];

const goesOn = (found: Import): boolean => MOVING.includes(found.state) || ['queued', 'running'].includes(found.dry_run?.state ?? '');

async function send(file: File): Promise<string> {
  const made = await answer(api.POST('/v1/imports', { body: { kind: 'gene', file_name: file.name.slice(-200), header: true } }));
  const response = await fetch(`/v1/imports/${made.id}/file`, { method: 'PUT', body: file, headers: { ...tenantHeader(), 'content-type': 'application/octet-stream' } });
  if (response.ok) return made.id;
  const told = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
  throw new Problem(response.status, told.code ?? `HTTP_${response.status}`, told.detail ?? response.statusText);
}

export function useUpload(geneId: string) {
  const questions = useQueryClient();
  const [id, setId] = useUrlState('import');
  const found = useQuery({
    queryKey: ['import', id],
    queryFn: ({ signal }) => answer(api.GET('/v1/imports/{import_id}', { params: { path: { import_id: id } }, signal })),
    refetchInterval: (query) => (query.state.data && goesOn(query.state.data) ? REFRESH_MILLISECONDS : false),
    enabled: id !== '',
  });
  const ended = found.data !== undefined && ENDED.includes(found.data.state);
  useEffect(() => {
    if (ended) void Promise.all([['external-gene', geneId], ['external-genes']].map((queryKey) => questions.invalidateQueries({ queryKey })));
  }, [ended, geneId, questions]);
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
        await answer(api.PUT('/v1/imports/{import_id}/mapping', { ...path, body: { columns: columns.map((one) => ({ ...one, type: 'text' as const })), constants: { gene: geneId }, lines_of_orders: false, whole_events: false, time_zone: null } }));
        await answer(api.POST('/v1/imports/{import_id}/dry-run', path));
      },
      onSuccess: again,
    }),
    apply: useMutation({
      mutationFn: (mode: Mode) => answer(api.POST('/v1/external-genes/{gene_id}/uploads', { params: { path: { gene_id: geneId } }, body: { import_id: id, mode } })),
      onSuccess: again,
    }),
  };
}
