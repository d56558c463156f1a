/** What sources cost by day: entered by hand, imported as a file, taken back. */

import { ActionIcon, Autocomplete, Button, Group, Modal, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, type ReactElement, useState } from 'react';
import { answer, api, type Schemas } from '../../api/client';
import { loaded } from '../../api/loaded';
import { problemOf } from '../../api/problem';
import { mayWrite, useHere } from '../../app/session';
import { todayIn } from '../../language/format';
import { useProblemText } from '../../language/problems';
import { useShared } from '../../language/shared';
import { CsvButton } from '../../parts/CsvButton';
import { Empty } from '../../parts/Empty';
import { Icon } from '../../parts/Icon';
import { Ready } from '../../parts/Ready';
import { useUrlState } from '../../parts/useUrlState';
import { useSourceName, useSourcesWords } from './sourcesWords';
import { useSources } from './useReports';

type Cost = Schemas['AdCost'];

const AMOUNT = /^\d+(\.\d+)?$/;
const CURRENCIES = ['TWD', 'USD', 'JPY', 'EUR', 'GBP', 'HKD', 'CNY', 'SGD'];

function useCosts(source: string) {
  return useInfiniteQuery({
    queryKey: ['ad costs', source],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/ad-costs', { params: { query: { source, cursor: pageParam, limit: 50 } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

export function CostsTab(): ReactElement {
  const say = useSourcesWords();
  const shared = useShared();
  const { role, format } = useHere();
  const name = useSourceName();
  const [source, setSource] = useUrlState('source');
  const query = useCosts(source);
  const costs = loaded(query);
  const known = useSourceIds();
  const [adding, add] = useDisclosure(false);
  const [doomed, doom] = useState<Cost | null>(null);
  const writer = mayWrite(role);
  const tools = writer && (
    <Group gap="xs">
      <Button variant="default" component={Link} to={'/imports' as string} search={{ kind: 'ad_costs' } as never} leftSection={<Icon name="imports" />}>{say('import')}</Button>
      <Button leftSection={<Icon name="plus" />} onClick={add.open}>{say('add')}</Button>
    </Group>
  );
  return (
    <>
      <Group justify="space-between" align="flex-end" mb="md" gap="sm">
        <NativeSelect label={say('source')} value={source} onChange={(event) => setSource(event.currentTarget.value)} data={[{ value: '', label: say('allSources') }, ...[...new Set([...known, ...(source ? [source] : [])])].map((value) => ({ value, label: name(value) }))]} />
        {tools}
      </Group>
      <Ready of={costs} height={240}>
        {({ pages }) => {
          const rows = pages.flatMap((page) => page.costs);
          if (rows.length === 0) return <div className="card"><Empty icon="tag" title={say('noCosts')} text={say('noCostsText')} /></div>;
          return (
            <>
              <Group justify="space-between" mb="xs">
                <Text size="sm" c="dimmed">{say('costsLead')}</Text>
                {!query.hasNextPage && <CsvButton name="ad-costs" head={[say('source'), say('day'), say('amount'), say('currency')]} rows={() => rows.map((row) => [row.source, row.on, row.amount, row.currency])} />}
              </Group>
              <div className="card flush">
                <div className="wide" tabIndex={0} role="region" aria-label={say('costs')}>
                  <table className="rows">
                    <thead><tr><th>{say('source')}</th><th>{say('day')}</th><th className="number">{say('amount')}</th>{writer && <th aria-label={shared('delete')} />}</tr></thead>
                    <tbody>
                      {rows.map((row) => (
                        <tr key={`${row.source} ${row.on}`}>
                          <td>{name(row.source)}</td><td style={{ whiteSpace: 'nowrap' }}>{row.on}</td><td className="number">{format.money(row.amount, row.currency)}</td>
                          {writer && <td className="number"><ActionIcon variant="subtle" color="gray" c="dimmed" size={28} aria-label={say('remove', { source: name(row.source), day: row.on })} onClick={() => doom(row)}><Icon name="trash" size={16} /></ActionIcon></td>}
                        </tr>
                      ))}
                    </tbody>
                  </table>
                </div>
              </div>
              {query.hasNextPage && <Group justify="center" mt="md"><Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{shared('more')}</Button></Group>}
            </>
          );
        }}
      </Ready>
      {adding && <EnterCost known={known} onClose={add.close} />}
      {doomed && <DeleteCost cost={doomed} onClose={() => doom(null)} />}
    </>
  );
}

/** Sources that had a visit lately: what somebody is likely to have paid for. */
function useSourceIds(): string[] {
  const found = useSources({ of: 'visits' });
  return (found.data?.pages ?? []).flatMap((page) => page.sources.map((one) => one.source)).filter(Boolean);
}

function useRenewed(): () => Promise<unknown> {
  const questions = useQueryClient();
  return () => Promise.all([questions.invalidateQueries({ queryKey: ['ad costs'] }), questions.invalidateQueries({ queryKey: ['sources'] })]);
}

function EnterCost({ known, onClose }: { known: readonly string[]; onClose: () => void }): ReactElement {
  const say = useSourcesWords();
  const shared = useShared();
  const problemText = useProblemText();
  const { tenant } = useHere();
  const renewed = useRenewed();
  const today = todayIn(tenant.time_zone, Date.now());
  const [cost, setCost] = useState({ source: '', on: today, amount: '', currency: tenant.currency });
  const [tried, setTried] = useState(false);
  const wrong = tried && !AMOUNT.test(cost.amount);
  const save = useMutation({
    mutationFn: () => answer(api.PUT('/v1/ad-costs', { body: { source: cost.source, from_on: cost.on, to_on: cost.on, costs: [{ on: cost.on, amount: cost.amount, currency: cost.currency }] } })),
    onSuccess: async () => {
      notifications.show({ message: say('saved', { source: cost.source, day: cost.on }) });
      await renewed();
      onClose();
    },
  });
  function submit(event: FormEvent): void {
    event.preventDefault();
    setTried(true);
    if (AMOUNT.test(cost.amount)) save.mutate();
  }
  return (
    <Modal opened onClose={onClose} title={say('add')} closeButtonProps={{ 'aria-label': shared('close') }}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Autocomplete label={say('source')} description={say('sourceHint')} required maxLength={300} data-autofocus data={[...known]} value={cost.source} onChange={(source) => setCost({ ...cost, source })} />
          <TextInput type="date" label={say('day')} required value={cost.on} onChange={(event) => setCost({ ...cost, on: event.currentTarget.value })} />
          <Group gap="sm" align="flex-start" wrap="nowrap">
            <TextInput label={say('amount')} required inputMode="decimal" maxLength={64} flex={1} value={cost.amount} error={wrong ? say('amountWrong') : undefined} onChange={(event) => setCost({ ...cost, amount: event.currentTarget.value.trim() })} />
            <NativeSelect label={say('currency')} w={110} value={cost.currency} data={[...new Set([tenant.currency, ...CURRENCIES])]} onChange={(event) => setCost({ ...cost, currency: event.currentTarget.value })} />
          </Group>
          {save.isError && <Text size="sm" c="var(--bad)" role="alert">{problemText(problemOf(save.error))}</Text>}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>{shared('cancel')}</Button>
            <Button type="submit" loading={save.isPending}>{shared('save')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function DeleteCost({ cost, onClose }: { cost: Cost; onClose: () => void }): ReactElement {
  const say = useSourcesWords();
  const shared = useShared();
  const problemText = useProblemText();
  const name = useSourceName();
  const renewed = useRenewed();
  const named = { source: name(cost.source), day: cost.on };
  const remove = useMutation({
    mutationFn: () => answer(api.DELETE('/v1/ad-costs', { params: { query: { source: cost.source, from: cost.on, to: cost.on } } })),
    onSuccess: async () => {
      notifications.show({ message: say('removed', named) });
      await renewed();
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={shared('delete')} closeButtonProps={{ 'aria-label': shared('close') }}>
      <Text size="sm">{say('removeAsk', named)}</Text>
      {remove.isError && <Text size="sm" c="var(--bad)" role="alert" mt="xs">{problemText(problemOf(remove.error))}</Text>}
      <Group justify="flex-end" gap="xs" mt="md">
        <Button variant="default" onClick={onClose}>{shared('cancel')}</Button>
        <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>{shared('delete')}</Button>
      </Group>
    </Modal>
  );
}
