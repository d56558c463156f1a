/** What can be done with a whole segment: put away, taken back, deleted. */

import { ActionIcon, Button, Group, Menu, Modal, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { answer, api } from '../../api/client';
import { problemOf } from '../../api/problem';
import { useProblemText } from '../../language/problems';
import { useShared } from '../../language/shared';
import { Icon } from '../../parts/Icon';
import type { OneSegment } from './useSegments';
import { useSegmentWords } from './words';

type Deed = 'archive' | 'unarchive' | 'delete';

export function SegmentMenu({ segment }: { segment: OneSegment }): ReactElement {
  const say = useSegmentWords();
  const shared = useShared();
  const problemText = useProblemText();
  const questions = useQueryClient();
  const navigate = useNavigate();
  const [asking, ask] = useDisclosure(false);
  const deed = useMutation({
    mutationFn: async (what: Deed): Promise<void> => {
      const params = { params: { path: { segment_id: segment.id } } };
      if (what === 'archive') await answer(api.POST('/v1/segments/{segment_id}/archive', params));
      else if (what === 'unarchive') await answer(api.POST('/v1/segments/{segment_id}/unarchive', params));
      else await answer(api.DELETE('/v1/segments/{segment_id}', params));
    },
    onSuccess: async (_, what) => {
      ask.close();
      notifications.show({ message: what === 'delete' ? say('removed', { name: segment.name }) : what === 'archive' ? say('archivedNow', { name: segment.name }) : say('saved', { name: segment.name }) });
      await Promise.all([['segments'], ['catalogue'], ...(what === 'delete' ? [] : [['segment', segment.id]])].map((queryKey) => questions.invalidateQueries({ queryKey })));
      if (what === 'delete') await navigate({ to: '/segments' } as never);
    },
    onError: (error) => {
      ask.close();
      notifications.show({ message: problemText(problemOf(error)), color: 'red', autoClose: 10_000 });
    },
  });
  return (
    <>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target><ActionIcon variant="default" size={36} aria-label={say('partMenu')}><Icon name="dots" /></ActionIcon></Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Icon name="folder" size={15} />} onClick={() => deed.mutate(segment.archived_at ? 'unarchive' : 'archive')}>{segment.archived_at ? say('unarchive') : say('archive')}</Menu.Item>
          <Menu.Item c="var(--bad)" leftSection={<Icon name="trash" size={15} />} onClick={ask.open}>{shared('delete')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={asking} onClose={ask.close} title={shared('delete')} closeButtonProps={{ 'aria-label': shared('close') }}>
        <Text size="sm">{say('deleteAsk', { name: segment.name })}</Text>
        <Group justify="flex-end" gap="xs" mt="md">
          <Button variant="default" onClick={ask.close}>{shared('cancel')}</Button>
          <Button color="red" loading={deed.isPending} onClick={() => deed.mutate('delete')}>{shared('delete')}</Button>
        </Group>
      </Modal>
    </>
  );
}
