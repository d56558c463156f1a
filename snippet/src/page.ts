/** Which page is seen, where it was come from, and what every event says about that. */

import { text, type Told } from './values';

let seen = '';
let referrer = document.referrer;

// A fragment is a page only where it is used as an address.
const here = (): string => location.href.replace(/#(?![!/]).*/, '');

/** Whether another page is seen than when this was asked last, or the same once more. */
export function moved(again?: boolean): boolean {
  if (here() === seen && !again) return false;
  referrer = seen || referrer;
  seen = here();
  return true;
}

/** Call `look` when the page of a single-page application changes: its title comes a little later. */
export function followHistory(look: () => void): void {
  const later = (): void => void setTimeout(look, 50);
  for (const name of ['pushState', 'replaceState'] as const) {
    const original = history[name];
    history[name] = (...told) => {
      // Those that follow each other at once are pages each.
      look();
      original.apply(history, told);
      // A filter that is written into the address is no other page.
      if (name === 'pushState') later();
      else moved();
    };
  }
  addEventListener('popstate', later);
  addEventListener('hashchange', later);
}

/** context of an event that happens now. */
export function context(): Told {
  const { pathname, search, href: url } = location;
  let campaign: Told | undefined;
  new URLSearchParams(search).forEach((value, name) => {
    const [, part] = name.match(/^utm_(.+)/) ?? [];
    if (part) (campaign ??= {})[part === 'campaign' ? 'name' : part] = value;
  });
  return {
    page: { path: pathname, referrer, search, title: text(document.title), url },
    campaign,
    library: { name: 'nexus-snippet', version: VERSION },
    locale: navigator.language,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    userAgent: navigator.userAgent,
  };
}
