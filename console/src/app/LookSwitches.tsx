/** The other language, and light or dark. */

import { ActionIcon, Button, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import type { ReactElement } from 'react';
import { switchLanguage, useLanguage } from '../language/words';
import { Icon } from '../parts/Icon';
import { useFrameWords } from './words';

export function LookSwitches(): ReactElement {
  const say = useFrameWords();
  const language = useLanguage();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const other = language === 'en' ? 'zh-TW' : 'en';
  return (
    <>
      <Button variant="subtle" color="gray" size="compact-sm" h={34} px={8} c="dimmed" lang={other} onClick={() => switchLanguage(other)}>
        {say('language')}
      </Button>
      <ActionIcon variant="subtle" color="gray" size={34} c="dimmed" aria-label={say('lightDark')} onClick={() => setColorScheme(scheme === 'dark' ? 'light' : 'dark')}>
        <Icon name={scheme === 'dark' ? 'sun' : 'moon'} />
      </ActionIcon>
    </>
  );
}
