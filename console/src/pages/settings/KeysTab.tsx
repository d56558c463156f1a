/** Keys of websites and servers: making one, seeing when it was used, revoking it. */

import { Badge, Button, Code, CopyButton, Group, Modal, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactElement, useState } from 'react';
import { answer, api } from '../../api/client';
import { loaded } from '../../api/loaded';
import { problemOf } from '../../api/problem';
import { useHere } from '../../app/session';
import { useProblemText } from '../../language/problems';
import { useShared } from '../../language/shared';
import { Empty } from '../../parts/Empty';
import { Icon } from '../../parts/Icon';
import { Ready } from '../../parts/Ready';
import { useSettingsWords } from './words';

type Kind = 'browser' | 'server';
interface Named { id: string; name: string }

export function KeysTab(): ReactElement {
  const say = useSettingsWords();
  const shared = useShared();
  const { format } = useHere();
  const problemText = useProblemText();
  const questions = useQueryClient();
  const [fields, setFields] = useState<{ kind: Kind; name: string } | null>(null);
  const [leaving, leave] = useState<Named | null>(null);
  const keys = loaded(useQuery({ queryKey: ['keys'], queryFn: ({ signal }) => answer(api.GET('/v1/keys', { params: { query: { limit: 100 } }, signal })) }));
  const fail = (error: unknown) => notifications.show({ message: problemText(problemOf(error)), color: 'red' });
  const make = useMutation({
    mutationFn: (body: { kind: Kind; name: string }) => answer(api.POST('/v1/keys', { body })),
    onSuccess: () => questions.invalidateQueries({ queryKey: ['keys'] }),
    onError: fail,
  });
  const revoke = useMutation({
    mutationFn: (key: Named) => answer(api.DELETE('/v1/keys/{key_id}', { params: { path: { key_id: key.id } } })),
    onSuccess: async (_, key) => {
      leave(null);
      notifications.show({ message: say('keyRevoked', { name: key.name }) });
      await questions.invalidateQueries({ queryKey: ['keys'] });
    },
    onError: fail,
  });
  function close(): void {
    setFields(null);
    make.reset();
  }
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (fields) make.mutate(fields);
  }
  return (
    <>
      <Group justify="flex-end" mb="sm"><Button leftSection={<Icon name="plus" />} onClick={() => setFields({ kind: 'browser', name: '' })}>{say('makeKey')}</Button></Group>
      <Ready of={keys} height={200}>
        {(found) => (
          <div className="card flush">
            {found.keys.length === 0 ? <Empty icon="key" title={say('noKeys')} text={say('noKeysText')} /> : (
              <div className="wide" tabIndex={0} role="region" aria-label={say('keys')}>
                <table className="rows" style={{ minWidth: 680 }}>
                  <thead><tr><th>{say('keyName')}</th><th>{say('kind')}</th><th>{say('hint')}</th><th>{say('lastUsed')}</th><th><span className="visually-hidden">{say('revoke')}</span></th></tr></thead>
                  <tbody>
                    {found.keys.map((key) => (
                      <tr key={key.id}>
                        <td><Text size="sm" fw={550}>{key.name}</Text></td>
                        <td>{say(key.kind)}</td>
                        <td><Code>{key.hint}</Code></td>
                        <td>{key.revoked_at ? <Badge variant="light" color="gray" tt="none" fw={550}>{say('revoked')}</Badge> : <Text size="sm" c="dimmed" span>{key.last_used_at ? format.time(key.last_used_at) : say('never')}</Text>}</td>
                        <td className="number">{!key.revoked_at && <Button size="xs" variant="default" onClick={() => leave(key)}>{say('revoke')}</Button>}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          </div>
        )}
      </Ready>
      <section className="card" style={{ marginTop: 16 }}>
        <Title order={2}>{say('installTitle')}</Title>
        <Text size="sm" c="dimmed" mb="xs">{say('installText')}</Text>
        <Code block tabIndex={0}>{`curl -u "pk_live_…:" -H 'Content-Type: application/json' ${location.origin}/v1/track \\\n     -d '{"anonymousId": "me", "event": "Product Viewed", "properties": {"product_id": "A1"}}'`}</Code>
      </section>
      <Modal opened={fields !== null} onClose={close} title={make.data ? say('newKey') : say('makeKey')} closeButtonProps={{ 'aria-label': shared('close') }}>
        {make.data ? (
          <Stack gap="sm">
            <Text size="sm">{say('newKeyText')}</Text>
            <Code block data-testid="key">{make.data.key}</Code>
            <Group justify="flex-end">
              <CopyButton value={make.data.key}>{({ copied, copy }) => <Button variant="light" leftSection={<Icon name={copied ? 'check' : 'copy'} />} onClick={copy}>{copied ? shared('copied') : shared('copy')}</Button>}</CopyButton>
              <Button onClick={close}>{shared('close')}</Button>
            </Group>
          </Stack>
        ) : fields && (
          <form onSubmit={submit}>
            <Stack gap="sm">
              <TextInput label={say('keyName')} placeholder={say('keyNameHint')} required maxLength={100} data-autofocus value={fields.name} onChange={(event) => setFields({ ...fields, name: event.currentTarget.value })} />
              <NativeSelect label={say('kind')} value={fields.kind} onChange={(event) => setFields({ ...fields, kind: event.currentTarget.value as Kind })} data={[{ value: 'browser', label: say('browser') }, { value: 'server', label: say('server') }]} />
              <Group justify="flex-end"><Button variant="default" onClick={close}>{shared('cancel')}</Button><Button type="submit" loading={make.isPending}>{say('makeKey')}</Button></Group>
            </Stack>
          </form>
        )}
      </Modal>
      <Modal opened={leaving !== null} onClose={() => leave(null)} title={say('revoke')} closeButtonProps={{ 'aria-label': shared('close') }}>
        <Text size="sm">{say('revokeAsk', { name: leaving?.name ?? '' })}</Text>
        <Group justify="flex-end" gap="xs" mt="md">
          <Button variant="default" onClick={() => leave(null)}>{shared('cancel')}</Button>
          <Button color="red" loading={revoke.isPending} onClick={() => leaving && revoke.mutate(leaving)}>{say('revoke')}</Button>
        </Group>
      </Modal>
    </>
  );
}
