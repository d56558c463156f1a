/** Brings events to the gateway: in batches, again until they are stored, and after the page is gone.

Each waits under its own name in localStorage until the gateway has answered. So no tab overwrites what another one
keeps, the next page sends what this one could not, and what is sent twice counts once by its messageId.
*/

import { forgetEntry, namesWith, remember, remembered } from './memory';
import { base, key } from './settings';
import { sizeOf } from './values';

const PREFIX = 'nx_q_';

const enum Limit {
  PauseMs = 400,
  LongestPauseMs = 300_000,
  // Even if each is as large as an event may be, the gateway takes so many in one request.
  EventsAtOnce = 15,
  // A page that is left may have 64 KiB under way.
  BytesToOutlive = 60_000,
  EventsKept = 500,
}

const waiting = new Map<string, string>();
let underWay = false;
let failures = 0;
let resumeAt = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

const address = `${base}/v1/batch`;
const first = (): string[] => [...waiting.keys()].slice(0, Limit.EventsAtOnce);
const body = (ids: string[]): string =>
  `{"writeKey":"${key}","sentAt":"${new Date().toJSON()}","batch":[${ids.map((id) => waiting.get(id))}]}`;

function soon(): void {
  if (waiting.size) timer ??= setTimeout(send, Math.max(Limit.PauseMs, resumeAt - Date.now()));
}

/** Send now, unless the gateway asked to wait. */
export async function send(): Promise<void> {
  clearTimeout(timer);
  timer = undefined;
  if (underWay || !waiting.size) return;
  if (resumeAt > Date.now()) return soon();
  const ids = first();
  const told = body(ids);
  underWay = true;
  let pauseSeconds = 0;
  let again = true;
  try {
    // A text needs no preflight.
    const answer = await fetch(address, { method: 'POST', body: told, keepalive: sizeOf(told) < Limit.BytesToOutlive });
    pauseSeconds = Number(answer.headers.get('retry-after')) || 0;
    // The other refusals would be the same each time.
    again = /^5|404|408|425|429/.test(`${answer.status}`);
  } catch {
    // Offline, or the gateway is away.
  }
  underWay = false;
  if (again) {
    const pauseMs = Math.min(1000 * 2 ** failures++, Limit.LongestPauseMs) * (0.5 + Math.random() / 2);
    resumeAt = Date.now() + Math.max(pauseSeconds * 1000, pauseMs);
  } else {
    failures = 0;
    for (const id of ids) {
      waiting.delete(id);
      forgetEntry(PREFIX + id);
    }
  }
  soon();
}

/** The page goes: a beacon outlives it. The events stay kept, because nobody will hear whether they arrived. */
export function leave(): void {
  if (waiting.size) navigator.sendBeacon(address, body(first()));
}

/** Take an event for delivery. */
export function deliver(id: string, event: string): void {
  waiting.set(id, event);
  if (waiting.size < Limit.EventsKept) remember(PREFIX + id, event);
  soon();
}

/** Take over what earlier pages could not send. */
export function resume(): void {
  for (const name of namesWith(PREFIX)) waiting.set(name.slice(PREFIX.length), remembered(name) as string);
  soon();
}

/** The browser is online again: wait no longer. */
export function retry(): void {
  resumeAt = failures = 0;
  void send();
}

/** What waits is not sent any more. */
export const drop = (): void => waiting.clear();
