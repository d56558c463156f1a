/** Lists that the shop brought, and making another. */

import { Button, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactElement, useState } from 'react';
import { answer, api } from '../../api/client';
import { loaded } from '../../api/loaded';
import { mayWrite, useHere } from '../../app/session';
import { useShared } from '../../language/shared';
import { CsvButton } from '../../parts/CsvButton';
import { Empty } from '../../parts/Empty';
import { Icon } from '../../parts/Icon';
import { PageHead } from '../../parts/PageHead';
import { Ready } from '../../parts/Ready';
import { type PeopleList, useListDeed, useLists } from './useLists';
import { useListWords } from './words';

export function Page(): ReactElement {
  const say = useListWords();
  const shared = useShared();
  const { role } = useHere();
  const query = useLists();
  const lists = loaded(query);
  const [making, dialog] = useDisclosure(false);
  const make = mayWrite(role) ? <Button leftSection={<Icon name="plus" />} onClick={dialog.open}>{say('make')}</Button> : null;
  return (
    <>
      <PageHead title={say('title')} lead={say('lead')}>{make}</PageHead>
      <Ready of={lists} height={240}>
        {({ pages }) => {
          const all = pages.flatMap((page) => page.lists);
          if (all.length === 0) return <div className="card"><Empty icon="list" title={say('noneTitle')} text={say('noneText')} /></div>;
          return (
            <>
              <ListTable lists={all} />
              {query.hasNextPage && <Group justify="center" mt="md"><Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{shared('more')}</Button></Group>}
            </>
          );
        }}
      </Ready>
      {making && <NewListDialog onClose={dialog.close} />}
    </>
  );
}

function ListTable({ lists }: { lists: readonly PeopleList[] }): ReactElement {
  const say = useListWords();
  const { format } = useHere();
  return (
    <>
      <Group justify="flex-end" mb="xs">
        <CsvButton name="lists" head={[say('name'), say('description'), say('identifiers'), say('unmatched'), say('changed')]} rows={() => lists.map((one) => [one.name, one.description, one.identifiers, one.unmatched, one.changed_at])} />
      </Group>
      <div className="card flush">
        <div className="wide" tabIndex={0} role="region" aria-label={say('title')}>
          <table className="rows">
            <thead><tr><th>{say('name')}</th><th className="number">{say('identifiers')}</th><th className="number hide-narrow">{say('unmatched')}</th><th className="hide-narrow">{say('changed')}</th></tr></thead>
            <tbody>
              {lists.map((one) => (
                <tr key={one.id}>
                  <td>
                    <Link to={`/lists/${one.id}` as string}>{one.name}</Link>
                    {one.description && <Text size="xs" c="dimmed" lineClamp={1} maw={440}>{one.description}</Text>}
                  </td>
                  <td className="number">{one.version === 0 ? <Text size="sm" c="dimmed" span>{say('empty')}</Text> : <b>{format.number(one.identifiers)}</b>}</td>
                  <td className="number hide-narrow">{one.version === 0 ? '–' : format.number(one.unmatched)}</td>
                  <td className="hide-narrow"><Text size="sm" c="dimmed" span>{format.time(one.changed_at)}</Text></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </div>
    </>
  );
}

function NewListDialog({ onClose }: { onClose: () => void }): ReactElement {
  const say = useListWords();
  const shared = useShared();
  const navigate = useNavigate();
  const [fields, setFields] = useState({ name: '', description: '' });
  const make = useListDeed('', () => answer(api.POST('/v1/lists', { body: fields })), (made) => void navigate({ to: `/lists/${made.id}`, search: { tab: 'upload' } } as never));
  function submit(event: FormEvent): void {
    event.preventDefault();
    make.mutate(undefined);
  }
  return (
    <Modal opened onClose={onClose} title={say('make')} closeButtonProps={{ 'aria-label': shared('close') }}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <TextInput label={say('name')} required maxLength={200} data-autofocus value={fields.name} onChange={(event) => setFields({ ...fields, name: event.currentTarget.value })} />
          <Textarea label={say('description')} description={say('descriptionHint')} autosize minRows={2} maxLength={2000} value={fields.description} onChange={(event) => setFields({ ...fields, description: event.currentTarget.value })} />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>{shared('cancel')}</Button>
            <Button type="submit" loading={make.isPending}>{say('makeNext')}</Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
