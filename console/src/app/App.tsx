/** Providers around everything: look, questions to the gateway, and the routes. */

import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { setNonce } from 'get-nonce';
import type { ReactElement } from 'react';
import { Problem } from '../api/problem';
import { router } from './router';
import { theme, variables } from './theme';

// The gateway lets in only style elements with the number that it gave this page.
const nonce = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? '';
setNonce(nonce);

/** What will fail again the same way is not asked again. */
function worthAnother(count: number, error: Error): boolean {
  return count < 2 && !(error instanceof Problem && error.status >= 400 && error.status < 500);
}

const questions = new QueryClient({
  defaultOptions: { queries: { staleTime: 5_000, retry: worthAnother, refetchOnWindowFocus: true } },
});

export function App(): ReactElement {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <QueryClientProvider client={questions}>
        <Notifications position="bottom-right" />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
