/** Where signing in leads to, and how a browser is named. */

import { describe, expect, it } from 'vitest';
import { browserName } from '../src/pages/account/browserName';
import { ownPath } from '../src/pages/sign-in/ownPath';

const HOME = 'https://console.example';

describe('ownPath', () => {
  it('keeps our own addresses whole', () => {
    expect(ownPath('/segments/new?tree={}#result', HOME)).toBe('/segments/new?tree={}#result');
  });
  it.each(['//evil.example/', 'https://evil.example/', '/\\evil.example', 'javascript:alert(1)', ''])('leads home instead of to %s', (wanted) => {
    expect(ownPath(wanted, HOME)).toBe('/');
  });
});

describe('browserName', () => {
  it('tells a browser by the name that only it has', () => {
    expect(browserName('Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0')).toBe('Edge · Windows');
    expect(browserName('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile Safari/604.1')).toBe('Safari · iPhone');
  });
  it('repeats the beginning of what it does not know', () => {
    expect(browserName('curl/8.5')).toBe('curl/8.5');
    expect(browserName('')).toBe('');
  });
});
