/** Signing in: password, then a code where one is due; or a passkey; or single sign-on; or a way to a new password. */

import { api, Problem } from './api.js';
import { byId, element } from './elements.js';
import { framed, say, sentence } from './frame.js';
import { passkeysWork, usePasskey } from './passkeys.js';
import './sign-in-words.js';
import { word } from './words.js';

const state = { ticket: '', shown: '', done: '', problem: null, tenants: [] };

/** Only our own pages: a path, and no other site's address in disguise. */
function nextPath() {
  const wanted = new URLSearchParams(location.search).get('next') ?? sessionStorage.getItem('next') ?? '/';
  const url = new URL(wanted, location.origin);
  return url.origin === location.origin && wanted.startsWith('/') ? url.pathname + url.search + url.hash : '/';
}

function enter() {
  const path = nextPath();
  sessionStorage.removeItem('next');
  location.replace(path);
}

function problemText(problem) {
  if (!problem) return '';
  return problem instanceof Problem ? word(problem.code) ?? problem.message : word(problem);
}

function draw() {
  for (const form of document.querySelectorAll('[data-step]')) form.hidden = form.dataset.step !== state.shown;
  byId('passkey').hidden = !passkeysWork();
  say(byId('problem'), problemText(state.problem));
  say(byId('done'), state.done && word(state.done));
  const offers = state.tenants.map((one) => element('button', { type: 'button', class: 'other', click: () => leave({ tenant_id: one.tenant_id }) },
    element('strong', {}, one.tenant_name), element('small', { class: 'hint' }, new URL(one.issuer).host)));
  byId('sso-tenants').replaceChildren(...(offers.length ? [element('p', { class: 'hint' }, word('ssoChoose')), ...offers] : []));
  byId('sso-tenants').hidden = !offers.length;
}

function show(step) {
  Object.assign(state, { shown: step, done: '', problem: null, tenants: [] });
  draw();
  document.querySelector(`[data-step="${step}"] input`)?.focus();
}

/** Run one step; what fails is said on the page. */
async function attempt(act) {
  Object.assign(state, { done: '', problem: null });
  const buttons = [...document.querySelectorAll('form button')];
  for (const button of buttons) button.disabled = true;
  try {
    await act();
  } catch (error) {
    if (error instanceof Problem) state.problem = error;
    else if (error instanceof DOMException) state.problem = 'passkeyFailed';
    else if (error instanceof TypeError) state.problem = 'unreachable';
    else throw error;
    if (error.code === 'TICKET_NOT_VALID') state.shown = 'password';
  } finally {
    for (const button of buttons) button.disabled = false;
  }
  draw();
}

async function leave(who) {
  await attempt(async () => {
    const begun = await api.beginSso({ ...who, next: nextPath() });
    if (begun.url) location.assign(begun.url);
    state.tenants = begun.tenants;
  });
}

function onSubmit(id, act) {
  byId(id).addEventListener('submit', (event) => {
    event.preventDefault();
    const fields = new FormData(event.target);
    attempt(() => act((name) => fields.get(name)));
  });
}

function listen() {
  onSubmit('sign-in', async (field) => {
    const answer = await api.signIn(field('email'), field('password'));
    if (!answer.ticket) return enter();
    byId('sign-in').elements.password.value = '';
    state.ticket = answer.ticket;
    show('code');
  });
  onSubmit('second', async (field) => {
    await api.signInWithCode(state.ticket, field('code'));
    enter();
  });
  onSubmit('sso', (field) => leave({ email: field('email') }));
  onSubmit('forgot', async (field) => {
    await api.askReset(field('email'));
    state.done = 'linkSent';
  });
  byId('passkey').addEventListener('click', () => attempt(async () => {
    await api.signInWithPasskey(await usePasskey());
    enter();
  }));
  byId('to-forgot').addEventListener('click', () => show('forgot'));
  byId('to-sso').addEventListener('click', () => show('sso'));
  for (const button of document.querySelectorAll('.back')) button.addEventListener('click', () => show('password'));
}

/** What a trip to an identity provider, or a finished reset, left in the address. */
function arrived() {
  const told = new URLSearchParams(location.hash.slice(1));
  if (told.get('code')) state.problem = new Problem(401, told.get('code'), told.get('detail') ?? '');
  if (told.has('password-set')) state.done = 'passwordSet';
  if (location.hash) history.replaceState(null, '', location.pathname + location.search);
}

state.shown = 'password';
arrived();
listen();
framed(null, draw);
// Until here the browser would have sent the form itself.
for (const button of document.querySelectorAll('button[disabled]')) button.disabled = false;
document.title = `${sentence('signIn', {})} · Nexus`;
