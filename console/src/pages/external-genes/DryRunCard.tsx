/** What a file of values would do: how many people match, which rows are left out and why; then it takes effect. */

import type { ReactElement } from 'react';
import type { Schemas } from '../../api/client';
import { TriedFile } from '../../parts/TriedFile';
import type { Import } from '../../parts/useFileImport';
import type { Upload } from './useUpload';
import { useExternalWords } from './words';

export function DryRunCard({ found, tried, apply }: { found: Import; tried: Schemas['DryRun']; apply: Upload['apply'] }): ReactElement {
  const say = useExternalWords();
  return (
    <TriedFile
      found={found} tried={tried} apply={apply} usable={tried.accepted}
      figures={[{ label: say('matchRate'), value: tried.match_rate, share: true }, { label: say('accepted'), value: tried.accepted }, { label: say('rejected'), value: tried.rejected }]}
      ways={[{ mode: 'merge', label: say('merge'), hint: say('mergeHint') }, { mode: 'replace', label: say('replace'), hint: say('replaceHint') }, { mode: 'remove', label: say('remove'), hint: say('removeHint') }]}
      say={{
        tryTitle: say('step3'), trying: say('trying'), failed: say('tryFailed'), applyTitle: say('step4'), nothing: say('nothingToApply'), how: say('how'), apply: say('apply'), applyHint: say('applyHint'),
        badRows: say('badRows'), allRows: say('allRows'), line: (count) => say('line', { count }), first: (count) => say('firstRows', { count }),
        reasons: { NO_PERSON: say('NO_PERSON'), NOT_MATCHED: say('NOT_MATCHED'), DUPLICATE_PERSON: say('DUPLICATE_PERSON'), VALUE_NOT_VALID: say('VALUE_NOT_VALID'), ROW_NOT_READABLE: say('ROW_NOT_READABLE') },
      }}
    />
  );
}
