/** How the shop's numbers are counted: its zone, when a visit ends, when somebody is lost or loyal. */

import { Button, Group, NativeSelect, SimpleGrid, Text, TextInput, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactElement, useState } from 'react';
import { answer, api } from '../../api/client';
import { problemOf } from '../../api/problem';
import { useHere } from '../../app/session';
import { useProblemText } from '../../language/problems';
import { useSettingsWords } from './words';

const NUMBERS = ['session_minutes', 'slowing_days', 'dormant_days', 'lost_days', 'loyal_orders', 'loyal_days'] as const;
const LABELS = { session_minutes: 'session', slowing_days: 'slowing', dormant_days: 'dormant', lost_days: 'lost', loyal_orders: 'loyalOrders', loyal_days: 'loyalDays' } as const;
const COUNTS = ['placed', 'paid', 'picked_up', 'return_period'] as const;

export function ShopTab(): ReactElement {
  const say = useSettingsWords();
  const { tenant, format } = useHere();
  const problemText = useProblemText();
  const questions = useQueryClient();
  const [fields, setFields] = useState(() => ({
    name: tenant.name, time_zone: tenant.time_zone, price_after_discount: String(tenant.price_after_discount),
    order_counts: tenant.order_counts, return_days: String(tenant.return_days),
    ...(Object.fromEntries(NUMBERS.map((key) => [key, String(tenant[key])])) as Record<(typeof NUMBERS)[number], string>),
  }));
  const save = useMutation({
    mutationFn: () =>
      answer(api.PATCH('/v1/tenant', {
        body: {
          name: fields.name, time_zone: fields.time_zone, price_after_discount: fields.price_after_discount === 'true',
          order_counts: fields.order_counts, return_days: Number(fields.return_days),
          ...(Object.fromEntries(NUMBERS.map((key) => [key, Number(fields[key])])) as Record<(typeof NUMBERS)[number], number>),
        },
      })),
    onSuccess: async () => {
      notifications.show({ message: say('saved') });
      await questions.invalidateQueries();
    },
  });
  const set = (key: keyof typeof fields) => (event: { currentTarget: { value: string } }) => setFields({ ...fields, [key]: event.currentTarget.value });
  function submit(event: FormEvent): void {
    event.preventDefault();
    save.mutate();
  }
  const number = (key: (typeof NUMBERS)[number], hint?: string) => (
    <TextInput key={key} type="number" min={1} required label={say(LABELS[key])} description={hint} value={fields[key]} onChange={set(key)} />
  );
  return (
    <form className="card" onSubmit={submit} style={{ maxWidth: 760 }}>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md" style={{ alignItems: 'end' }}>
        <TextInput label={say('name')} required maxLength={200} value={fields.name} onChange={set('name')} />
        <TextInput label={say('timeZone')} description={say('timeZoneHint')} required value={fields.time_zone} list="zones" onChange={set('time_zone')} />
        <TextInput label={say('currency')} description={say('currencyHint')} readOnly value={tenant.currency} />
        <TextInput label={say('eventsPerSecond')} readOnly value={format.number(tenant.events_per_second)} />
        {number('session_minutes', say('sessionHint'))}
        <NativeSelect label={say('price')} description={say('priceHint')} value={fields.price_after_discount} onChange={set('price_after_discount')} data={[{ value: 'true', label: say('priceAfter') }, { value: 'false', label: say('priceBefore') }]} />
      </SimpleGrid>
      <datalist id="zones">{Intl.supportedValuesOf('timeZone').map((zone) => <option key={zone} value={zone} />)}</datalist>
      <Title order={2} mt="lg" mb="xs">{say('stages')}</Title>
      <SimpleGrid cols={{ base: 2, sm: 3 }} spacing="md">{NUMBERS.slice(1).map((key) => number(key))}</SimpleGrid>
      <Title order={2} mt="lg" mb="xs">{say('orders')}</Title>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md" style={{ alignItems: 'start' }}>
        <NativeSelect
          label={say('orderCounts')} description={say('orderCountsHint')} value={fields.order_counts}
          data={COUNTS.map((when) => ({ value: when, label: say(when) }))}
          onChange={(event) => setFields({ ...fields, order_counts: COUNTS.find((when) => when === event.currentTarget.value) ?? 'placed' })}
        />
        {fields.order_counts === 'return_period' && (
          <TextInput type="number" min={1} max={365} required label={say('returnDays')} description={say('returnDaysHint')} value={fields.return_days} onChange={set('return_days')} />
        )}
      </SimpleGrid>
      {save.isError && <Text size="sm" c="var(--bad)" role="alert" mt="sm">{problemText(problemOf(save.error))} {problemOf(save.error).faults.map((fault) => fault.detail).join(' ')}</Text>}
      <Group mt="lg"><Button type="submit" loading={save.isPending}>{say('save')}</Button></Group>
    </form>
  );
}
