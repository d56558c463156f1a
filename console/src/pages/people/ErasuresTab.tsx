/** Who was forgotten, and for each the receipt: which places hold nothing any more, and which still will. */

import { Badge, Button, Group, Modal, Progress, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import { loaded } from '../../api/loaded';
import { useHere } from '../../app/session';
import { useShared } from '../../language/shared';
import { CsvButton } from '../../parts/CsvButton';
import { Empty } from '../../parts/Empty';
import { Ready } from '../../parts/Ready';
import { useUrlState } from '../../parts/useUrlState';
import { useRequestWords } from './requestWords';
import { useErasures, useReceipt } from './useRequests';
import { useWho } from './useWho';

export function ErasuresTab(): ReactElement {
  const say = useRequestWords();
  const shared = useShared();
  const { format } = useHere();
  const who = useWho();
  const [open, setOpen] = useUrlState('erasure');
  const query = useErasures();
  return (
    <>
      <Ready of={loaded(query)} height={240}>
        {({ pages }) => {
          const found = pages.flatMap((page) => page.erasures);
          if (found.length === 0) return <div className="card"><Empty icon="trash" title={say('noErasures')} text={say('noErasuresText')} /></div>;
          return (
            <>
              <Group justify="flex-end" mb="sm"><CsvButton name="erasures" head={[say('person'), say('askedAt'), say('askedBy'), say('identifiers'), say('suppressed'), say('receipt')]} rows={() => found.map((one) => [one.profile_id, one.requested_at, who(one.requested_by), one.identifiers, one.suppressed, one.id])} /></Group>
              <div className="card flush">
                <div className="wide" tabIndex={0} role="region" aria-label={say('erasures')}>
                  <table className="rows">
                    <thead><tr><th>{say('person')}</th><th>{say('askedAt')}</th><th className="hide-narrow">{say('askedBy')}</th><th className="number hide-narrow">{say('identifiers')}</th><th><span className="visually-hidden">{say('receipt')}</span></th></tr></thead>
                    <tbody>
                      {found.map((one) => (
                        <tr key={one.id}>
                          <td>{one.profile_id === null ? say('nobodyHad') : `#${one.profile_id}`}{one.suppressed && <Badge ml={8} variant="light" color="orange" c="var(--ink)" tt="none" fw={550}>{say('suppressed')}</Badge>}</td>
                          <td><Text size="sm" span>{format.time(one.requested_at)}</Text></td>
                          <td className="hide-narrow">{who(one.requested_by)}</td>
                          <td className="number hide-narrow">{format.number(one.identifiers)}</td>
                          <td className="number"><Button size="xs" variant="default" onClick={() => setOpen(one.id)}>{say('receipt')}</Button></td>
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
      <Modal opened={open !== ''} onClose={() => setOpen('')} size="lg" title={say('receipt')} closeButtonProps={{ 'aria-label': shared('close') }}>{open && <Receipt id={open} />}</Modal>
    </>
  );
}

function Receipt({ id }: { id: string }): ReactElement {
  const say = useRequestWords();
  const { format } = useHere();
  const receipt = useReceipt(id);
  return (
    <Ready of={receipt} height={300}>
      {(found) => {
        const done = found.stores.filter((one) => one.state === 'done').length;
        const told = { done: format.number(done), total: format.number(found.stores.length) };
        return (
          <>
            <Text fw={600}>{found.state === 'closed' ? say('closed') : say('doneOf', told)}</Text>
            <Progress value={(100 * done) / Math.max(1, found.stores.length)} size={8} my={8} aria-label={say('doneOf', told)} />
            <Text size="sm" c="dimmed" mb="sm">{say(found.state === 'closed' ? 'closedText' : 'openText', { at: format.time(found.closes_at) })}</Text>
            <div className="wide" tabIndex={0} role="region" aria-label={say('receipt')}>
              <table className="rows">
                <thead><tr><th>{say('place')}</th><th>{say('state')}</th><th>{say('when')}</th></tr></thead>
                <tbody>
                  {found.stores.map((one) => (
                    <tr key={one.store}>
                      <td>{say(`store_${one.store}`)}</td>
                      <td><Badge variant="light" color={one.state === 'done' ? 'teal' : 'gray'} tt="none" fw={550}>{say(one.state)}</Badge></td>
                      <td><Text size="sm" c="dimmed" span>{one.state === 'done' ? format.time(one.done_at) : one.due_at ? say('by', { at: format.time(one.due_at) }) : '–'}</Text></td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </>
        );
      }}
    </Ready>
  );
}
