/** The team: who is in, who is invited, and which operator acts here. */

import { api } from './api.js';
import { byId, element } from './elements.js';
import { ask, framed, leads, roleOf, say, sentence, signedIn, tell } from './frame.js';
import { timeText, word } from './words.js';

const ROLES = ['owner', 'admin', 'marketer', 'analyst', 'viewer'];

const state = { session: null, members: [], membersCursor: null, invitations: [], invitationsCursor: null, acting: [] };

function mayGive(role) {
  return roleOf(state.session) === 'owner' || (leads(state.session) && role !== 'owner');
}

/** Run something that changes the team, then show the team as it is. */
async function change(act, done) {
  say(byId('problem'));
  say(byId('done'));
  try {
    await act();
    say(byId('done'), word(done));
  } catch (error) {
    tell(error);
  }
  await load();
}

function roleControl(member) {
  const mine = mayGive(member.role) && !state.session.acting;
  if (!mine) return element('span', { class: 'tag' }, word(member.role));
  const choose = async (event) => {
    const role = event.target.value;
    const sure = await ask(sentence('ownerAsk', { name: member.name, role: word(role) }), word('role'));
    if (sure) await change(() => api.changeRole(member.id, role), 'saved');
    else draw();
  };
  return element('select', { 'aria-label': `${word('role')}: ${member.name}`, change: choose },
    ...ROLES.filter(mayGive).map((role) => element('option', { value: role, selected: role === member.role }, word(role))));
}

function leaveOrRemove(member) {
  if (state.session.acting) return undefined;
  if (member.id === state.session.teammate_id) {
    const leave = async () => {
      if (!(await ask(word('leaveAsk'), word('leave')))) return;
      try {
        await api.leaveTenant();
        location.assign('/');
      } catch (error) {
        tell(error);
      }
    };
    return element('button', { type: 'button', class: 'quiet danger', click: leave }, word('leave'));
  }
  if (!mayGive(member.role)) return undefined;
  const remove = async () => {
    if (await ask(sentence('removeAsk', { name: member.name }), word('remove'))) await change(() => api.removeTeammate(member.id), 'removed');
  };
  return element('button', { type: 'button', class: 'quiet danger', click: remove }, word('remove'));
}

function memberLine(member) {
  const own = member.id === state.session.teammate_id ? [' ', element('span', { class: 'tag' }, word('you'))] : [];
  return element('li', {},
    element('span', { class: 'face member', 'aria-hidden': 'true' }, [...member.name][0] ?? '?'),
    element('span', { class: 'about' },
      element('strong', {}, member.name, ...own),
      element('span', { class: 'hint' }, member.email)),
    roleControl(member),
    leaveOrRemove(member));
}

function invitationLine(invitation) {
  const late = new Date(invitation.expires_at) < new Date();
  const until = `${word('validUntil')} ${timeText(invitation.expires_at, undefined)}`;
  const mine = mayGive(invitation.role) && !state.session.acting;
  const revoke = async () => {
    if (await ask(sentence('revokeAsk', { name: invitation.email }), word('revoke'))) await change(() => api.revokeInvitation(invitation.id), 'revoked');
  };
  return element('li', {},
    element('span', { class: 'about' },
      element('strong', {}, invitation.email),
      element('span', { class: 'hint' }, late ? word('expired') : until)),
    element('span', { class: late ? 'tag late' : 'tag' }, word(invitation.role)),
    ...(mine ? [
      element('button', { type: 'button', class: 'quiet', click: () => change(() => api.resendInvitation(invitation.id), 'invited') }, word('resend')),
      element('button', { type: 'button', class: 'quiet danger', click: revoke }, word('revoke')),
    ] : []));
}

function actingLine(acting) {
  const end = roleOf(state.session) === 'owner' && !state.session.acting;
  return element('li', {},
    element('span', { class: 'about' },
      element('strong', {}, acting.reason),
      element('span', { class: 'hint' }, `${word(acting.role)} · ${word('until')} ${timeText(acting.ends_at, undefined)}`)),
    ...(end ? [element('button', { type: 'button', class: 'quiet danger', click: () => change(() => api.endActing(acting.id), 'saved') }, word('endNow'))] : []));
}

function draw() {
  const { session } = state;
  byId('page').hidden = false;
  byId('shop-name').textContent = session.tenants.find((tenant) => tenant.id === session.tenant_id)?.name ?? '';
  byId('members').replaceChildren(...state.members.map(memberLine));
  byId('more-members').hidden = !state.membersCursor;
  byId('inviting').hidden = !leads(session);
  byId('invite').hidden = Boolean(session.acting);
  // Drawn anew when something arrives; what was chosen stays.
  const chosen = byId('invite-role').value;
  byId('invite-role').replaceChildren(...ROLES.filter(mayGive).toReversed().map((role) =>
    element('option', { value: role, selected: role === chosen }, word(role))));
  byId('invitations').replaceChildren(...state.invitations.map(invitationLine));
  byId('no-invitations').hidden = state.invitations.length > 0;
  byId('more-invitations').hidden = !state.invitationsCursor;
  byId('acting-here').hidden = state.acting.length === 0;
  byId('acting-list').replaceChildren(...state.acting.map(actingLine));
}

async function load() {
  const leading = leads(state.session);
  const [team, invitations, acting] = await Promise.all([
    api.teammates(''), leading ? api.invitations('') : { invitations: [], next_cursor: null }, leading ? api.impersonations() : { impersonations: [] },
  ]);
  Object.assign(state, {
    members: team.teammates, membersCursor: team.next_cursor, invitations: invitations.invitations, invitationsCursor: invitations.next_cursor,
    acting: acting.impersonations.filter((one) => !one.ended_at && new Date(one.ends_at) > new Date()),
  });
  draw();
}

function listen() {
  byId('invite').addEventListener('submit', async (event) => {
    event.preventDefault();
    const form = event.target;
    const fields = Object.fromEntries(new FormData(form));
    await change(async () => { await api.invite(fields); form.reset(); }, 'invited');
  });
  byId('more-members').addEventListener('click', async () => {
    const page = await api.teammates(state.membersCursor);
    state.members.push(...page.teammates);
    state.membersCursor = page.next_cursor;
    draw();
  });
  byId('more-invitations').addEventListener('click', async () => {
    const page = await api.invitations(state.invitationsCursor);
    state.invitations.push(...page.invitations);
    state.invitationsCursor = page.next_cursor;
    draw();
  });
}

state.session = await signedIn();
listen();
framed(state.session, draw);
await load().catch(tell);
