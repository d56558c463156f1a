/** Who is signed in, which shop this tab looks at, and how its numbers and times read. */

import { useQuery } from '@tanstack/react-query';
import { createContext, useContext, useMemo } from 'react';
import { answer, api, chosenTenant, rememberTenant, type Schemas } from '../api/client';
import { type Format, formatOf } from '../language/format';
import { type Language, useLanguage } from '../language/words';

export type Session = Schemas['SessionAnswer'];
export type Tenant = Schemas['TenantAnswer'];
export type Role = Schemas['TenantChoice']['role'];

export interface Here {
  session: Session;
  tenant: Tenant;
  role: Role;
  format: Format;
  language: Language;
}

export const HereContext = createContext<Here | null>(null);

/** Inside the shell only: it waits until these are known. */
export function useHere(): Here {
  const here = useContext(HereContext);
  if (here === null) throw new Error('there is no shell around this');
  return here;
}

export function useFormat(): Format {
  return useHere().format;
}

const WRITERS: readonly Role[] = ['owner', 'admin', 'marketer'];
const RUNNERS: readonly Role[] = ['owner', 'admin', 'marketer', 'analyst'];
const LEADERS: readonly Role[] = ['owner', 'admin'];

export const mayWrite = (role: Role): boolean => WRITERS.includes(role);
/** Who sees long work. */
export const mayRun = (role: Role): boolean => RUNNERS.includes(role);
export const mayLead = (role: Role): boolean => LEADERS.includes(role);

/** Of the platform, as themselves. */
export const operates = (session: Session): boolean => session.operator && !session.acting;

/** Owners and operators, as themselves: the gateway decides in any case. */
export const mayOpenShops = (session: Session): boolean =>
  !session.acting && session.only_tenant === null && (session.operator || session.tenants.some((tenant) => tenant.role === 'owner'));

async function loadSession(signal: AbortSignal): Promise<Session> {
  const found = await answer(api.GET('/v1/session', { signal }));
  const chosen = chosenTenant();
  if (found.tenants.some((tenant) => tenant.id === chosen)) return { ...found, tenant_id: chosen ?? found.tenant_id };
  // A shop that they lost, or none chosen in this tab.
  rememberTenant(null);
  return found;
}

export function useSession() {
  return useQuery({ queryKey: ['session'], queryFn: ({ signal }) => loadSession(signal), staleTime: 60_000 });
}

export function useTenant(session: Session | undefined) {
  return useQuery({
    queryKey: ['tenant', session?.tenant_id],
    queryFn: ({ signal }) => answer(api.GET('/v1/tenant', { signal })),
    enabled: session !== undefined && session.tenant_id !== '',
    staleTime: 60_000,
  });
}

/** Inside the shell only: who is signed in, also where no shop is known. */
export function useSignedIn(): Session {
  const session = useSession().data;
  if (session === undefined) throw new Error('there is no shell around this');
  return session;
}

/** The shop's, or the browser's own time zone for who belongs to none. */
export function useAnyFormat(): Format {
  const here = useContext(HereContext);
  const language = useLanguage();
  return useMemo(() => here?.format ?? formatOf(language, Intl.DateTimeFormat().resolvedOptions().timeZone, 'TWD'), [here, language]);
}

export function hereOf(session: Session, tenant: Tenant, language: Language): Here {
  const role = session.tenants.find((one) => one.id === session.tenant_id)?.role ?? 'viewer';
  return { session, tenant, role, language, format: formatOf(language, tenant.time_zone, tenant.currency) };
}
