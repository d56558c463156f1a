/** What administrators do for somebody who asks: their data as a file, or to be forgotten. */

import { ActionIcon, Menu } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useNavigate } from '@tanstack/react-router';
import { lazy, type ReactElement, Suspense, useState } from 'react';
import { problemOf } from '../../api/problem';
import { useProblemText } from '../../language/problems';
import { Icon } from '../../parts/Icon';
import { useRequestWords } from './requestWords';
import { useMakeExport } from './useRequests';

const EraseDialog = lazy(async () => ({ default: (await import('./EraseDialog')).EraseDialog }));

export function PersonMenu({ id }: { id: number }): ReactElement {
  const say = useRequestWords();
  const navigate = useNavigate();
  const problemText = useProblemText();
  const [erasing, setErasing] = useState(false);
  const make = useMakeExport();
  function takeAway(): void {
    make.mutate(id, {
      onSuccess: (made) => void navigate({ to: '/people/requests' as string, search: { tab: 'exports', export: made.id } as never }),
      onError: (error) => notifications.show({ message: problemText(problemOf(error)), color: 'red' }),
    });
  }
  return (
    <>
      <Menu position="bottom-end" shadow="md" width={240}>
        <Menu.Target><ActionIcon variant="default" size={36} aria-label={say('moreActions')} loading={make.isPending}><Icon name="dots" /></ActionIcon></Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Icon name="save" size={16} />} onClick={takeAway}>{say('export')}</Menu.Item>
          <Menu.Item leftSection={<Icon name="trash" size={16} />} color="var(--bad)" onClick={() => setErasing(true)}>{say('erase')}…</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {erasing && <Suspense><EraseDialog id={id} onClose={() => setErasing(false)} /></Suspense>}
    </>
  );
}
