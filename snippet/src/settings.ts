/** What the page's script tag says, and what the browser says of itself, once at the start. */

const tag = document.currentScript as HTMLScriptElement | null;
const told: DOMStringMap = tag?.dataset ?? {};

/** Where the gateway answers: the script's own address up to `/nx/`, so that a shop's proxy may add a path. */
export const base = tag?.src.replace(/\/nx\/.*/, '');
export const { key, domain } = told;
export const automatic = told.pages !== 'off';
export const startsPending = told.consent === 'pending';
export const linkedSites = told.links?.split(/[\s,]+/) ?? [];
export const privacySignal = (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl;
// Now: browsers that are driven change their mind while a page is left.
export const robot =
  told.robots !== 'allow' && (navigator.webdriver || /bot|crawl|spider|headless|lighthouse/i.test(navigator.userAgent));
