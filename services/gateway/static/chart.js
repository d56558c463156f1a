/** Bars by day: one measure, its values on hover and for keyboards, today marked as still filling up. */

import { drawing, element } from './elements.js';
import { dayText, word } from './words.js';

const WIDTH = 720;
const HEIGHT = 230;
const SIDE = 8;
const FOOT = 24;
const HEAD = 18;

/** `days` are {on, value}; `text(value, compact)` says a value. */
export function chart(days, text, label) {
  if (days.length === 0) return element('p', { class: 'empty' }, word('nothingYet'));
  const top = Math.max(...days.map((day) => day.value), 0) || 1;
  const step = (WIDTH - 2 * SIDE) / days.length;
  const floor = HEIGHT - FOOT;
  const shown = element('output', { class: 'reading' });
  const picture = drawing('svg', {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', class: 'chart',
    'aria-label': `${label}: ${days.map((day) => `${dayText(day.on)} ${text(day.value)}`).join(', ')}`,
  });
  for (const share of [0.5, 1]) {
    const y = floor - share * (floor - HEAD);
    picture.append(
      drawing('line', { x1: SIDE, x2: WIDTH - SIDE, y1: y, y2: y, class: 'grid' }),
      drawing('text', { x: SIDE, y: y - 4, class: 'tick' }, text(top * share, true)),
    );
  }
  // So few that they do not touch where a narrow screen makes them larger.
  const every = Math.ceil(days.length / 6);
  days.forEach((day, place) => {
    const height = Math.max(day.value > 0 ? 2 : 0, (Math.max(day.value, 0) / top) * (floor - HEAD));
    const x = SIDE + place * step;
    const show = () => { shown.textContent = `${dayText(day.on)} · ${text(day.value)}`; };
    const last = place === days.length - 1;
    picture.append(
      drawing('g', { class: last ? 'column filling' : 'column', mouseenter: show, click: show },
        drawing('rect', { x, y: HEAD, width: step, height: floor - HEAD, class: 'reach' }),
        drawing('rect', {
          x: x + step * 0.15, y: floor - height, width: step * 0.7, height, rx: Math.min(4, step * 0.2), class: 'value',
        })),
    );
    if ((days.length - 1 - place) % every === 0) {
      const [at, anchor] = last ? [WIDTH - SIDE, 'end'] : [x + step / 2, 'middle'];
      picture.append(drawing('text', { x: at, y: HEIGHT - 7, class: 'tick', 'text-anchor': anchor }, dayText(day.on)));
    }
  });
  const latest = days[days.length - 1];
  shown.textContent = `${dayText(latest.on)} · ${text(latest.value)}`;
  return element('figure', { class: 'chart-box' }, shown, picture);
}
