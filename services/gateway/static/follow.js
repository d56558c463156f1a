/** Server-sent events by fetch: unlike EventSource it can say which tenant this tab looks at. */

import { tenantHeader } from './api.js';

const AGAIN_MILLISECONDS = 2000;

/** Calls `each` with the data of every event until the returned function is called; connects again when cut off. */
export function follow(path, each) {
  const leaving = new AbortController();
  (async () => {
    while (!leaving.signal.aborted) {
      try {
        await read(path, each, leaving.signal);
      } catch (error) {
        // Away, or cut off: both end in another try.
        if (!(error instanceof TypeError) && error.name !== 'AbortError') throw error;
      }
      await new Promise((resolve) => { setTimeout(resolve, AGAIN_MILLISECONDS); });
    }
  })();
  return () => leaving.abort();
}

async function read(path, each, signal) {
  const response = await fetch(path, { headers: { accept: 'text/event-stream', ...tenantHeader() }, signal });
  if (!response.ok) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const messages = (waiting + part.value).replaceAll('\r', '').split('\n\n');
    waiting = messages.pop();
    for (const message of messages) {
      const data = message.split('\n').filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trim()).join('\n');
      if (data) each(JSON.parse(data));
    }
  }
}
