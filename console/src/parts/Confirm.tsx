/** Asks before something that one click does not take back. */

import { Button, Group, Modal, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import { useShared } from '../language/shared';

interface Props {
  title: string;
  text: string;
  /** What the button says that does it. */
  yes: string;
  /** Whether it takes something away. */
  danger?: boolean;
  busy?: boolean;
  onYes: () => void;
  onClose: () => void;
}

export function Confirm({ title, text, yes, danger = true, busy = false, onYes, onClose }: Props): ReactElement {
  const say = useShared();
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': say('close') }}>
      <Text size="sm">{text}</Text>
      <Group justify="flex-end" gap="xs" mt="md">
        <Button variant="default" onClick={onClose}>{say('cancel')}</Button>
        <Button {...(danger ? { color: 'red' } : {})} loading={busy} onClick={onYes}>{yes}</Button>
      </Group>
    </Modal>
  );
}
