/** The live feed: server-sent events by fetch, which unlike EventSource can say which shop this tab looks at. */

import { useEffect, useRef, useState } from 'react';
import { tenantHeader } from './client';

export interface LiveEvent {
  kind: string;
  name: string;
  occurred_at: string;
  received_at: string;
  nid: number;
  identified: boolean;
}

interface Burst {
  count: number;
  events: LiveEvent[];
}

const AGAIN_MILLISECONDS = 2000;
const SHOWN = 30;
const RATE_SECONDS = 10;

async function read(signal: AbortSignal, each: (burst: Burst) => void): Promise<void> {
  const response = await fetch('/v1/events/live', { headers: { accept: 'text/event-stream', ...tenantHeader() }, signal });
  if (!response.ok || response.body === null) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const messages = (waiting + part.value).replaceAll('\r', '').split('\n\n');
    waiting = messages.pop() ?? '';
    for (const message of messages) {
      const lines = message.split('\n').filter((line) => line.startsWith('data:'));
      if (lines.length) each(JSON.parse(lines.map((line) => line.slice(5).trim()).join('\n')) as Burst);
    }
  }
}

/** Follows until aborted; connects again when cut off. */
async function follow(signal: AbortSignal, each: (burst: Burst) => void): Promise<void> {
  while (!signal.aborted) {
    try {
      await read(signal, each);
    } catch (error) {
      // Away, or cut off: both end in another try.
      if (!(error instanceof TypeError) && !signal.aborted) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MILLISECONDS));
  }
}

export interface Feed {
  events: readonly (LiveEvent & { key: number })[];
  /** Events a second, lately. */
  rate: number;
  paused: boolean;
  setPaused: (paused: boolean) => void;
}

export function useLiveFeed(): Feed {
  const [events, setEvents] = useState<Feed['events']>([]);
  const [rate, setRate] = useState(0);
  const [paused, setPaused] = useState(false);
  const held = useRef(false);
  held.current = paused;
  useEffect(() => {
    const leaving = new AbortController();
    let counts: [number, number][] = [];
    let key = 0;
    void follow(leaving.signal, (burst) => {
      counts.push([Date.now(), burst.count]);
      if (held.current) return;
      const fresh = burst.events.map((event) => ({ ...event, key: (key += 1) }));
      setEvents((old) => [...fresh, ...old].slice(0, SHOWN));
    });
    const ticking = setInterval(() => {
      counts = counts.filter(([at]) => at >= Date.now() - RATE_SECONDS * 1000);
      setRate(counts.reduce((sum, [, count]) => sum + count, 0) / RATE_SECONDS);
    }, 1000);
    return () => {
      leaving.abort();
      clearInterval(ticking);
    };
  }, []);
  return { events, rate, paused, setPaused };
}
