/** One's own account: profile, password, authenticator app, recovery codes, passkeys, and where one is signed in. */

import { api, Problem } from './api.js';
import { byId, element } from './elements.js';
import { ask, framed, say, sentence, signedIn } from './frame.js';
import { freshly } from './fresh.js';
import { makePasskey, passkeysWork } from './passkeys.js';
import './sign-in-words.js';
import { timeText, word } from './words.js';

const state = { session: null, account: null, passkeys: [], sessions: [], cursor: null, enrolment: null, codes: null };

/** Run something that changes the account, then show the account as it is. */
async function change(act, done) {
  say(byId('problem'));
  say(byId('done'));
  try {
    const answer = await freshly(state.account, act);
    if (answer !== undefined && done) say(byId('done'), word(done));
  } catch (error) {
    if (error instanceof DOMException) say(byId('problem'), word('passkeyFailed'));
    else if (error instanceof Problem) say(byId('problem'), word(error.code) ?? error.message);
    else if (error instanceof TypeError) say(byId('problem'), word('unreachable'));
    else throw error;
  }
  await load();
  window.scrollTo({ top: 0 });
}

async function load() {
  const [session, account, passkeys, sessions] = await Promise.all([api.session(), api.account(), api.passkeys(), api.sessions('')]);
  Object.assign(state, { session, account, passkeys: passkeys.passkeys, sessions: sessions.sessions, cursor: sessions.next_cursor });
  draw();
}

function button(text, click, kind = 'quiet') {
  return element('button', { type: 'button', class: kind, click }, word(text));
}

function drawAuthenticator() {
  const { has_authenticator: on, recovery_codes_left: left } = state.account;
  byId('authenticator-state').replaceChildren(element('span', { class: on ? 'tag on' : 'tag' }, word(on ? 'on' : 'off')));
  const begin = () => change(async () => { state.enrolment = await api.beginAuthenticator(); return true; });
  const remove = async () => { if (await ask(word('turnOffAsk'), word('turnOff'))) await change(() => api.removeAuthenticator(), 'saved'); };
  byId('authenticator-actions').replaceChildren(on ? button('turnOff', remove, 'quiet danger') : button('setUp', begin, 'main'));
  byId('enrolment').replaceChildren(...(state.enrolment && !on ? [enrolment()] : []));
  const renew = () => change(async () => { state.codes = (await api.makeRecoveryCodes()).recovery_codes; return true; });
  byId('recovery').replaceChildren(...(state.codes ? [recovery()] : on ? [
    element('h3', {}, word('recovery')),
    element('p', { class: 'hint' }, sentence('recoveryLeft', { n: left })), button('newCodes', renew)] : []));
}

function enrolment() {
  const confirm = (event) => {
    event.preventDefault();
    const code = new FormData(event.target).get('code');
    change(async () => {
      state.codes = (await api.confirmAuthenticator(code)).recovery_codes;
      state.enrolment = null;
      return true;
    });
  };
  const picture = `data:image/svg+xml;utf8,${encodeURIComponent(state.enrolment.svg)}`;
  return element('div', { class: 'qr' },
    element('img', { src: picture, alt: 'QR', width: 196, height: 196 }),
    element('div', {},
      element('p', {}, word('scan')),
      element('p', { class: 'hint' }, word('secretKey'), ' ', element('code', {}, state.enrolment.secret)),
      element('form', { class: 'row', submit: confirm },
        element('label', {}, element('span', {}, word('code')), element('input', { name: 'code', inputmode: 'numeric', autocomplete: 'one-time-code', maxlength: 10, required: true })),
        element('button', { type: 'submit', class: 'main' }, word('turnOn')))));
}

function recovery() {
  const copy = async (event) => {
    await navigator.clipboard.writeText(state.codes.join('\n'));
    event.target.textContent = word('copied');
  };
  return element('div', {},
    element('h3', {}, word('recovery')), element('p', { class: 'hint' }, word('recoveryHint')),
    element('div', { class: 'codes' }, ...state.codes.map((code) => element('code', {}, code))),
    element('div', { class: 'row' }, button('copy', copy), button('kept', () => { state.codes = null; draw(); }, 'main')));
}

function passkeyLine(passkey) {
  const rename = async () => {
    const name = await askName(passkey.name);
    if (name) await change(async () => { await api.renamePasskey(passkey.id, name); return true; }, 'saved');
  };
  const remove = async () => {
    if (await ask(sentence('removePasskeyAsk', { name: passkey.name }), word('remove'))) await change(async () => { await api.removePasskey(passkey.id); return true; }, 'saved');
  };
  const used = passkey.last_used_at ? `${word('lastUsed')} ${timeText(passkey.last_used_at, undefined)}` : word('neverUsed');
  return element('li', {},
    element('span', { class: 'about' }, element('strong', {}, passkey.name), element('small', { class: 'hint' }, used)),
    ...(passkey.backed_up ? [element('span', { class: 'tag' }, word('synced'))] : []),
    button('rename', rename), button('remove', remove, 'quiet danger'));
}

/** A name for a passkey; undefined when given up. */
function askName(before) {
  return new Promise((resolve) => {
    const close = (answer) => { box.close(); box.remove(); resolve(answer); };
    const submit = (event) => { event.preventDefault(); close(new FormData(event.target).get('name').trim()); };
    const box = element('dialog', { class: 'ask', cancel: () => close() },
      element('form', { class: 'sign-in', submit },
        element('label', {}, element('span', {}, word('passkeyName')), element('input', { name: 'name', value: before, maxlength: 60, required: true, autofocus: true })),
        element('div', { class: 'actions' }, button('cancel', () => close()), element('button', { type: 'submit', class: 'main' }, word('save')))));
    document.body.append(box);
    box.showModal();
  });
}

/** "Chrome · Windows" of a browser's own description. */
function browserName(text) {
  const browser = [['Edg/', 'Edge'], ['OPR/', 'Opera'], ['Firefox/', 'Firefox'], ['Chrome/', 'Chrome'], ['Safari/', 'Safari']].find(([mark]) => text.includes(mark));
  const system = [['Android', 'Android'], ['iPhone', 'iPhone'], ['iPad', 'iPad'], ['Windows', 'Windows'], ['Mac OS', 'macOS'], ['Linux', 'Linux']].find(([mark]) => text.includes(mark));
  return [browser?.[1], system?.[1]].filter(Boolean).join(' · ') || text.slice(0, 60) || word('unknownBrowser');
}

function sessionLine(one) {
  const end = () => change(async () => { await api.endSession(one.id); return true; }, 'saved');
  const told = [one.address, word(`by_${one.method}`), `${word('lastUsed')} ${timeText(one.last_used_at, undefined)}`];
  return element('li', {},
    element('span', { class: 'about' }, element('strong', {}, browserName(one.browser)), element('small', { class: 'hint' }, told.filter(Boolean).join(' · '))),
    one.current ? element('span', { class: 'tag on' }, word('current')) : state.session.only_tenant ? '' : button('end', end));
}

function draw() {
  const { account, session } = state;
  byId('page').hidden = false;
  byId('who').textContent = account.email;
  for (const part of document.querySelectorAll('.own')) part.hidden = Boolean(session.only_tenant);
  if (session.only_tenant) say(byId('done'), word('onlySso'));
  else if (session.tenants.some((tenant) => tenant.second_factor_missing)) say(byId('problem'), word('needFactor'));
  const profile = byId('profile').elements;
  if (document.activeElement?.form !== byId('profile')) Object.assign(profile.name, { value: account.name });
  profile.language.value = account.language;
  byId('password').hidden = !account.has_password;
  byId('no-password').hidden = account.has_password;
  byId('password').elements.username.value = account.email;
  byId('password-code').hidden = !account.has_authenticator;
  drawAuthenticator();
  byId('passkeys').replaceChildren(...state.passkeys.map(passkeyLine));
  byId('no-passkeys').hidden = state.passkeys.length > 0;
  byId('add-passkey').hidden = !passkeysWork();
  byId('sessions').replaceChildren(...state.sessions.map(sessionLine));
  byId('more-sessions').hidden = !state.cursor;
}

function onSubmit(id, act, done) {
  byId(id).addEventListener('submit', (event) => {
    event.preventDefault();
    const fields = Object.fromEntries(new FormData(event.target));
    change(async () => { await act(fields); return true; }, done).then(() => { if (id !== 'profile' && byId('problem').hidden) event.target.reset(); });
  });
}

function listen() {
  onSubmit('profile', (fields) => api.changeAccount(fields), 'saved');
  onSubmit('email', (fields) => api.askEmail(fields.email), 'emailSent');
  onSubmit('password', ({ current, password, code }) => api.changePassword({ current, password, code }), 'passwordChanged');
  byId('add-passkey').addEventListener('click', async () => {
    const name = await askName(browserName(navigator.userAgent));
    if (name) await change(async () => { await makePasskey(name); return true; }, 'saved');
  });
  byId('everywhere').addEventListener('click', async () => {
    if (!(await ask(word('everywhereAsk'), word('everywhere')))) return;
    await api.endSessions();
    location.assign('/sign-in');
  });
  byId('more-sessions').addEventListener('click', async () => {
    const page = await api.sessions(state.cursor);
    state.sessions.push(...page.sessions);
    state.cursor = page.next_cursor;
    draw();
  });
}

/** The link of a letter that confirms an address. */
async function confirmed() {
  const token = new URLSearchParams(location.hash.slice(1)).get('confirm');
  if (!token) return;
  history.replaceState(null, '', location.pathname);
  await change(async () => { await api.confirmEmail(token); return true; }, 'emailChanged');
}

state.session = await signedIn();
const [account, passkeys, sessions] = await Promise.all([api.account(), api.passkeys(), api.sessions('')]);
Object.assign(state, { account, passkeys: passkeys.passkeys, sessions: sessions.sessions, cursor: sessions.next_cursor });
listen();
framed(state.session, draw);
document.title = `${word('account')} · Nexus`;
await confirmed();
