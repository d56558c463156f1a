/** What every signed-in page has around it: places, tenant, language, theme, and who acts in whose name. */

import { api, Problem } from './api.js';
import { byId, element } from './elements.js';
import { currentLanguage, switchLanguage, timeText, word } from './words.js';
import './team-words.js';

const LEADERS = ['owner', 'admin'];

/** A sentence with {names} filled in. */
export function sentence(key, values) {
  return word(key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

export function say(place, text) {
  place.textContent = text ?? '';
  place.hidden = !text;
}

/** Put a failure into words where the page has a place for it. */
export function tell(error, place = byId('problem')) {
  if (!(error instanceof Problem) && !(error instanceof TypeError)) throw error;
  say(place, error instanceof Problem ? error.message : word('unreachable'));
}

export function translate() {
  document.documentElement.lang = currentLanguage();
  for (const place of document.querySelectorAll('[data-text]')) place.textContent = word(place.dataset.text);
  for (const place of document.querySelectorAll('[data-label]')) place.setAttribute('aria-label', word(place.dataset.label));
}

/** Ask before something that cannot be undone by a click. */
export function ask(text, yes) {
  return new Promise((resolve) => {
    const close = (answer) => { box.close(); box.remove(); resolve(answer); };
    const box = element('dialog', { class: 'ask', cancel: () => close(false) },
      element('p', {}, text),
      element('div', { class: 'actions' },
        element('button', { type: 'button', class: 'quiet', click: () => close(false) }, word('cancel')),
        element('button', { type: 'button', class: 'main', click: () => close(true) }, yes)));
    document.body.append(box);
    box.showModal();
  });
}

function roleOf(session) {
  return session.tenants.find((tenant) => tenant.id === session.tenant_id)?.role ?? '';
}

function leads(session) {
  return LEADERS.includes(roleOf(session));
}

/** Where the browser comes back to after signing in. */
export function signInFirst() {
  sessionStorage.setItem('next', location.pathname + location.hash);
  location.assign('/sign-in');
}

/** Links to the pages this session may see. */
function places(session) {
  const found = [['/', 'overview'], ['/team', 'team']];
  if (leads(session)) found.push(['/audit', 'audit']);
  if (session.operator && !session.acting) found.push(['/operator', 'platform']);
  return element('nav', { class: 'places' }, ...found.map(([path, name]) =>
    element('a', { href: path, 'aria-current': location.pathname === path && 'page' }, word(name))));
}

/** Says in whose tenant an operator acts; undefined for everybody else. */
function banner(session) {
  const acting = session.acting;
  if (!acting) return undefined;
  const shop = session.tenants[0]?.name ?? '';
  const stop = async () => {
    try {
      await api.stopActing(acting.impersonation_id);
    } catch (error) {
      // Ended meanwhile: the page shows so either way.
      if (!(error instanceof Problem)) throw error;
    }
    location.assign('/operator');
  };
  return element('div', { class: 'acting', role: 'status' },
    element('span', {}, sentence('actingBanner', { shop, role: word(roleOf(session)), until: timeText(acting.ends_at, undefined) })),
    element('button', { type: 'button', click: stop }, word('stopActing')));
}

function chooser(session) {
  const choose = async (event) => { await api.chooseTenant(event.target.value); location.reload(); };
  return element('label', { class: 'tenant' },
    element('span', { class: 'visually-hidden' }, word('shop')),
    element('select', { change: choose }, ...session.tenants.map((tenant) =>
      element('option', { value: tenant.id, selected: tenant.id === session.tenant_id }, tenant.name))));
}

function bar(session, redraw) {
  const language = element('button', { type: 'button', class: 'quiet', click: () => { switchLanguage(); redraw(); } },
    currentLanguage() === 'en' ? '中文' : 'English');
  const out = element('button', { type: 'button', class: 'quiet', click: async () => { await api.signOut(); location.assign('/sign-in'); } }, word('signOut'));
  return element('header', { class: 'bar' },
    element('a', { class: 'brand', href: '/' }, element('img', { src: '/static/icon.svg', alt: '', width: 28, height: 28 }), element('span', {}, 'Nexus')),
    ...(session?.tenants.length ? [chooser(session)] : []),
    ...(session ? [places(session)] : []),
    element('span', { class: 'grow' }),
    element('div', { class: 'tools' }, ...(session ? [element('a', { href: '/account', class: 'quiet' }, word('myAccount'))] : []), language, ...(session ? [out] : [])));
}

/** Draw the frame now and at every change of language; `drawPage` draws what is inside. */
export function framed(session, drawPage) {
  const redraw = () => {
    for (const old of document.querySelectorAll('body > .bar, body > .acting')) old.remove();
    const above = session ? [banner(session)] : [];
    document.body.prepend(...[bar(session, redraw), ...above].filter((part) => part !== undefined));
    translate();
    drawPage();
  };
  if (localStorage.getItem('theme')) document.documentElement.dataset.theme = localStorage.getItem('theme');
  redraw();
}

/** Who is signed in; without anybody the browser goes to sign in. */
export async function signedIn() {
  try {
    return await api.session();
  } catch (error) {
    if (error instanceof Problem && error.status === 401) {
      signInFirst();
      return new Promise(() => {});
    }
    throw error;
  }
}
