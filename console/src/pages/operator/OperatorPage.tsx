/** The operator's page: all tenants, what they used, and acting in one with a reason. */

import { Badge, Button, Group, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { lazy, type ReactElement, Suspense, useState } from 'react';
import { answer, api, type Schemas } from '../../api/client';
import { loaded } from '../../api/loaded';
import { operates, useAnyFormat, useSignedIn } from '../../app/session';
import { useShared } from '../../language/shared';
import { Empty } from '../../parts/Empty';
import { Icon } from '../../parts/Icon';
import { PageHead } from '../../parts/PageHead';
import { Ready } from '../../parts/Ready';
import { useUrlState } from '../../parts/useUrlState';
import { useOperatorWords } from './words';

const ActDialog = lazy(async () => ({ default: (await import('./ActDialog')).ActDialog }));

type Tenant = Schemas['TenantLine'];

const WAIT_MILLISECONDS = 200;

function useTenants(q: string, enabled: boolean) {
  return useInfiniteQuery({
    queryKey: ['operator', q],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/operator/tenants', { params: { query: { q, cursor: pageParam } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    enabled,
  });
}

export function Page(): ReactElement {
  const say = useOperatorWords();
  const shared = useShared();
  const may = operates(useSignedIn());
  const [q, setQ] = useUrlState('q');
  const [asked] = useDebouncedValue(q.trim(), WAIT_MILLISECONDS);
  const tenants = useTenants(asked, may);
  const [chosen, choose] = useState<Tenant | null>(null);
  if (!may) return <><PageHead title={say('title')} /><div className="card"><Empty icon="shield" title={say('notOperator')} text={say('notOperatorText')} /></div></>;
  return (
    <>
      <PageHead title={say('title')} lead={say('lead')} />
      <TextInput type="search" name="q" aria-label={say('find')} placeholder={say('find')} leftSection={<Icon name="search" size={16} />} value={q} onChange={(event) => setQ(event.currentTarget.value)} maxLength={200} maw={420} mb="md" />
      <Ready of={loaded(tenants)} height={320}>
        {({ pages }, renewing) => <Tenants tenants={pages.flatMap((page) => page.tenants)} old={renewing} choose={choose} />}
      </Ready>
      {tenants.hasNextPage && <Group justify="center" py="sm"><Button variant="default" loading={tenants.isFetchingNextPage} onClick={() => void tenants.fetchNextPage()}>{shared('more')}</Button></Group>}
      <Suspense>{chosen && <ActDialog tenant={chosen} close={() => choose(null)} />}</Suspense>
    </>
  );
}

function Tenants({ tenants, old, choose }: { tenants: readonly Tenant[]; old: boolean; choose: (tenant: Tenant) => void }): ReactElement {
  const say = useOperatorWords();
  const format = useAnyFormat();
  if (tenants.length === 0) return <div className="card"><Empty icon="shop" title={say('none')} text={say('noneText')} /></div>;
  return (
    <div className={old ? 'card flush old' : 'card flush'}>
      <div className="wide" tabIndex={0} role="region" aria-label={say('title')}>
        <table className="rows" id="tenants">
          <thead>
            <tr><th scope="col">{say('shop')}</th><th scope="col" className="number">{say('events30')}</th><th scope="col" className="number hide-narrow">{say('calls30')}</th><th scope="col" className="hide-narrow">{say('made')}</th><th scope="col"><span className="visually-hidden">{say('act')}</span></th></tr>
          </thead>
          <tbody>
            {tenants.map((tenant) => (
              <tr key={tenant.id}>
                <td><Group gap={8}><span>{tenant.name}</span>{tenant.demo && <Badge variant="light" color="gray" tt="none" fw={550}>{say('demo')}</Badge>}</Group></td>
                <td className="number">{format.number(tenant.used.events)}</td>
                <td className="number hide-narrow">{format.number(tenant.used.calls)}</td>
                <td className="hide-narrow">{format.time(tenant.created_at)}</td>
                <td className="number"><Button size="xs" variant="default" onClick={() => choose(tenant)}>{say('act')}</Button></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
