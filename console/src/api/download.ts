/** Takes a file from the gateway as of the shop that this tab looks at, which a plain link could not say; it has the name that the gateway gives it. */

import { answer, tenantHeader } from './client';

// Until the browser has surely begun to read it.
const KEPT_MILLISECONDS = 60_000;

export async function download(path: string): Promise<void> {
  const response = await fetch(path, { headers: tenantHeader() });
  if (!response.ok) {
    await answer(Promise.resolve({ error: await response.json().catch(() => ({})), response }));
    return;
  }
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await response.blob());
  link.download = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1] ?? '';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MILLISECONDS);
}
