/** What was set aside because it could not be understood: why, as it was sent, and sending it again once the cause is gone. */

import { Alert, Button, Code, Group, Modal, NativeSelect, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useEffect, useState } from 'react';
import { answer, api, type Schemas } from '../../api/client';
import { loaded } from '../../api/loaded';
import { problemOf } from '../../api/problem';
import { mayLead, useHere } from '../../app/session';
import { useProblemText } from '../../language/problems';
import { useShared } from '../../language/shared';
import { AsOf } from '../../parts/AsOf';
import { CsvButton } from '../../parts/CsvButton';
import { Empty } from '../../parts/Empty';
import { Icon } from '../../parts/Icon';
import { ProblemNotice } from '../../parts/ProblemNotice';
import { Ready } from '../../parts/Ready';
import { useUrlState } from '../../parts/useUrlState';
import { useBadRowWords } from './badRowWords';

type Row = Schemas['BadRowAnswer'];
type Status = 'new' | 'replayed';

const PAGE = 50;
const WAIT_MILLISECONDS = 250;

export function BadRowsTab(): ReactElement {
  const say = useBadRowWords();
  const shared = useShared();
  const { role } = useHere();
  const [said, setStatus] = useUrlState('status', 'new');
  const status: Status = said === 'replayed' ? 'replayed' : 'new';
  const [reason, setReason] = useUrlState('reason');
  const [looked, setLooked] = useUrlState('q');
  const [q, setQ] = useState(looked);
  const [settled] = useDebouncedValue(q, WAIT_MILLISECONDS);
  useEffect(() => setLooked(settled), [settled, setLooked]);
  const [opened, open] = useState<Row | null>(null);
  const rows = useInfiniteQuery({
    queryKey: ['bad-rows', status, reason, looked],
    queryFn: ({ signal, pageParam }) => answer(api.GET('/v1/bad-rows', { params: { query: { status, reason, q: looked, limit: PAGE, cursor: pageParam } }, signal })),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
  const reasons = useQuery({ queryKey: ['intake'], queryFn: ({ signal }) => answer(api.GET('/v1/reports/intake', { signal })) });
  const found = rows.data?.pages.flatMap((page) => page.bad_rows) ?? [];
  if (rows.isError && !rows.data) return <ProblemNotice problem={problemOf(rows.error)} again={() => void rows.refetch()} />;
  return (
    <>
      <Group gap="sm" align="flex-end" mb="sm">
        <TextInput type="search" label={shared('search')} placeholder={say('findHint')} flex="1 1 240px" maw={420} maxLength={200} value={q} onChange={(event) => setQ(event.currentTarget.value)} leftSection={<Icon name="search" size={16} />} />
        <NativeSelect label={say('reason')} value={reason} onChange={(event) => setReason(event.currentTarget.value)} data={[{ value: '', label: shared('all') }, ...(reasons.data?.bad_by_reason ?? []).map((one) => ({ value: one.reason, label: `${one.reason} (${one.rows})` }))]} />
        <NativeSelect label={say('status')} value={status} onChange={(event) => setStatus(event.currentTarget.value)} data={[{ value: 'new', label: say('new') }, { value: 'replayed', label: say('replayed') }]} />
        {reasons.data && <AsOf at={reasons.data.as_of} />}
      </Group>
      {mayLead(role) && status === 'new' && found.length > 0 && <ReplayAll q={looked} reason={reason} />}
      <Ready of={loaded(rows)} height={240}>
        {() => found.length === 0 ? <div className="card"><Empty icon="check" title={status === 'new' ? say('noneTitle') : say('noneReplayed')} text={say('noneText')} /></div> : (
          <div className="card flush">
            <div className="wide" tabIndex={0} role="region" aria-label={say('title')}>
              <table className="rows">
                <thead><tr><th>{say('received')}</th><th>{say('reason')}</th><th>{say('detail')}</th><th className="hide-narrow">{say('source')}</th></tr></thead>
                <tbody>{found.map((row) => <Line key={row.id} row={row} open={open} />)}</tbody>
              </table>
            </div>
          </div>
        )}
      </Ready>
      {found.length > 0 && (
        <Group justify="space-between" mt="sm">
          <CsvButton name="bad-rows" head={[say('received'), say('reason'), say('detail'), say('source'), 'message_id', say('payload')]} rows={() => found.map((row) => [row.received_at, row.reason, row.detail, row.source, row.message_id, row.payload])} />
          {rows.hasNextPage && <Button variant="default" loading={rows.isFetchingNextPage} onClick={() => void rows.fetchNextPage()}>{shared('more')}</Button>}
        </Group>
      )}
      {opened && <Opened row={opened} close={() => open(null)} />}
    </>
  );
}

function Line({ row, open }: { row: Row; open: (row: Row) => void }): ReactElement {
  const say = useBadRowWords();
  const { format } = useHere();
  return (
    <tr>
      <td><Text size="sm" c="dimmed" span style={{ whiteSpace: 'nowrap' }}>{format.time(row.received_at)}</Text></td>
      <td><Button size="compact-sm" variant="subtle" px={4} onClick={() => open(row)} aria-label={`${say('see')}: ${row.reason}`}>{row.reason}</Button></td>
      <td><Text size="sm" lineClamp={2} maw={460}>{row.detail}</Text></td>
      <td className="hide-narrow">{row.source ? say(row.source) : '–'}</td>
    </tr>
  );
}

function ReplayAll({ q, reason }: { q: string; reason: string }): ReactElement {
  const say = useBadRowWords();
  const questions = useQueryClient();
  const problemText = useProblemText();
  const replay = useMutation({
    mutationFn: () => answer(api.POST('/v1/bad-rows/replay', { body: { q, reason } })),
    onSuccess: async () => {
      notifications.show({ message: say('replayBegun') });
      await questions.invalidateQueries({ queryKey: ['tray'] });
    },
    onError: (error) => notifications.show({ message: problemText(problemOf(error)), color: 'red' }),
  });
  return (
    <Group justify="space-between" gap="xs" mb="sm">
      <Text size="sm" c="dimmed" flex="1 1 300px">{say('replayHint')} <Link className="plain" to={'/jobs' as string}>{say('jobs')}</Link></Text>
      <Button variant="light" leftSection={<Icon name="refresh" size={16} />} loading={replay.isPending} onClick={() => replay.mutate()}>{q || reason ? say('replayFound') : say('replayAll')}</Button>
    </Group>
  );
}

function readable(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload), null, 2);
  } catch (error) {
    // It may be set aside for being no JSON.
    if (error instanceof SyntaxError) return payload;
    throw error;
  }
}

function Opened({ row, close }: { row: Row; close: () => void }): ReactElement {
  const say = useBadRowWords();
  const shared = useShared();
  const { format, role } = useHere();
  const questions = useQueryClient();
  const replay = useMutation({
    mutationFn: () => answer(api.POST('/v1/bad-rows/{row_id}/replay', { params: { path: { row_id: row.id } } })),
    onSuccess: () => questions.invalidateQueries({ queryKey: ['bad-rows'] }),
  });
  const now = replay.data ?? row;
  return (
    <Modal opened onClose={close} size="lg" title={row.reason} closeButtonProps={{ 'aria-label': shared('close') }}>
      <Text size="sm">{now.detail}</Text>
      <dl className="lines" style={{ margin: '12px 0' }}>
        <dt>{say('received')}</dt><dd>{format.time(row.received_at)}</dd>
        <dt>{say('stage')}</dt><dd>{row.stage}</dd>
        <dt>messageId</dt><dd>{row.message_id || '–'}</dd>
        {row.replayed_at && <><dt>{say('replayed')}</dt><dd>{format.time(row.replayed_at)}</dd></>}
      </dl>
      <Text size="sm" fw={600} mb={4}>{say('payload')}</Text>
      <Code block tabIndex={0} style={{ maxHeight: 320, overflowY: 'auto', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{readable(row.payload)}</Code>
      {replay.isError && <ProblemNotice problem={problemOf(replay.error)} />}
      {replay.data && <Alert mt="sm" color={replay.data.status === 'replayed' ? 'teal' : 'red'} role="status">{replay.data.status === 'replayed' ? say('accepted') : say('stillBad')}</Alert>}
      <Group justify="flex-end" mt="md" gap="xs">
        <Button variant="default" component="a" href={`/docs/errors#${row.reason}`} target="_blank" rel="noreferrer">{say('whatToDo')}</Button>
        {mayLead(role) && row.status === 'new' && <Button loading={replay.isPending} disabled={replay.data?.status === 'replayed'} onClick={() => replay.mutate()}>{say('replayOne')}</Button>}
      </Group>
    </Modal>
  );
}
