/** What counts as success beside an order: the shop's goals, by name. */

import { ActionIcon, Button, Group, Modal, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Link } from '@tanstack/react-router';
import { lazy, type ReactElement, Suspense, useState } from 'react';
import { loaded } from '../../api/loaded';
import { problemOf } from '../../api/problem';
import { mayWrite, useHere } from '../../app/session';
import { useEventText } from '../../language/events';
import { useProblemText } from '../../language/problems';
import { useShared } from '../../language/shared';
import { CsvButton } from '../../parts/CsvButton';
import { Empty } from '../../parts/Empty';
import { Icon } from '../../parts/Icon';
import { PageHead } from '../../parts/PageHead';
import { Ready } from '../../parts/Ready';
import type { ValueTest } from '../segments/tree/nodes';
import { operatorOf } from '../segments/tree/operators';
import { useSegmentWords } from '../segments/words';
import { type Goal, useDeleteGoal, useGoals } from './useGoals';
import { useGoalWords } from './words';

const GoalDialog = lazy(async () => ({ default: (await import('./GoalDialog')).GoalDialog }));
// Whoever reached a goal lately is whom one talks to first.
const LATELY = { last_days: 30 };

export function Page(): ReactElement {
  const say = useGoalWords();
  const shared = useShared();
  const { role } = useHere();
  const query = useGoals();
  const goals = loaded(query);
  // "new", or the goal that is changed.
  const [edited, edit] = useState<Goal | 'new' | null>(null);
  const [doomed, doom] = useState<Goal | null>(null);
  // A file of a part would be taken for the whole.
  const whole = goals.state === 'ready' && !query.hasNextPage ? goals.value.pages.flatMap((page) => page.goals) : [];
  const make = mayWrite(role) && <Button leftSection={<Icon name="plus" />} onClick={() => edit('new')}>{say('make')}</Button>;
  return (
    <>
      <PageHead title={say('title')} lead={say('lead')}>
        {whole.length > 0 && <CsvButton name="goals" head={[say('name'), say('event'), say('value'), say('description')]} rows={() => whole.map((goal) => [goal.name, goal.event, goal.value_property, goal.description])} />}
        {make}
      </PageHead>
      <Ready of={goals} height={240}>
        {({ pages }) => {
          const found = pages.flatMap((page) => page.goals);
          if (found.length === 0) return <div className="card"><Empty icon="target" title={say('none')} text={say('noneText')} /></div>;
          return (
            <>
              <div className="card flush"><Table goals={found} edit={edit} doom={doom} /></div>
              {query.hasNextPage && <Group justify="center" mt="md"><Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{shared('more')}</Button></Group>}
            </>
          );
        }}
      </Ready>
      <Suspense>{edited && <GoalDialog goal={edited === 'new' ? null : edited} onClose={() => edit(null)} />}</Suspense>
      {doomed && <DeleteGoal goal={doomed} onClose={() => doom(null)} />}
    </>
  );
}

function Table({ goals, edit, doom }: { goals: readonly Goal[]; edit: (goal: Goal) => void; doom: (goal: Goal) => void }): ReactElement {
  const say = useGoalWords();
  const shared = useShared();
  const { format, role } = useHere();
  const eventText = useEventText();
  const testText = useTestText();
  return (
    <div className="wide" tabIndex={0} role="region" aria-label={say('title')}>
      <table className="rows">
        <thead><tr><th>{say('name')}</th><th>{say('event')}</th><th className="hide-narrow">{say('changedAt')}</th><th aria-label={say('used')} /></tr></thead>
        <tbody>
          {goals.map((goal) => (
            <tr key={goal.id}>
              <td style={{ minWidth: 140 }}><Text size="sm" fw={550}>{goal.name}</Text>{goal.description && <Text size="xs" c="dimmed">{goal.description}</Text>}</td>
              <td style={{ minWidth: 150 }}>
                <Text size="sm">{eventText('track', goal.event)}</Text>
                {goal.where.map((one) => <Text key={one.property} size="xs" c="dimmed">{say('where')} {one.property} {testText(one.is)}</Text>)}
                {goal.value_property && <Text size="xs" c="dimmed">{say('valueOf', { path: goal.value_property })}</Text>}
              </td>
              <td className="hide-narrow"><Text size="sm" c="dimmed" span style={{ whiteSpace: 'nowrap' }}>{format.time(goal.changed_at)}</Text></td>
              <td>
                <Group gap={6} wrap="nowrap" justify="flex-end">
                  <Button size="xs" variant="light" component={Link} to={'/segments/new' as string} search={{ tree: JSON.stringify({ goal: goal.id, in: LATELY }) } as never}>{say('open')}</Button>
                  <Button size="xs" variant="default" component={Link} to={'/reports' as string} search={{ goal: goal.id } as never}>{say('funnel')}</Button>
                  {mayWrite(role) && (
                    <>
                      <Button size="xs" variant="default" onClick={() => edit(goal)}>{shared('edit')}</Button>
                      <ActionIcon variant="subtle" color="gray" c="dimmed" size={30} aria-label={`${shared('delete')} ${goal.name}`} onClick={() => doom(goal)}><Icon name="trash" size={16} /></ActionIcon>
                    </>
                  )}
                </Group>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A test of a property in short: its operator and what it compares with. */
function useTestText(): (test: ValueTest) => string {
  const say = useSegmentWords();
  return (test) => {
    const compared = Object.entries(test).filter(([key]) => key !== 'op' && key !== 'known').flatMap(([, value]) => (Array.isArray(value) ? value : [value]));
    return `${say(`op_${operatorOf(test)}`)} ${compared.map(String).join('、')}`.trim();
  };
}

function DeleteGoal({ goal, onClose }: { goal: Goal; onClose: () => void }): ReactElement {
  const say = useGoalWords();
  const shared = useShared();
  const problemText = useProblemText();
  const remove = useDeleteGoal(() => {
    notifications.show({ message: say('removed', { name: goal.name }) });
    onClose();
  });
  return (
    <Modal opened onClose={onClose} title={shared('delete')} closeButtonProps={{ 'aria-label': shared('close') }}>
      <Text size="sm">{say('removeAsk', { name: goal.name })}</Text>
      {remove.isError && <Text size="sm" c="var(--bad)" role="alert" mt="xs">{problemText(problemOf(remove.error))}</Text>}
      <Group justify="flex-end" gap="xs" mt="md">
        <Button variant="default" onClick={onClose}>{shared('cancel')}</Button>
        <Button color="red" loading={remove.isPending} onClick={() => remove.mutate(goal.id)}>{shared('delete')}</Button>
      </Group>
    </Modal>
  );
}
