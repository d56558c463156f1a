/** An invitation: what it is to, and accepting it with the account one has or a new one. */

import { api, Problem } from './api.js';
import { byId } from './elements.js';
import { framed, say, sentence, signInFirst, tell } from './frame.js';
import { word } from './words.js';

// The token stays in this tab while its holder signs in, and never travels in an address.
const token = location.hash.slice(1) || sessionStorage.getItem('invitation') || '';
if (location.hash) {
  sessionStorage.setItem('invitation', token);
  history.replaceState(null, '', location.pathname);
}
const state = { invitation: null };
const BUTTONS = { accept: 'accept', sign_in: 'signInAndAccept', make_account: 'makeAccount', sign_out: 'signOutFirst' };

function draw() {
  const { invitation } = state;
  byId('go').hidden = !invitation;
  byId('home').hidden = Boolean(invitation);
  byId('account').hidden = invitation?.next !== 'make_account';
  for (const name of ['name', 'password']) byId('accept').elements[name].required = invitation?.next === 'make_account';
  if (!invitation) return;
  byId('email').value = invitation.email;
  byId('what').textContent = sentence('invitedTo', { shop: invitation.tenant_name, role: word(invitation.role), email: invitation.email });
  byId('go').textContent = word(BUTTONS[invitation.next]);
}

async function open() {
  if (!token) return say(byId('problem'), word('noToken'));
  try {
    state.invitation = await api.openInvitation(token);
  } catch (error) {
    state.invitation = null;
    if (error instanceof Problem) sessionStorage.removeItem('invitation');
    tell(error);
  }
  draw();
}

async function accept() {
  const fields = new FormData(byId('accept'));
  const account = state.invitation.next === 'make_account' ? { name: fields.get('name'), password: fields.get('password') } : {};
  const accepted = await api.acceptInvitation({ token, ...account });
  sessionStorage.removeItem('invitation');
  if (accepted.made_account) await api.signIn(state.invitation.email, account.password);
  await api.chooseTenant(accepted.tenant_id);
  location.assign('/');
}

byId('accept').addEventListener('submit', async (event) => {
  event.preventDefault();
  say(byId('problem'));
  try {
    if (state.invitation.next === 'sign_in') return signInFirst();
    if (state.invitation.next === 'sign_out') {
      await api.signOut();
      return await open();
    }
    await accept();
  } catch (error) {
    tell(error);
  }
});

framed(null, draw);
await open();
