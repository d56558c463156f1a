/** Providers around every page of a shop: look, questions to the gateway, and the routes. */

import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { setNonce } from 'get-nonce';
import type { ReactElement } from 'react';
import { Problem } from '../api/problem';
import { Look, nonce } from './Look';
import { router } from './router';

// What keeps the page from scrolling behind a dialog is a style element too.
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
    <Look>
      <QueryClientProvider client={questions}>
        <Notifications position="bottom-right" />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </Look>
  );
}
