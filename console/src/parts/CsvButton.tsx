/** The rows of a table as a file; what is written is asked for when it is pressed. */

import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { useShared } from '../language/shared';
import { Icon } from './Icon';
import { type Cell, keepFile, tableCsv } from './tableCsv';

interface Props {
  /** Of the file, without its ending. */
  name: string;
  head: readonly string[];
  rows: () => readonly (readonly Cell[])[];
}

export function CsvButton({ name, head, rows }: Props): ReactElement {
  const say = useShared();
  return (
    <Button size="xs" variant="default" flex="none" leftSection={<Icon name="download" size={15} />} onClick={() => keepFile(`${name}.csv`, tableCsv(head, rows()))}>
      {say('csv')}
    </Button>
  );
}
