/** The snippet: `nx.track`, `identify`, `page`, `group`, `alias`, `reset` as analytics.js has them, and `nx.consent`. */

import { deliver, drop, leave, resume, retry, send } from './delivery';
import { followLayers } from './layers';
import { context, followHistory, moved } from './page';
import { arrived, become, browserId, clean, followLinks, forget, known, memberId, renew, setMember } from './person';
import { automatic, key, privacySignal, robot, startsPending } from './settings';
import { isRecord, plain, random, text, type Told, written } from './values';

type Call = [method: string, args: unknown[], at?: number];
type Held = [...Required<Call>, around: Told];

const idle = robot || !key;
let consent: 'pending' | 'granted' | 'denied' = idle ? 'denied' : 'pending';
let preferences: unknown;
let linked: string | undefined;
// What the shop's server signed of the member goes with every event that follows.
let signed: unknown;
let held: Held[] = [];

/** Do a call, or hold it until there is consent. */
function call(method: string, args: unknown[], at = Date.now()): void {
  // An explicit page call is the view of this page.
  if (moved() && automatic && method !== 'page') call('page', [], at);
  // Callbacks of analytics.js are called in any case: pages go on in them.
  const values = args.filter((one) => typeof one !== 'function' || !setTimeout(one as () => void));
  const one: Held = [method, plain(values), at, context()];
  if (consent === 'granted') perform(...one);
  else if (consent === 'pending') held.push(one);
}

function perform(method: string, args: unknown[], at: number, around: Told): void {
  const words: (string | undefined)[] = [];
  for (let most = /page|alias/.test(method) ? 2 : 1; most-- && args[0] !== undefined && !isRecord(args[0]); ) {
    const word = args.shift();
    words.push(word === null ? undefined : text(word, 200));
  }
  const [told, options = {}] = args.map((one) => (isRecord(one) ? one : {}));
  const [word, other] = words;
  let fields: Told = { traits: told };
  if (method === 'track') {
    fields = { event: word, properties: told };
  } else if (method === 'page') {
    fields = { name: other ?? word, category: other && word };
    fields.properties = { ...(around.page as Told), ...fields, ...told };
  } else if (method === 'group') {
    fields.groupId = word;
  } else if (method === 'alias') {
    fields = { userId: word, previousId: other ?? browserId() };
  } else if (method === 'reset') {
    signed = undefined;
    return forget();
  } else {
    // Another member on the same device is not the one before.
    if (word && (memberId() ?? word) !== word) forget();
    if (word) setMember(word);
    signed = options.context ?? signed;
  }
  tell(method, fields, options, at, around);
}

function tell(type: string, fields: Told, options: Told, at = Date.now(), around = context()): void {
  const messageId = text(options.messageId ?? random(), 100);
  const said = preferences || privacySignal ? { gpc: privacySignal, categoryPreferences: preferences } : undefined;
  const event = {
    type,
    messageId,
    timestamp: options.timestamp ?? new Date(at),
    anonymousId: browserId(),
    userId: memberId(),
    ...fields,
    context: { ...around, consent: said, ...(signed as Told), ...(options.context as Told) },
  };
  deliver(messageId, written(event));
}

function decide(granted: boolean, told?: unknown): void {
  consent = granted ? 'granted' : 'denied';
  preferences = plain(told);
  if (granted) {
    if (!known() && linked) become(linked);
    if ((linked ?? known()) !== known()) tell('alias', { previousId: linked }, {});
    linked = undefined;
    resume();
    renew();
    held.forEach((one) => perform(...one));
  } else {
    drop();
    clean();
  }
  held = [];
}

/** Tell what is new on the page, or that it is seen again. */
function look(again?: boolean): void {
  followLayers(call);
  if (moved(again) && automatic) call('page', []);
}

/** Never let the page fail for our sake. */
function api(method: string, args: unknown[], at?: number): void {
  try {
    if (method !== 'consent') call(method, args, at);
    else if (!idle) decide(args[0] === 'granted', args[1]);
  } catch (error) {
    console.warn('nx', error);
  }
}

function start(): void {
  const page = window as unknown as { nx?: Told };
  if (page.nx?.version) return;
  // An element of that name is none of ours.
  const nx = (page.nx = page.nx?.q ? page.nx : { q: [] });
  nx.version = VERSION;
  for (const method of 'track identify page group alias reset consent'.split(' ')) {
    nx[method] = (...args: unknown[]) => api(method, args);
  }
  linked = arrived();
  if (!idle && !startsPending) decide(true);
  const early = (nx.q as Call[]).splice(0);
  // It says itself what page this is.
  if (early.some(([method]) => method === 'page')) moved();
  early.forEach((one) => api(...one));
  look();
  followHistory(look);
  followLinks();
  addEventListener('online', retry);
  addEventListener('pageshow', (shown) => look(shown.persisted));
  addEventListener('visibilitychange', () => {
    look();
    void send();
  });
  addEventListener('pagehide', () => {
    look();
    leave();
  });
}

start();
