/** Colours, type and components as the whole console draws them. */

import { MantineProvider } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { theme, variables } from './theme';

/** The gateway lets in only style elements with the number that it gave this page. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content ?? '';

export function Look({ children }: { children: ReactNode }): ReactElement {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      {children}
    </MantineProvider>
  );
}
