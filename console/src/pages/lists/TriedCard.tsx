/** What a file would do to a list: who is matched, which rows are bad; and doing it. */

import { Text } from '@mantine/core';
import type { ReactElement } from 'react';
import type { Schemas } from '../../api/client';
import { useFormat } from '../../app/session';
import { TriedFile } from '../../parts/TriedFile';
import type { Import } from '../../parts/useFileImport';
import type { Upload } from './useLists';
import { useListWords } from './words';

export function TriedCard({ found, tried, apply }: { found: Import; tried: Schemas['DryRun']; apply: Upload['apply'] }): ReactElement {
  const say = useListWords();
  const format = useFormat();
  return (
    <TriedFile
      found={found} tried={tried} apply={apply} usable={tried.matched + tried.unmatched}
      figures={[{ label: say('matchRate'), value: tried.match_rate, share: true }, { label: say('matched'), value: tried.matched }, { label: say('noMatch'), value: tried.unmatched }, { label: say('rejected'), value: tried.rejected }]}
      ways={[{ mode: 'append', label: say('append'), hint: say('appendHint') }, { mode: 'replace', label: say('replace'), hint: say('replaceHint') }, { mode: 'remove', label: say('remove_'), hint: say('remove_Hint') }]}
      say={{
        tryTitle: say('step3'), trying: say('trying'), failed: say('tryFailed'), applyTitle: say('step4'), nothing: say('nothing'), how: say('how'), apply: say('apply'),
        badRows: say('badRows'), allRows: say('allRows'), line: (count) => say('line', { count }), first: (count) => say('firstRows', { count }),
        reasons: { NO_PERSON: say('NO_PERSON'), DUPLICATE_PERSON: say('DUPLICATE_PERSON'), ROW_NOT_READABLE: say('ROW_NOT_READABLE'), VALUE_NOT_VALID: say('VALUE_NOT_VALID') },
      }}
    >
      {tried.unmatched > 0 && (
        <Text size="sm" c="dimmed" mt="sm">{say('usedHint', { count: tried.unmatched, n: format.number(tried.unmatched) })} {say('unmatchedLines', { lines: tried.unmatched_lines.join(say('linesSeparator')) })}{tried.unmatched > tried.unmatched_lines.length && ` ${say('andMore')}`}</Text>
      )}
    </TriedFile>
  );
}
