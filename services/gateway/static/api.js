/** Calls to the gateway's own API; a failure is an error with the problem's code and words. */

export class Problem extends Error {
  constructor(status, code, detail) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

/** The tenant of this tab, so that two tabs may look at two shops. */
export function tenantHeader() {
  const chosen = sessionStorage.getItem('tenant');
  return chosen ? { 'x-tenant': chosen } : {};
}

async function call(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: { ...tenantHeader(), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Problem(response.status, answer.code ?? '', answer.detail ?? response.statusText);
  return answer;
}

/** Who is signed in, with the tenant of this tab; one that they lost is forgotten. */
async function session() {
  const found = await call('GET', '/v1/session');
  const chosen = sessionStorage.getItem('tenant');
  if (found.tenants.some((tenant) => tenant.id === chosen)) found.tenant_id = chosen;
  else sessionStorage.removeItem('tenant');
  return found;
}

async function chooseTenant(tenantId) {
  sessionStorage.setItem('tenant', tenantId);
  // What a new tab opens with.
  return call('PUT', '/v1/session/tenant', { tenant_id: tenantId });
}

export const api = {
  session,
  signIn: (email, password) => call('POST', '/v1/session', { email, password }),
  signOut: () => call('DELETE', '/v1/session'),
  signInWithCode: (ticket, code) => call('POST', '/v1/session/second-factor', { ticket, code }),
  challengePasskey: () => call('POST', '/v1/session/passkey-challenge'),
  signInWithPasskey: (answer) => call('POST', '/v1/session/passkey', answer),
  beginSso: (fields) => call('POST', '/v1/session/single-sign-on', fields),
  renewSession: (fields) => call('POST', '/v1/session/renewal', fields),
  askReset: (email) => call('POST', '/v1/password-resets', { email }),
  resetPassword: (token, password) => call('POST', '/v1/password-resets/completion', { token, password }),
  account: () => call('GET', '/v1/account'),
  changeAccount: (fields) => call('PATCH', '/v1/account', fields),
  changePassword: (fields) => call('PUT', '/v1/account/password', fields),
  askEmail: (email) => call('POST', '/v1/account/email', { email }),
  confirmEmail: (token) => call('POST', '/v1/account/email/confirmation', { token }),
  beginAuthenticator: () => call('POST', '/v1/account/authenticator'),
  confirmAuthenticator: (code) => call('POST', '/v1/account/authenticator/confirmation', { code }),
  removeAuthenticator: () => call('DELETE', '/v1/account/authenticator'),
  makeRecoveryCodes: () => call('POST', '/v1/account/recovery-codes'),
  passkeys: () => call('GET', '/v1/account/passkeys'),
  challengeNewPasskey: () => call('POST', '/v1/account/passkey-challenge'),
  addPasskey: (fields) => call('POST', '/v1/account/passkeys', fields),
  renamePasskey: (id, name) => call('PATCH', `/v1/account/passkeys/${id}`, { name }),
  removePasskey: (id) => call('DELETE', `/v1/account/passkeys/${id}`),
  sessions: (cursor) => call('GET', `/v1/account/sessions?${new URLSearchParams({ cursor })}`),
  endSession: (id) => call('DELETE', `/v1/account/sessions/${id}`),
  endSessions: () => call('DELETE', '/v1/account/sessions'),
  chooseTenant,
  openInvitation: (token) => call('POST', '/v1/invitation/opening', { token }),
  acceptInvitation: (fields) => call('POST', '/v1/invitation/acceptance', fields),
  tenants: (q, cursor) => call('GET', `/v1/operator/tenants?${new URLSearchParams({ q, cursor })}`),
  startActing: (fields) => call('POST', '/v1/operator/impersonations', fields),
  stopActing: (id) => call('DELETE', `/v1/operator/impersonations/${id}`),
};
