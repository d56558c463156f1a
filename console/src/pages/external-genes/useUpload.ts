/** A file of values on its way to a gene. */

import { answer, api } from '../../api/client';
import { useFileImport } from '../../parts/useFileImport';

export type Mode = 'merge' | 'replace' | 'remove';

export function useUpload(geneId: string) {
  return useFileImport<Mode>({
    kind: 'gene',
    constants: { gene: geneId },
    apply: (importId, mode) => answer(api.POST('/v1/external-genes/{gene_id}/uploads', { params: { path: { gene_id: geneId } }, body: { import_id: importId, mode } })),
    shown: [['external-gene', geneId], ['external-genes']],
  });
}

export type Upload = ReturnType<typeof useUpload>;
