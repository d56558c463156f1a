/** The operator's page: all tenants, what they used, and acting in one with a reason. */

import { api, Problem } from './api.js';
import { byId, element } from './elements.js';
import { framed, say, sentence, signedIn, tell } from './frame.js';
import { number, timeText, word } from './words.js';

const ROLES = ['viewer', 'analyst', 'marketer', 'admin'];

const state = { session: null, tenants: [], cursor: null, chosen: null };

function line(tenant) {
  const act = () => {
    state.chosen = tenant;
    byId('act-title').textContent = sentence('actIn', { shop: tenant.name });
    say(byId('act-problem'));
    byId('act').showModal();
  };
  return element('tr', {},
    element('td', {}, element('strong', {}, tenant.name), ' ', ...(tenant.demo ? [element('span', { class: 'tag' }, word('demo'))] : [])),
    element('td', {}, number(tenant.used.events)),
    element('td', {}, number(tenant.used.calls)),
    element('td', {}, timeText(tenant.created_at, undefined)),
    element('td', {}, element('button', { type: 'button', class: 'quiet', click: act }, word('act'))));
}

function draw() {
  byId('page').hidden = false;
  const head = element('tr', {}, ...['tenant', 'events30', 'calls30', 'made', 'act'].map((name) => element('th', { scope: 'col' }, word(name))));
  byId('tenants').replaceChildren(element('thead', {}, head), element('tbody', {}, ...state.tenants.map(line)));
  byId('no-tenants').hidden = state.tenants.length > 0;
  byId('more').hidden = !state.cursor;
  const kept = byId('act-role').value || 'viewer';
  byId('act-role').replaceChildren(...ROLES.map((role) => element('option', { value: role, selected: role === kept }, word(role))));
}

async function load(cursor = '') {
  try {
    const page = await api.tenants(byId('q').value.trim(), cursor);
    state.tenants = cursor ? [...state.tenants, ...page.tenants] : page.tenants;
    state.cursor = page.next_cursor;
    draw();
  } catch (error) {
    if (error instanceof Problem && error.status === 403) say(byId('problem'), word('notOperator'));
    else tell(error);
  }
}

byId('act-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const fields = Object.fromEntries(new FormData(event.target));
  try {
    await api.startActing({ tenant_id: state.chosen.id, reason: fields.reason, role: fields.role, minutes: Number(fields.minutes) });
    location.assign('/team');
  } catch (error) {
    tell(error, byId('act-problem'));
  }
});
byId('act-cancel').addEventListener('click', () => byId('act').close());
let waiting = 0;
byId('q').addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(load, 200); });
byId('search').addEventListener('submit', (event) => { event.preventDefault(); load(); });
byId('more').addEventListener('click', () => load(state.cursor));

state.session = await signedIn();
framed(state.session, draw);
await load();
