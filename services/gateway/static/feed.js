/** The live feed: the newest events as they become somebody's. */

import { byId, element } from './elements.js';
import { follow } from './follow.js';
import { showPerson } from './people.js';
import { eventWord, number, timeText, word } from './words.js';

const SHOWN = 40;
const RATE_SECONDS = 10;

/** Shows events until the returned function is called. */
export function watchFeed(context) {
  const feed = byId('feed');
  const counts = [];
  let paused = false;
  feed.replaceChildren();
  byId('feed-empty').hidden = false;
  byId('pause').textContent = word('pause');
  byId('pause').onclick = () => {
    paused = !paused;
    byId('pause').textContent = word(paused ? 'resume' : 'pause');
  };

  const stop = follow('/v1/events/live', (burst) => {
    counts.push([Date.now(), burst.count]);
    if (paused) return;
    byId('feed-empty').hidden = true;
    const hidden = burst.count - burst.events.length;
    const more = hidden > 0 ? [element('li', { class: 'and-more' }, word('andMore').replace('{n}', number(hidden)))] : [];
    feed.prepend(...burst.events.map((event) => line(event, context)), ...more);
    while (feed.childElementCount > SHOWN) feed.lastElementChild.remove();
  });

  const ticking = setInterval(() => {
    const since = Date.now() - RATE_SECONDS * 1000;
    while (counts.length && counts[0][0] < since) counts.shift();
    const rate = counts.reduce((sum, [, count]) => sum + count, 0) / RATE_SECONDS;
    byId('rate').textContent = rate > 0 ? `${number(Math.round(rate * 10) / 10)} ${word('perSecond')}` : '';
  }, 1000);

  return () => {
    stop();
    clearInterval(ticking);
  };
}

function line(event, context) {
  return element('li', {},
    element('button', { type: 'button', click: () => showPerson(event.nid, context) },
      element('i', { class: `dot ${event.kind} ${event.identified ? 'member' : ''}` }),
      element('span', { class: 'what' }, eventWord(event.kind, event.name)),
      element('span', { class: 'who' }, `#${event.nid}`),
      element('time', {}, timeText(event.received_at, context.timeZone, false))));
}
