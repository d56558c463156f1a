/** Days side by side: as wide as they are shown, so that texts keep their size; one of them chosen by pointer or by keys. */

import { useElementSize } from '@mantine/hooks';
import { scaleBand } from '@visx/scale';
import { type KeyboardEvent, useState } from 'react';

const FIRST_WIDTH = 760;
const LABEL_PIXELS = 110;

/** `begin` is where the first day begins: what is left of it is for the axis. */
export function useDayAxis(days: readonly string[], begin = 0) {
  const { ref, width: measured } = useElementSize();
  const width = measured || FIRST_WIDTH;
  const [at, choose] = useState<number | null>(null);
  const x = scaleBand({ domain: [...days], range: [begin, width], padding: 0.28 });
  const last = days.length - 1;
  const every = Math.ceil((days.length * LABEL_PIXELS) / width);

  function step(event: KeyboardEvent): void {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    choose((old) => Math.min(last, Math.max(0, (old ?? last) + move)));
  }

  return {
    ref, width, x, choose, step, last,
    /** Null while nobody points at any: the last one is what is told. */
    at,
    middle: (on: string): number => (x(on) ?? 0) + x.bandwidth() / 2,
    isLabelled: (index: number): boolean => (last - index) % every === 0,
  };
}
