/** The key that is being installed, what the snippet's files are, and one click that is followed to the console. */

import { useSessionStorage } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { answer, api } from '../../api/client';
import { loaded } from '../../api/loaded';
import { Problem } from '../../api/problem';
import { randomName } from '../../parts/randomName';
import type { About } from './codes';

export const TEST_EVENT = 'Install Checked';
const LOOK_AGAIN_MILLISECONDS = 700;

/** A website's key may be read by anybody; it is kept until the tab is closed, for it is shown only once. */
export function useInstallKey(tenantId: string): [string, (key: string) => void] {
  const [key, setKey] = useSessionStorage({ key: `install-key.${tenantId}`, defaultValue: '', getInitialValueInEffect: false });
  return [key, setKey];
}

export function useAbout() {
  return loaded(
    useQuery({
      queryKey: ['snippet'],
      queryFn: async ({ signal }) => {
        const response = await fetch('/nx/v1.json', { signal });
        if (!response.ok) throw new Problem(response.status, `HTTP_${response.status}`, response.statusText);
        return (await response.json()) as About;
      },
      staleTime: 600_000,
    }),
  );
}

export function useWebsiteKeys() {
  return loaded(
    useQuery({
      queryKey: ['keys'],
      queryFn: ({ signal }) => answer(api.GET('/v1/keys', { params: { query: { limit: 100 } }, signal })),
    }),
  );
}

export function useMakeKey(done: (key: string) => void) {
  const questions = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => answer(api.POST('/v1/keys', { body: { kind: 'browser', name } })),
    onSuccess: async (made) => {
      done(made.key);
      await questions.invalidateQueries({ queryKey: ['keys'] });
    },
  });
}

async function sendClick(key: string): Promise<{ who: string; at: number }> {
  const who = `install-${randomName()}`;
  const response = await fetch('/v1/track', {
    method: 'POST',
    credentials: 'omit',
    headers: { 'content-type': 'application/json', authorization: `Basic ${btoa(`${key}:`)}` },
    body: JSON.stringify({ anonymousId: who, messageId: who, event: TEST_EVENT }),
  });
  if (!response.ok) {
    const told = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
    throw new Problem(response.status, told.code ?? `HTTP_${response.status}`, told.detail ?? response.statusText);
  }
  return { who, at: Date.now() };
}

/** One event from this browser, and the person that it made, once they are there. */
export function useTestClick(key: string) {
  const [now, setNow] = useState(Date.now());
  const sending = useMutation({ mutationFn: () => sendClick(key) });
  const sent = sending.data;
  const found = useQuery({
    queryKey: ['test-click', sent?.who],
    queryFn: async ({ signal }) => {
      const { profiles } = await answer(api.GET('/v1/profiles', { params: { query: { q: sent?.who ?? '', limit: 1 } }, signal }));
      return { person: profiles[0]?.id ?? null, at: Date.now() };
    },
    enabled: sent !== undefined,
    refetchInterval: (query) => (query.state.data?.person ? false : LOOK_AGAIN_MILLISECONDS),
  });
  const person = found.data?.person ?? null;
  useEffect(() => {
    if (!sent || person !== null) return;
    const ticking = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(ticking);
  }, [sent, person]);
  const seconds = sent ? Math.max(0, ((person === null ? now : (found.data?.at ?? now)) - sent.at) / 1000) : 0;
  return { send: () => sending.mutate(), sending: sending.isPending, problem: sending.error, sent: sent !== undefined, person, seconds };
}
