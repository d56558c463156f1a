/** What somebody did, newest first, by day; some kinds of events or some days only, and each event as it was sent. */

import { Button, Group, NativeSelect, Text, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { loaded } from '../../api/loaded';
import type { Schemas } from '../../api/client';
import { useFormat, useHere } from '../../app/session';
import { useEventText } from '../../language/events';
import { useShared } from '../../language/shared';
import { beginOf, dayOf, endOf } from '../../language/zones';
import { Empty } from '../../parts/Empty';
import { Ready } from '../../parts/Ready';
import { useUrlState } from '../../parts/useUrlState';
import { SIEVES, type SieveName, sieveOf } from './sieves';
import { useTimeline } from './usePeople';
import { usePeopleWords } from './words';
import '../../parts/fields.css';
import './person.css';

type Event = Schemas['Event'];
type Identifiers = Schemas['Profile']['identifiers'];

/** The one property that tells most of an event. */
function told(payload: unknown): string {
  const { properties = {}, traits = {} } = (payload ?? {}) as { properties?: Record<string, unknown>; traits?: Record<string, unknown> };
  for (const key of ['name', 'query', 'title', 'product_name', 'order_id', 'path', 'url', 'product_id']) {
    const value = properties[key];
    if (typeof value === 'string' || typeof value === 'number') return String(value);
  }
  return Object.keys(traits).join('、');
}

export function TimelineTab({ id, identifiers, reveal }: { id: number; identifiers: Identifiers; reveal: string }): ReactElement {
  const say = usePeopleWords();
  const shared = useShared();
  const { tenant } = useHere();
  const [show, setShow] = useUrlState('show', 'everything');
  const [from, setFrom] = useUrlState('from');
  const [to, setTo] = useUrlState('to');
  const zone = tenant.time_zone;
  const [begin, end] = [beginOf(from, zone), endOf(to, zone)];
  const query = useTimeline(id, { ...sieveOf(show), ...(begin && { from: begin }), ...(end && { to: end }) }, reveal);
  const timeline = loaded(query);
  const sieved = show !== 'everything' || from !== '' || to !== '';
  return (
    <>
      <div className="fields">
        <NativeSelect label={say('showOnly')} value={show} onChange={(event) => setShow(event.currentTarget.value)} data={(Object.keys(SIEVES) as SieveName[]).map((name) => ({ value: name, label: say(`sieve_${name}`) }))} />
        <TextInput type="date" label={say('fromDay')} value={from} max={to || undefined} onChange={(event) => setFrom(event.currentTarget.value)} />
        <TextInput type="date" label={say('toDay')} value={to} min={from || undefined} onChange={(event) => setTo(event.currentTarget.value)} />
      </div>
      <Ready of={timeline} height={300}>
        {({ pages }, renewing) => {
          const events = pages.flatMap((page) => page.events);
          if (events.length === 0) return <div className="card"><Empty icon="history" title={say(sieved ? 'noneSieved' : 'noEvents')} text={say(sieved ? 'noneSievedText' : 'noEventsText')} /></div>;
          return (
            <>
              <div className={renewing ? 'card old' : 'card'}>{byDay(events, zone).map(([day, some]) => <Day key={day} day={day} events={some} identifiers={identifiers} />)}</div>
              {query.hasNextPage && <Group justify="center" mt="md"><Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{shared('more')}</Button></Group>}
            </>
          );
        }}
      </Ready>
    </>
  );
}

function byDay(events: readonly Event[], zone: string): [string, Event[]][] {
  const days = new Map<string, Event[]>();
  for (const event of events) {
    const day = event.occurred_at ? dayOf(event.occurred_at, zone) : '';
    days.set(day, [...(days.get(day) ?? []), event]);
  }
  return [...days];
}

function Day({ day, events, identifiers }: { day: string; events: readonly Event[]; identifiers: Identifiers }): ReactElement {
  const format = useFormat();
  return (
    <section className="timeline-day">
      <Text component="h3" size="sm" fw={600} m={0} c="dimmed">{day ? `${format.longDay(day)} · ${format.weekday(day)}` : '–'}</Text>
      <ol className="timeline">{events.map((event) => <Line key={event.message_id} event={event} identifiers={identifiers} />)}</ol>
    </section>
  );
}

function Line({ event, identifiers }: { event: Event; identifiers: Identifiers }): ReactElement {
  const say = usePeopleWords();
  const format = useFormat();
  const eventText = useEventText();
  const by = identifiers.find((one) => one.nid === event.nid);
  const line = (
    <>
      <i className={`dot ${event.kind}`} />
      <span className="timeline-what">{eventText(event.kind, event.name)}</span>
      <Text size="sm" c="dimmed" span className="cut" flex={1}>{told(event.payload)}</Text>
      <Text size="xs" c="dimmed" component="time" dateTime={event.occurred_at ?? undefined}>{format.minutes(event.occurred_at)}</Text>
    </>
  );
  return (
    <li>
      <details>
        <summary className="timeline-line">{line}</summary>
        <Text size="xs" c="dimmed" mb={6}>{[by && `${say(by.kind)} ${by.value}`, event.channel, format.time(event.occurred_at)].filter(Boolean).join(' · ')}</Text>
        <pre tabIndex={0} aria-label={say('asSent')}>{JSON.stringify(event.payload, null, 2)}</pre>
      </details>
    </li>
  );
}
