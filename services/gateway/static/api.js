/** Calls to the gateway's own API; a failure is an error with the problem's code and words. */

export class Problem extends Error {
  constructor(status, code, detail) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

async function call(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Problem(response.status, answer.code ?? '', answer.detail ?? response.statusText);
  return answer;
}

export const api = {
  session: () => call('GET', '/v1/session'),
  signIn: (email, password) => call('POST', '/v1/session', { email, password }),
  signOut: () => call('DELETE', '/v1/session'),
  chooseTenant: (tenantId) => call('PUT', '/v1/session/tenant', { tenant_id: tenantId }),
  tenant: () => call('GET', '/v1/tenant'),
  overview: () => call('GET', '/v1/reports/overview'),
  intake: () => call('GET', '/v1/reports/intake'),
  profiles: (q, kind, cursor) =>
    call('GET', `/v1/profiles?${new URLSearchParams({ q, kind, cursor, limit: '12' })}`),
  profile: (id) => call('GET', `/v1/profiles/${id}?limit=50`),
  profileEvents: (id, cursor) =>
    call('GET', `/v1/profiles/${id}/events?${new URLSearchParams({ cursor, limit: '50' })}`),
};
