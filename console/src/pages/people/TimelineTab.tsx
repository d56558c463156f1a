/** What somebody did, newest first, each event as it was sent on demand. */

import { Button, Group, Text } from '@mantine/core';
import type { ReactElement } from 'react';
import { loaded } from '../../api/loaded';
import type { Schemas } from '../../api/client';
import { useFormat } from '../../app/session';
import { useEventText } from '../../language/events';
import { useShared } from '../../language/shared';
import { Empty } from '../../parts/Empty';
import { Ready } from '../../parts/Ready';
import { useTimeline } from './usePeople';
import { usePeopleWords } from './words';
import './timeline.css';

type Event = Schemas['Event'];

/** The one property that tells most of an event. */
function told(payload: unknown): string {
  const { properties = {}, traits = {} } = (payload ?? {}) as { properties?: Record<string, unknown>; traits?: Record<string, unknown> };
  for (const key of ['name', 'query', 'title', 'product_name', 'order_id', 'path', 'url', 'product_id']) {
    const value = properties[key];
    if (typeof value === 'string' || typeof value === 'number') return String(value);
  }
  return Object.keys(traits).join('、');
}

export function TimelineTab({ id, revealed }: { id: number; revealed: boolean }): ReactElement {
  const say = usePeopleWords();
  const shared = useShared();
  const query = useTimeline(id);
  const timeline = loaded(query);
  return (
    <Ready of={timeline} height={300}>
      {({ pages }) => {
        const events = pages.flatMap((page) => page.events);
        if (events.length === 0) return <div className="card"><Empty icon="history" title={say('timeline')} text={say('noEvents')} /></div>;
        return (
          <>
            <ol className="card timeline">{events.map((event) => <Line key={event.message_id} event={event} revealed={revealed} />)}</ol>
            {query.hasNextPage && <Group justify="center" mt="md"><Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{shared('more')}</Button></Group>}
          </>
        );
      }}
    </Ready>
  );
}

function Line({ event, revealed }: { event: Event; revealed: boolean }): ReactElement {
  const say = usePeopleWords();
  const format = useFormat();
  const eventText = useEventText();
  const line = (
    <>
      <i className={`dot ${event.kind}`} />
      <span>{eventText(event.kind, event.name)}</span>
      <Text size="sm" c="dimmed" span className="cut" flex={1}>{told(event.payload)}</Text>
      <Text size="xs" c="dimmed" component="time" span>{format.time(event.occurred_at)}</Text>
    </>
  );
  if (!revealed) return <li><div className="timeline-line">{line}</div></li>;
  return (
    <li>
      <details>
        <summary className="timeline-line">{line}</summary>
        <pre tabIndex={0} aria-label={say('asSent')}>{JSON.stringify(event.payload, null, 2)}</pre>
      </details>
    </li>
  );
}
