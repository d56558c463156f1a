/** Fetches a report's file for the shop of this tab and hands it to the browser. */

import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { answer } from '../../api/client';
import { problemOf } from '../../api/problem';
import { useProblemText } from '../../language/problems';

/** `ask` calls the API and takes the answer as it is; a plain link would not say which shop the tab looks at. */
export interface FileAsked {
  name: string;
  ask: () => Promise<{ data?: Blob; error?: unknown; response: Response }>;
}

export function useDownload() {
  const problemText = useProblemText();
  return useMutation({
    mutationFn: async ({ name, ask }: FileAsked): Promise<void> => {
      const address = URL.createObjectURL(await answer(ask()));
      const link = document.createElement('a');
      link.href = address;
      link.download = `${name}.csv`;
      link.click();
      // The browser has read it by then.
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
    },
    onError: (error) => notifications.show({ message: problemText(problemOf(error)), color: 'red', autoClose: 10_000 }),
  });
}
