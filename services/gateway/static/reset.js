/** A new password by the link of a letter. */

import { api, Problem } from './api.js';
import { byId } from './elements.js';
import { framed, say } from './frame.js';
import './sign-in-words.js';
import { word } from './words.js';

// Taken out of the address at once: it must not stay in the history.
const token = location.hash.slice(1);
history.replaceState(null, '', location.pathname);
let problem = token ? '' : 'linkNeeded';

function draw() {
  say(byId('problem'), problem && (word(problem) ?? problem));
  byId('reset').elements.password.disabled = !token;
  byId('reset').querySelector('[type=submit]').disabled = !token;
}

byId('reset').addEventListener('submit', async (event) => {
  event.preventDefault();
  try {
    await api.resetPassword(token, new FormData(event.target).get('password'));
    location.replace('/sign-in#password-set=1');
  } catch (error) {
    if (!(error instanceof Problem) && !(error instanceof TypeError)) throw error;
    problem = error instanceof Problem ? (word(error.code) ? error.code : error.message) : 'unreachable';
    draw();
  }
});

framed(null, draw);
