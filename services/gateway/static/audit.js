/** The audit log: who did what, and the proof that nobody changed it. */

import { api } from './api.js';
import { byId, element } from './elements.js';
import { framed, leads, say, sentence, signedIn, tell } from './frame.js';
import { number, timeText, word } from './words.js';

const GROUPS = ['bad_row.', 'bad_rows.', 'consent.', 'erasure.', 'export.', 'grant.', 'impersonation.', 'import.', 'invitation.', 'job.', 'key.', 'profile.', 'rules.', 'session.', 'teammate.', 'tenant.'];
const KINDS = { operator: 'operatorWord', key: 'keyWord', partner: 'partnerWord', system: 'systemWord', installation: 'installationWord' };

const state = { session: null, entries: [], cursor: null, names: new Map(), verdict: null };

function chosen() {
  const fields = Object.fromEntries(new FormData(byId('filter')));
  const day = (text, later) => (text ? new Date(new Date(`${text}T00:00`).getTime() + later * 86_400_000).toISOString() : '');
  const wanted = { action: fields.action, actor: fields.actor.trim(), from: day(fields.from, 0), to: day(fields.to, 1) };
  return Object.fromEntries(Object.entries(wanted).filter(([, value]) => value));
}

function actorText(actor) {
  const [kind, id = ''] = actor.split(':');
  if (state.names.has(id)) return kind === 'operator' ? `${word('operatorWord')} ${state.names.get(id)}` : state.names.get(id);
  return KINDS[kind] ? `${word(KINDS[kind])} ${id.slice(0, 8)}` : actor;
}

function line(entry) {
  const facts = [
    `#${entry.number}  ${entry.action}`, `${word('actor')}: ${entry.actor}`, `${entry.subject}`, `${word('address')}: ${entry.address}`,
    `${word('before')}: ${JSON.stringify(entry.before, null, 1)}`, `${word('after')}: ${JSON.stringify(entry.after, null, 1)}`, `${word('hash')}: ${entry.hash}`,
  ];
  return element('li', {}, element('details', {},
    element('summary', {},
      element('time', { datetime: entry.at }, timeText(entry.at, undefined)),
      element('span', {}, actorText(entry.actor)),
      element('code', {}, entry.action)),
    element('pre', {}, facts.join('\n'))));
}

function draw() {
  byId('page').hidden = false;
  byId('shop-name').textContent = state.session.tenants.find((tenant) => tenant.id === state.session.tenant_id)?.name ?? '';
  const kept = byId('actions').value;
  byId('actions').replaceChildren(element('option', { value: '' }, word('everything')),
    ...GROUPS.map((group) => element('option', { value: group, selected: group === kept }, group.slice(0, -1))));
  byId('entries').replaceChildren(...state.entries.map(line));
  byId('no-entries').hidden = state.entries.length > 0;
  byId('more').hidden = !state.cursor;
  byId('csv').href = `/v1/audit.csv?${new URLSearchParams(chosen())}`;
  drawVerdict();
}

function drawVerdict() {
  const { verdict } = state;
  byId('verdict').classList.toggle('broken', verdict?.state === 'broken');
  if (!verdict) return say(byId('verdict'));
  const facts = { n: number(verdict.state === 'broken' ? verdict.broken_at : verdict.checked), head: verdict.head.slice(0, 16), why: word(verdict.why ?? '') };
  say(byId('verdict'), sentence({ intact: 'intact', broken: 'broken', unfinished: 'verifying' }[verdict.state], facts));
}

async function verify() {
  let cursor = '';
  try {
    do {
      state.verdict = await api.verifyAudit(cursor);
      cursor = state.verdict.next_cursor;
      drawVerdict();
    } while (cursor);
  } catch (error) {
    tell(error);
  }
}

async function load(cursor = '') {
  const page = await api.audit({ ...chosen(), cursor, limit: '50' });
  state.entries = cursor ? [...state.entries, ...page.entries] : page.entries;
  state.cursor = page.next_cursor;
  draw();
}

state.session = await signedIn();
byId('filter').addEventListener('submit', (event) => { event.preventDefault(); say(byId('problem')); load().catch(tell); });
byId('filter').addEventListener('change', () => { byId('csv').href = `/v1/audit.csv?${new URLSearchParams(chosen())}`; });
byId('more').addEventListener('click', () => load(state.cursor).catch(tell));
byId('verify').addEventListener('click', verify);
framed(state.session, draw);
if (leads(state.session)) {
  try {
    const team = await api.teammates('');
    state.names = new Map(team.teammates.map((member) => [member.id, member.name]));
    await load();
  } catch (error) {
    tell(error);
  }
} else {
  say(byId('problem'), word('notAllowedHere'));
}
