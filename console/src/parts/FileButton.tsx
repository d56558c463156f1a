/** A file that the gateway makes or keeps, for the shop that this tab looks at. */

import { Button, type ButtonProps } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import type { ReactElement, ReactNode } from 'react';
import { download } from '../api/download';
import { problemOf } from '../api/problem';
import { useProblemText } from '../language/problems';
import { Icon } from './Icon';

interface Props extends ButtonProps {
  path: string;
  children: ReactNode;
}

export function FileButton({ path, children, ...look }: Props): ReactElement {
  const problemText = useProblemText();
  const take = useMutation({
    mutationFn: () => download(path),
    onError: (error) => notifications.show({ message: problemText(problemOf(error)), color: 'red' }),
  });
  return (
    <Button variant="default" size="xs" leftSection={<Icon name="download" size={15} />} {...look} loading={take.isPending} onClick={() => take.mutate()}>
      {children}
    </Button>
  );
}
