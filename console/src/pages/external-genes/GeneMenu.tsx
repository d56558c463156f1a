/** What can be done with a whole external gene: other words, or none of it any more. */

import { ActionIcon, Button, Group, Menu, Modal, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { lazy, type ReactElement, Suspense } from 'react';
import { answer, api } from '../../api/client';
import { problemOf } from '../../api/problem';
import { useHere } from '../../app/session';
import { useProblemText } from '../../language/problems';
import { useShared } from '../../language/shared';
import { localText } from '../../language/words';
import { Icon } from '../../parts/Icon';
import type { ExternalGene } from './useExternalGenes';
import { useExternalWords } from './words';

const GeneDialog = lazy(async () => ({ default: (await import('./GeneDialog')).GeneDialog }));

export function GeneMenu({ gene }: { gene: ExternalGene }): ReactElement {
  const say = useExternalWords();
  const shared = useShared();
  const { language } = useHere();
  const problemText = useProblemText();
  const questions = useQueryClient();
  const navigate = useNavigate();
  const [asking, ask] = useDisclosure(false);
  const [editing, edit] = useDisclosure(false);
  const name = localText(gene.name, language);
  const remove = useMutation({
    mutationFn: () => answer(api.DELETE('/v1/external-genes/{gene_id}', { params: { path: { gene_id: gene.id } } })),
    onSuccess: async () => {
      notifications.show({ message: say('removed', { name }) });
      await navigate({ to: '/external-genes' } as never);
      questions.removeQueries({ queryKey: ['external-gene', gene.id] });
      await Promise.all([['external-genes'], ['catalogue']].map((queryKey) => questions.invalidateQueries({ queryKey })));
    },
    onError: (error) => {
      ask.close();
      const problem = problemOf(error);
      notifications.show({ message: problem.code === 'EXTERNAL_GENE_IN_USE' ? say('inUse') : problemText(problem), color: 'red', autoClose: 10_000 });
    },
  });
  return (
    <>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target><ActionIcon variant="default" size={36} aria-label={say('menu')}><Icon name="dots" /></ActionIcon></Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Icon name="pencil" size={15} />} onClick={edit.open}>{shared('edit')}</Menu.Item>
          <Menu.Item c="var(--bad)" leftSection={<Icon name="trash" size={15} />} onClick={ask.open}>{shared('delete')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={asking} onClose={ask.close} title={shared('delete')} closeButtonProps={{ 'aria-label': shared('close') }}>
        <Text size="sm">{say('deleteAsk', { name })}</Text>
        <Group justify="flex-end" gap="xs" mt="md">
          <Button variant="default" onClick={ask.close}>{shared('cancel')}</Button>
          <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>{shared('delete')}</Button>
        </Group>
      </Modal>
      <Suspense>{editing && <GeneDialog gene={gene} onClose={edit.close} />}</Suspense>
    </>
  );
}
