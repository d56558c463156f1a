/** The list of people, and one of them: identifiers, traits, totals and everything they did. */

import { api } from './api.js';
import { byId, element } from './elements.js';
import { joined } from './joined.js';
import { counted, eventWord, money, number, timeText, word } from './words.js';

let cursor = '';
let asked = 0;

export async function showPeople(context) {
  const turn = ++asked;
  const answer = await api.profiles(byId('q').value, byId('kind').value, '').catch(() => null);
  if (answer === null || turn !== asked) return;
  byId('people').replaceChildren(...answer.profiles.map((profile) => card(profile, context)));
  byId('people-empty').hidden = answer.profiles.length > 0;
  turnPage(answer);
}

export async function morePeople(context) {
  const answer = await api.profiles(byId('q').value, byId('kind').value, cursor);
  byId('people').append(...answer.profiles.map((profile) => card(profile, context)));
  turnPage(answer);
}

function turnPage(answer) {
  cursor = answer.next_cursor ?? '';
  byId('more').hidden = answer.next_cursor === null;
}

/** A name to show: from traits, else the highest identifier, shortened. */
function nameOf(profile) {
  const trait = profile.traits.find((one) => one.name === 'name' && typeof one.value === 'string');
  const text = trait?.value || profile.identifiers[0]?.value || `#${profile.id}`;
  return text.length > 28 ? `${text.slice(0, 12)}…${text.slice(-6)}` : text;
}

function badge(profile) {
  return element('small', { class: profile.member ? 'tag member' : 'tag' }, word(profile.member ? 'member' : 'visitor'));
}

function card(profile, context) {
  const { totals } = profile;
  const facts = [counted(totals.events, 'eventCount')];
  if (totals.orders > 0) facts.push(counted(totals.orders, 'orderCount'), money(totals.revenue.amount, totals.revenue.currency));
  return element('li', {},
    element('button', { type: 'button', click: () => showPerson(profile.id, context) },
      element('span', { class: profile.member ? 'face member' : 'face', 'aria-hidden': 'true' }, [...nameOf(profile)][0].toUpperCase()),
      element('span', { class: 'about' },
        element('strong', {}, nameOf(profile)), element('span', { class: 'hint' }, facts.join(' · '))),
      badge(profile)));
}

export function closePerson() {
  byId('person').close();
}

export async function showPerson(id, context) {
  const dialog = byId('person');
  byId('person-close').onclick = closePerson;
  dialog.onclick = (event) => { if (event.target === dialog) closePerson(); };
  byId('person-name').textContent = `#${id}`;
  byId('person-body').replaceChildren(element('div', { class: 'skeleton' }));
  if (!dialog.open) dialog.showModal();
  try {
    draw(await api.profile(id), context);
  } catch (error) {
    byId('person-body').replaceChildren(element('p', { class: 'problem' }, error.message));
  }
}

function draw(answer, context) {
  const { profile } = answer;
  const { totals } = profile;
  byId('person-name').replaceChildren(nameOf(profile), ' ', badge(profile));
  const facts = [
    [word('events'), number(totals.events)],
    [word('orders'), number(totals.orders)],
    [word('revenue'), money(totals.revenue.amount, totals.revenue.currency)],
    [word('lastSeen'), timeText(totals.last_seen_at, context.timeZone)],
  ];
  byId('person-body').replaceChildren(
    pairs('facts', facts),
    element('h3', {}, word('identifiers')),
    pairs('pairs', profile.identifiers.map((one) => [word(one.kind) ?? one.kind, one.value])),
    element('h3', {}, word('howJoined')),
    joined(profile.id, context, (nid) => showPerson(nid, context)),
    element('h3', {}, word('traits')),
    profile.traits.length > 0
      ? pairs('pairs', profile.traits.map((one) => [one.name, typeof one.value === 'string' ? one.value : JSON.stringify(one.value)]))
      : element('p', { class: 'hint' }, word('noTraits')),
    element('h3', {}, word('timeline')),
    timeline(profile.id, answer, context),
  );
}

function pairs(kind, entries) {
  return element('dl', { class: kind }, ...entries.map(([name, value]) =>
    element('div', {}, element('dt', {}, name), element('dd', {}, value))));
}

function timeline(id, page, context) {
  const list = element('ol', { class: 'timeline' }, ...page.events.map((event) => moment(event, context)));
  const more = element('button', { type: 'button', class: 'quiet more' }, word('more'));
  let next = page.next_cursor;
  more.hidden = next === null;
  more.addEventListener('click', async () => {
    const following = await api.profileEvents(id, next);
    next = following.next_cursor;
    more.hidden = next === null;
    list.append(...following.events.map((event) => moment(event, context)));
  });
  return element('div', {}, list, more);
}

function moment(event, context) {
  const properties = event.payload?.properties ?? event.payload?.traits ?? {};
  const told = properties.name ?? properties.title ?? properties.path ?? properties.order_id ?? properties.product_id;
  return element('li', {},
    element('details', {},
      element('summary', {},
        element('i', { class: `dot ${event.kind}` }),
        element('span', { class: 'what' }, eventWord(event.kind, event.name)),
        element('span', { class: 'hint' }, typeof told === 'string' || typeof told === 'number' ? String(told) : ''),
        element('time', {}, timeText(event.occurred_at, context.timeZone))),
      element('pre', { 'aria-label': word('sent') }, JSON.stringify(event.payload, null, 2))));
}
