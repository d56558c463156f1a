/** The few questions that a new shop asks; it needs no shop around it. */

import { Button, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactElement, useMemo, useState } from 'react';
import { answer, api, rememberTenant } from '../../api/client';
import { problemOf } from '../../api/problem';
import { useLanguage } from '../../language/words';
import { ProblemNotice } from '../../parts/ProblemNotice';
import { randomName } from '../../parts/randomName';
import { useInstallWords } from './words';

const CURRENCIES = ['TWD', 'USD', 'JPY', 'HKD', 'CNY', 'SGD', 'MYR', 'EUR', 'GBP', 'KRW', 'THB', 'VND', 'IDR', 'PHP', 'AUD', 'CAD'] as const;

function currencyName(code: string, language: string): string {
  return `${code} ${new Intl.DisplayNames(language, { type: 'currency' }).of(code) ?? ''}`;
}

export function NewShopForm(): ReactElement {
  const say = useInstallWords();
  const language = useLanguage();
  const navigate = useNavigate();
  const questions = useQueryClient();
  const [fields, setFields] = useState(() => ({
    name: '', time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'Asia/Taipei', currency: 'TWD', locale: language as string,
  }));
  // The same answers make one shop, however often they are sent.
  const once = useMemo(() => (fields ? randomName() : ''), [fields]);
  const open = useMutation({
    mutationFn: async () => {
      const made = await answer(api.POST('/v1/tenants', { body: fields, params: { header: { 'idempotency-key': once } } }));
      rememberTenant(made.id);
      await answer(api.PUT('/v1/session/tenant', { body: { tenant_id: made.id } }));
      return made;
    },
    onSuccess: async (made) => {
      notifications.show({ message: say('createdText', { name: made.name }) });
      await navigate({ to: '/install' as string });
      await questions.resetQueries();
    },
  });
  const set = (key: keyof typeof fields) => (event: { currentTarget: { value: string } }) => setFields({ ...fields, [key]: event.currentTarget.value });
  function submit(event: FormEvent): void {
    event.preventDefault();
    open.mutate();
  }
  const problem = open.isError ? problemOf(open.error) : null;
  return (
    <form className="card" onSubmit={submit} style={{ maxWidth: 520 }}>
      <Stack gap="md">
        <TextInput label={say('name')} placeholder={say('nameHint')} required maxLength={200} data-autofocus value={fields.name} onChange={set('name')} />
        <TextInput label={say('zone')} description={say('zoneHint')} required list="shop-zones" value={fields.time_zone} onChange={set('time_zone')} />
        <datalist id="shop-zones">{Intl.supportedValuesOf('timeZone').map((zone) => <option key={zone} value={zone} />)}</datalist>
        <NativeSelect label={say('currency')} description={say('currencyHint')} value={fields.currency} onChange={set('currency')} data={CURRENCIES.map((code) => ({ value: code, label: currencyName(code, language) }))} />
        <NativeSelect label={say('locale')} value={fields.locale} onChange={set('locale')} data={[{ value: 'zh-TW', label: '繁體中文' }, { value: 'en', label: 'English' }]} />
        {problem && <ProblemNotice problem={problem} />}
        {problem?.faults.map((fault) => <Text key={fault.pointer} size="sm" c="var(--bad)">{fault.detail}</Text>)}
        <Button type="submit" loading={open.isPending}>{say('create')}</Button>
      </Stack>
    </form>
  );
}
