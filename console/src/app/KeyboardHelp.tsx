/** Every shortcut, in one list. */

import { Kbd, Modal } from '@mantine/core';
import type { ReactElement } from 'react';
import { useShared } from '../language/shared';
import { GOES } from './keyboard';
import { mayGo, PLACES } from './places';
import type { Here } from './session';
import { useFrameWords } from './words';

export function KeyboardHelp({ here, close }: { here: Here; close: () => void }): ReactElement {
  const say = useFrameWords();
  const shared = useShared();
  const places = Object.entries(GOES).flatMap(([key, path]) => {
    const nav = PLACES.find((place) => place.path === path)?.nav;
    return nav && mayGo(nav, here) ? [[['g', key], say('helpGo', { place: here.language === 'en' ? nav.en : nav.zh })] as const] : [];
  });
  const lines = [
    [['Ctrl / ⌘', 'K'], say('helpFind')] as const,
    ...places,
    [['/'], say('helpSlash')] as const,
    [['?'], say('helpHelp')] as const,
    [['Esc'], say('helpClose')] as const,
  ];
  return (
    <Modal opened onClose={close} title={say('helpTitle')} closeButtonProps={{ 'aria-label': shared('close') }}>
      <dl className="lines">
        {lines.map(([keys, text]) => (
          <div key={text} style={{ display: 'contents' }}>
            <dt>{keys.map((key) => <Kbd key={key} mr={4}>{key}</Kbd>)}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
