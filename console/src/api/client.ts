/** The gateway's open API with types generated from its own document; a failure is thrown as a Problem. */

import createClient from 'openapi-fetch';
import { type Fault, Problem } from './problem';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];

const TENANT = 'tenant';

/** The tenant of this tab, so that two tabs may look at two shops. */
export function chosenTenant(): string | null {
  return sessionStorage.getItem(TENANT);
}

export function rememberTenant(id: string | null): void {
  if (id === null) sessionStorage.removeItem(TENANT);
  else sessionStorage.setItem(TENANT, id);
}

export function tenantHeader(): Record<string, string> {
  const chosen = chosenTenant();
  return chosen ? { 'x-tenant': chosen } : {};
}

// Somebody is here, but what they showed was wrong: no reason to lead them away.
const WRONG_PROOFS = ['SIGN_IN_FAILED', 'CODE_NOT_VALID', 'PASSKEY_NOT_VALID'];

/** The browser comes back here after signing in. */
export function signInFirst(): void {
  sessionStorage.setItem('next', location.pathname + location.search + location.hash);
  location.assign('/sign-in');
}

export const api = createClient<paths>({ baseUrl: location.origin });

api.use({
  onRequest({ request }) {
    for (const [name, value] of Object.entries(tenantHeader())) request.headers.set(name, value);
    return request;
  },
});

interface Answered<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The answer of a call; without a session the browser goes to sign in. */
export async function answer<T>(call: Promise<Answered<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (response.ok) return data as T;
  const told = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>;
  if (response.status === 401 && !WRONG_PROOFS.includes(String(told['code']))) signInFirst();
  throw new Problem(
    response.status,
    String(told['code'] ?? `HTTP_${response.status}`),
    String(told['detail'] ?? response.statusText),
    (told['errors'] as Fault[] | undefined) ?? [],
    String(told['request_id'] ?? response.headers.get('x-request-id') ?? ''),
  );
}
