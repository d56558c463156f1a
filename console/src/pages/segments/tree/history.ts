/** What was done to a draft, so that it can be undone and done again. */

import { type Change, changed, type GroupDraft } from './draft';

export interface History {
  past: readonly GroupDraft[];
  present: GroupDraft;
  future: readonly GroupDraft[];
}

export type Act = Change | { do: 'undo' } | { do: 'redo' } | { do: 'load'; root: GroupDraft };

const KEPT = 100;

export function acted(history: History, act: Act): History {
  const { past, present, future } = history;
  switch (act.do) {
    case 'load':
      return { past: [], present: act.root, future: [] };
    case 'undo': {
      const before = past.at(-1);
      return before ? { past: past.slice(0, -1), present: before, future: [present, ...future] } : history;
    }
    case 'redo': {
      const [after, ...rest] = future;
      return after ? { past: [...past, present], present: after, future: rest } : history;
    }
    default: {
      const next = changed(present, act);
      return next === present ? history : { past: [...past, present].slice(-KEPT), present: next, future: [] };
    }
  }
}
