/** The lines that a shop pastes. */

import { expect, test } from 'vitest';
import { codeOf, isWebsiteKey } from '../src/pages/install/codes';

const ABOUT = { stub: '(()=>{})();', floating: '/nx/v1.js', pinned: '/nx/1.0.0-ab.js', integrity: 'sha384-x' };
const WISHES = { key: 'pk_live_1', host: 'https://data.example', consent: false, pinned: false };

test('the snippet names the host, the key, and waits for consent when asked to', () => {
  expect(codeOf('web', ABOUT, WISHES)).toBe('<script>(()=>{})();</script>\n<script async src="https://data.example/nx/v1.js" data-key="pk_live_1"></script>');
  expect(codeOf('gtm', ABOUT, { ...WISHES, consent: true })).toContain('data-key="pk_live_1" data-consent="pending"></script>');
});

test('a pinned file is checked by the browser', () => {
  expect(codeOf('web', ABOUT, { ...WISHES, pinned: true })).toContain('src="https://data.example/nx/1.0.0-ab.js" integrity="sha384-x" crossorigin="anonymous"');
});

test('only a whole website key is one; a secret key never goes into a page', () => {
  const letters = 'a1B2'.repeat(8);
  expect([`pk_live_${letters}`, `sk_live_${letters}`, 'pk_live_', `pk_live_${letters}x`].map(isWebsiteKey)).toEqual([true, false, false, false]);
  expect(codeOf('server', ABOUT, { ...WISHES, key: `pk_live_${letters}` })).not.toContain(letters);
});
