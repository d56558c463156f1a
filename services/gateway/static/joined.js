/** How somebody was joined: each link with its event, refused and withdrawn ones, and taking one back. */

import { api } from './api.js';
import { element } from './elements.js';
import { timeText, word } from './words.js';

const MAY_CHANGE = ['owner', 'admin', 'marketer'];

/** The section of a profile; `changed` is called when people were parted or joined again. */
export function joined(id, context, changed) {
  const list = element('ul', { class: 'joined' });
  const more = element('button', { type: 'button', class: 'quiet more', hidden: '' }, word('more'));
  let next = '';
  async function load() {
    const [answer, may] = await Promise.all([api.links(id, next), mayChange()]);
    list.append(...answer.links.map((link) => row(id, link, context, may ? changed : null)));
    next = answer.next_cursor ?? '';
    more.hidden = next === '';
    if (!list.children.length) list.append(element('li', { class: 'hint' }, word('notJoined')));
  }
  more.addEventListener('click', load);
  load().catch((error) => list.replaceChildren(element('li', { class: 'problem' }, error.message)));
  return element('div', {}, list, more);
}

async function mayChange() {
  const session = await api.session();
  const tenant = session.tenants.find((one) => one.id === session.tenant_id);
  return tenant !== undefined && MAY_CHANGE.includes(tenant.role);
}

function row(id, link, context, changed) {
  const why = { refused: word(link.refused_reason) ?? link.refused_reason, withdrawn: link.withdrawn_by }[link.state];
  const line = element('li', {},
    element('span', {}, `${link.a.value} – ${link.b.value} `),
    element('small', { class: link.state === 'joining' ? 'tag member' : 'tag' }, word(link.state)),
    element('span', { class: 'hint' },
      [why, link.message_id, timeText(link.occurred_at, context.timeZone)].filter(Boolean).join(' · ')));
  if (changed !== null) line.append(change(id, link, changed));
  return line;
}

function change(id, link, changed) {
  const restores = link.state === 'withdrawn';
  const button = element('button', { type: 'button', class: 'quiet' }, word(restores ? 'restore' : 'unlink'));
  button.addEventListener('click', async () => {
    if (!restores && !window.confirm(word('unlinkSure'))) return;
    button.disabled = true;
    try {
      await (restores ? api.restoreLink : api.unlink)(id, link.a.nid, link.b.nid);
      changed(link.a.nid);
    } catch (error) {
      button.disabled = false;
      button.replaceWith(element('span', { class: 'problem' }, error.message));
    }
  });
  return button;
}
