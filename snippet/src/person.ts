/** Who the browser is: its id in a first-party cookie, the member's id beside it, and links to the shop's other sites. */

import { forgetEntry, namesWith, remember, remembered } from './memory';
import { base, domain, linkedSites, privacySignal } from './settings';
import { random } from './values';

const enum Entry {
  Member = 'nx_member',
  Renewed = 'nx_renewed',
}

const enum Lasting {
  CookieSeconds = 34_128_000,
  LinkMs = 120_000,
}

let id: string | undefined;

/** The id that the browser has already. */
export const known = (): string | undefined => document.cookie.match(/(?:^|; )nx_id=(\w+)/)?.[1];

// Not `Secure`: a shop that still has pages without https would see two visitors.
function keep(value: string, seconds: number): void {
  document.cookie = `nx_id=${value};Path=/;SameSite=Lax;Max-Age=${seconds}${domain ? `;Domain=${domain}` : ''}`;
}

export function become(one: string): string {
  keep(one, Lasting.CookieSeconds);
  return (id = one);
}

/** The browser's id; only to be asked for with consent, because asking makes one. */
export const browserId = (): string => (id = known() ?? id) ?? become(random());

export const memberId = (): string | undefined => remembered(Entry.Member);
export const setMember = (member: string): void => remember(Entry.Member, member);

/** Somebody else from now on. */
export function forget(): void {
  forgetEntry(Entry.Member);
  become(random());
}

/** Nothing of the person stays in the browser. */
export function clean(): void {
  id = undefined;
  keep('', 0);
  namesWith('nx_').forEach(forgetEntry);
}

/** Once a day the gateway sets the cookie again where it is first party: browsers keep such a cookie for longer. */
export function renew(): void {
  const today = new Date().toDateString();
  if (remembered(Entry.Renewed) === today || !new URL(base as string).hostname.endsWith(domain ?? location.hostname)) return;
  remember(Entry.Renewed, today);
  const body = `${browserId()} ${domain ?? ''}`;
  // Tomorrow is another day.
  fetch(`${base}/nx/id`, { method: 'POST', mode: 'no-cors', credentials: 'include', body }).catch(() => 0);
}

/** The id that a link from another site of the shop brought; it is taken out of the address at once. */
export function arrived(): string | undefined {
  const [, from, at] = location.search.match(/_nx=([\da-f]{32})\.(\d+)/) ?? [];
  if (from) history.replaceState(history.state, '', location.href.replace(/&?_nx=[^&#]*/, ''));
  return Math.abs(Date.now() - Number(at)) < Lasting.LinkMs ? from : undefined;
}

/** Links to the shop's other sites take the id along, unless the browser asks for privacy. */
export function followLinks(): void {
  const lead = (event: Event): void => {
    const link = (event.target as Element).closest<HTMLAnchorElement>('a[href]');
    const own = known();
    const leads = (site: string): boolean => `.${link?.hostname}`.endsWith(`.${site}`);
    if (privacySignal || !own || !link || link.host === location.host || !linkedSites.some(leads)) return;
    link.search = `${link.search.replace(/&_nx=.*/, '') || '?'}&_nx=${own}.${Date.now()}`;
  };
  addEventListener('click', lead, true);
  addEventListener('auxclick', lead, true);
}
