/** What each column of a file becomes, as was guessed from names and cells until somebody says otherwise. */

import { Autocomplete, Button, Checkbox, Group, NativeSelect, Text, TextInput, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { answer, api } from '../../api/client';
import { problemOf } from '../../api/problem';
import { useProblemText } from '../../language/problems';
import { type Import, type Mapping, useAgain } from './useImports';
import { useImportWords } from './words';

const PERSON = ['user_id', 'anonymous_id', 'email', 'phone', 'line_id'];
const TARGETS: Readonly<Record<string, readonly string[]>> = {
  events: [...PERSON, 'event', 'timestamp', 'order_id', 'message_id', 'properties.revenue', 'properties.currency', 'products.product_id', 'products.name', 'products.price', 'products.quantity', 'products.category'],
  members: [...PERSON, 'timestamp', 'traits.name', 'traits.gender', 'traits.birthday', 'consent.email', 'consent.sms', 'consent.line'],
  products: ['product_id', 'name', 'brand', 'category', 'price', 'currency', 'url', 'image_url', 'in_stock'],
  ad_costs: ['date', 'source', 'medium', 'cost', 'currency'],
};
const TYPES = ['text', 'number', 'boolean', 'time', 'json'] as const;

type Type = Mapping['columns'] extends (infer C)[] | undefined ? (C extends { type?: infer T } ? NonNullable<T> : never) : never;
interface Field { to: string; type: Type }

export function MappingForm({ found }: { found: Import }): ReactElement {
  const say = useImportWords();
  const problemText = useProblemText();
  const again = useAgain(found.id);
  const began = found.mapping ?? found.suggested;
  const [fields, setFields] = useState<Record<string, Field>>(() =>
    Object.fromEntries(found.columns.map((column) => {
      const mapped = began?.columns?.find((one) => one.column === column.column);
      return [column.column, { to: mapped?.to ?? '', type: (mapped?.type ?? column.type) as Type }];
    })),
  );
  const [event, setEvent] = useState(began?.constants?.['event'] ?? '');
  const [lines, setLines] = useState(began?.lines_of_orders ?? false);
  const save = useMutation({
    mutationFn: () => {
      const { event: _, ...constants } = began?.constants ?? {};
      const columns = Object.entries(fields).filter(([, field]) => field.to).map(([column, field]) => ({ column, ...field }));
      return answer(api.PUT('/v1/imports/{import_id}/mapping', {
        params: { path: { import_id: found.id } },
        body: { columns, constants: event ? { ...constants, event } : constants, lines_of_orders: lines, whole_events: began?.whole_events ?? false, time_zone: began?.time_zone ?? null },
      }));
    },
    onSuccess: async () => {
      notifications.show({ message: say('mappingSaved') });
      await again();
    },
  });
  const set = (column: string, change: Partial<Field>) => setFields((old) => ({ ...old, [column]: { to: '', type: 'text' as Type, ...old[column], ...change } }));
  return (
    <section className="card">
      <Group justify="space-between" mb="xs">
        <Title order={2}>{say('step2')}</Title>
        <Button variant={found.mapping ? 'default' : 'filled'} loading={save.isPending} onClick={() => save.mutate()}>{say('saveMapping')}</Button>
      </Group>
      {found.kind === 'events' && (
        <Group gap="md" align="flex-end" mb="sm">
          <TextInput label={say('event')} description={say('constantsHint')} value={event} onChange={(change) => setEvent(change.currentTarget.value)} maxLength={200} />
          <Checkbox label={say('linesOfOrders')} checked={lines} onChange={(change) => setLines(change.currentTarget.checked)} pb={8} />
        </Group>
      )}
      <div className="wide" tabIndex={0} role="region" aria-label={say('step2')}>
        <table className="rows">
          <thead><tr><th>{say('columns')}</th><th>{say('to')}</th><th>{say('type')}</th><th>{say('samples')}</th></tr></thead>
          <tbody>
            {found.columns.map((column) => (
              <tr key={column.column}>
                <td><Text size="sm" fw={550}>{column.column}</Text></td>
                <td><Autocomplete aria-label={`${say('to')} ${column.column}`} size="xs" w={190} placeholder={say('leaveOut')} data={[...(TARGETS[found.kind] ?? [])]} value={fields[column.column]?.to ?? ''} onChange={(to) => set(column.column, { to })} comboboxProps={{ shadow: 'md' }} /></td>
                <td><NativeSelect aria-label={`${say('type')} ${column.column}`} size="xs" value={fields[column.column]?.type ?? 'text'} onChange={(change) => set(column.column, { type: change.currentTarget.value as Type })} data={TYPES.map((type) => ({ value: type, label: say(type) }))} /></td>
                <td><Text size="xs" c="dimmed" className="cut" maw={260}>{column.samples.slice(0, 3).join('、')}</Text></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {save.isError && <Text size="sm" c="var(--bad)" role="alert" mt="sm">{problemText(problemOf(save.error))} {problemOf(save.error).faults.map((fault) => fault.detail).join(' ')}</Text>}
    </section>
  );
}
