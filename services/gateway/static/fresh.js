/** Asks again who one is, when the gateway wants to know before something that opens an account. */

import { api, Problem } from './api.js';
import { element } from './elements.js';
import { say } from './frame.js';
import { passkeysWork, usePasskey } from './passkeys.js';
import { word } from './words.js';

/** Run `act`; when it needs a fresh sign-in, ask for one and run it again. `account` says what can be asked for. */
export async function freshly(account, act) {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'FRESH_SIGN_IN_NEEDED') throw error;
  }
  return (await shown(account)) ? act() : undefined;
}

/** Whether the owner has shown it; false when they gave up. */
function shown(account) {
  return new Promise((resolve) => {
    const problem = element('p', { class: 'problem', role: 'alert', hidden: true });
    const close = (answer) => { box.close(); box.remove(); resolve(answer); };
    const attempt = async (fields) => {
      try {
        await api.renewSession(await fields());
        close(true);
      } catch (error) {
        if (!(error instanceof Problem || error instanceof DOMException || error instanceof TypeError)) throw error;
        say(problem, error instanceof Problem ? word(error.code) ?? error.message : word('passkeyFailed'));
      }
    };
    const submit = (event) => {
      event.preventDefault();
      const fields = new FormData(event.target);
      attempt(async () => ({ password: fields.get('password'), code: fields.get('code') ?? '' }));
    };
    const form = element('form', { class: 'sign-in', submit },
      element('label', {}, element('span', {}, word('password')), element('input', { name: 'password', type: 'password', autocomplete: 'current-password', required: true, autofocus: true })),
      ...(account.has_authenticator ? [element('label', {}, element('span', {}, word('code')), element('input', { name: 'code', autocomplete: 'one-time-code', maxlength: 40, required: true }))] : []),
      element('button', { type: 'submit', class: 'main' }, word('confirm')));
    const box = element('dialog', { class: 'ask', cancel: () => close(false) },
      element('h2', {}, word('freshTitle')), element('p', { class: 'hint' }, word('freshHint')), problem,
      ...(account.has_password ? [form] : []),
      element('div', { class: 'actions' },
        ...(account.passkeys && passkeysWork() ? [element('button', { type: 'button', class: 'other', click: () => attempt(usePasskey) }, word('usePasskey'))] : []),
        element('button', { type: 'button', class: 'quiet', click: () => close(false) }, word('cancel'))));
    document.body.append(box);
    box.showModal();
  });
}
