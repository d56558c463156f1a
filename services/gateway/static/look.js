/** The first look at a shop: today's numbers, days, what happens now, and the people behind it. */

import { api, Problem } from './api.js';
import { chart } from './chart.js';
import { byId, element } from './elements.js';
import { watchFeed } from './feed.js';
import { banner, places } from './frame.js';
import { closePerson, showPeople, morePeople } from './people.js';
import { currentLanguage, dayText, money, number, switchLanguage, timeText, word } from './words.js';

const REFRESH_MILLISECONDS = 5000;
const METRICS = ['visitors', 'members', 'orders', 'revenue'];

const state = { session: null, tenant: null, overview: null, intake: null, metric: 'visitors', turn: 0, stopFeed: () => {}, timer: 0 };

function say(place, text) {
  place.textContent = text ?? '';
  place.hidden = !text;
}

function translate() {
  document.documentElement.lang = currentLanguage();
  for (const place of document.querySelectorAll('[data-text]')) place.textContent = word(place.dataset.text);
  for (const place of document.querySelectorAll('[data-label]')) {
    place.setAttribute('aria-label', word(place.dataset.label));
    place.title = word(place.dataset.label);
  }
  for (const place of document.querySelectorAll('[data-placeholder]')) place.placeholder = word(place.dataset.placeholder);
  byId('language').textContent = currentLanguage() === 'en' ? '中文' : 'English';
}

function metricText(metric) {
  return (value, compact = false) =>
    metric === 'revenue' ? money(value, state.overview.currency, compact) : number(Math.round(value));
}

function figure(metric) {
  const { days, total } = state.overview;
  const today = days.at(-1)?.[metric] ?? 0;
  const text = metricText(metric);
  const choose = () => { state.metric = metric; drawOverview(); };
  return element('button', { type: 'button', class: 'card figure', 'aria-pressed': String(state.metric === metric), click: choose },
    element('span', { class: 'name' }, `${word('today')} · ${word(metric)}`),
    element('strong', {}, text(today)),
    element('span', { class: 'hint' }, `${word('last30')} ${text(total[metric])}`));
}

function drawOverview() {
  const { overview, tenant } = state;
  byId('shop-name').replaceChildren(tenant.name, ...(tenant.demo ? [element('small', { class: 'tag' }, word('demo'))] : []));
  byId('as-of').textContent = `${word('asOf')} ${timeText(overview.as_of, overview.time_zone)} · ${word('zone')} ${overview.time_zone}`;
  byId('figures').setAttribute('aria-label', word('today'));
  byId('figures').replaceChildren(...METRICS.map(figure));
  byId('metrics').replaceChildren(...METRICS.map((metric) => element('button', {
    type: 'button', 'aria-pressed': String(metric === state.metric), click: () => { state.metric = metric; drawOverview(); },
  }, word(metric))));
  const days = overview.days.map((day) => ({ on: day.on, value: Number(day[state.metric]) }));
  byId('chart').replaceChildren(chart(days, metricText(state.metric), word(state.metric)));
  byId('table').replaceChildren(table(overview.days));
}

function table(days) {
  const head = element('tr', {}, element('th', {}, word('day')), ...METRICS.map((metric) => element('th', {}, word(metric))));
  const rows = days.toReversed().map((day) => element('tr', {},
    element('th', { scope: 'row' }, dayText(day.on)),
    ...METRICS.map((metric) => element('td', {}, metricText(metric)(day[metric])))));
  return element('table', {}, element('thead', {}, head), element('tbody', {}, ...rows));
}

function drawIntake() {
  const names = ['received', 'counted', 'duplicates', 'bad', 'suppressed'];
  byId('intake').replaceChildren(...names.map((name) => element('div', { class: state.intake[name] > 0 ? name : '' },
    element('dt', {}, word(name)), element('dd', {}, number(state.intake[name])))));
  byId('reasons').replaceChildren(...state.intake.bad_by_reason.slice(0, 5).map((one) => element('li', {},
    element('code', {}, one.reason), element('span', {}, number(one.rows)))));
}

async function refresh() {
  clearTimeout(state.timer);
  const asked = state.tenant.id;
  try {
    const [overview, intake] = await Promise.all([api.overview(), api.intake()]);
    if (asked !== state.tenant?.id) return;
    const moved = state.overview?.position !== overview.position;
    const first = state.overview === null;
    Object.assign(state, { overview, intake });
    if (moved || first) {
      drawOverview();
      if (!byId('q').value && window.scrollY < 200) await showPeople(personContext());
    }
    // Bad rows grow without any position moving.
    drawIntake();
    say(byId('problem'));
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return leave();
    say(byId('problem'), error instanceof Problem ? error.message : word('unreachable'));
  }
  state.timer = setTimeout(() => { if (!document.hidden) refresh(); else state.timer = setTimeout(refresh, REFRESH_MILLISECONDS); }, REFRESH_MILLISECONDS);
}

function personContext() {
  return { timeZone: state.tenant.time_zone };
}

async function showTenant() {
  state.stopFeed();
  state.overview = state.intake = null;
  closePerson();
  const turn = state.turn += 1;
  const tenant = await api.tenant();
  // Another one was chosen meanwhile.
  if (turn !== state.turn) return;
  state.tenant = tenant;
  // An answer about the one before may have come meanwhile.
  state.overview = state.intake = null;
  state.stopFeed = watchFeed(personContext());
  await Promise.all([refresh(), showPeople(personContext())]);
}

/** Nobody is signed in, or not any more. */
function leave() {
  clearTimeout(state.timer);
  state.stopFeed();
  location.assign('/sign-in');
}

async function enter() {
  try {
    state.session = await api.session();
  } catch {
    return leave();
  }
  drawFrame();
  if (!state.session.tenants.length) return location.assign('/operator');
  byId('look').hidden = byId('tenant-box').hidden = byId('account').hidden = byId('sign-out').hidden = false;
  byId('tenant').replaceChildren(...state.session.tenants.map((tenant) => element('option', {
    value: tenant.id, selected: tenant.id === state.session.tenant_id,
  }, tenant.name)));
  await showTenant();
}

/** Places to go, and in whose name one acts. */
function drawFrame() {
  for (const old of document.querySelectorAll('.places, .acting')) old.remove();
  if (!state.session) return;
  document.querySelector('.bar .grow').before(places(state.session));
  const acting = banner(state.session);
  if (acting) document.querySelector('.bar').after(acting);
}

function listen() {
  byId('sign-out').addEventListener('click', async () => { await api.signOut().catch(() => {}); leave(); });
  byId('tenant').addEventListener('change', async (event) => { await api.chooseTenant(event.target.value); await showTenant(); });
  byId('language').addEventListener('click', () => {
    switchLanguage();
    translate();
    drawFrame();
    if (state.overview) { drawOverview(); drawIntake(); showPeople(personContext()); }
  });
  byId('theme').addEventListener('click', () => setTheme(isDark() ? 'light' : 'dark'));
  byId('more').addEventListener('click', () => morePeople(personContext()));
  let waiting = 0;
  const search = () => { clearTimeout(waiting); waiting = setTimeout(() => showPeople(personContext()), 200); };
  byId('q').addEventListener('input', search);
  byId('kind').addEventListener('change', search);
  byId('search').addEventListener('submit', (event) => { event.preventDefault(); search(); });
}

function isDark() {
  return (localStorage.getItem('theme') ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
}

function setTheme(theme) {
  localStorage.setItem('theme', theme);
  document.documentElement.dataset.theme = theme;
}

if (localStorage.getItem('theme')) setTheme(localStorage.getItem('theme'));
translate();
listen();
await enter();
