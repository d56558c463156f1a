/** The newest events as they become somebody's; each leads to that person. */

import { ActionIcon, Group, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import type { Feed } from '../../api/live';
import { useFormat } from '../../app/session';
import { useEventText } from '../../language/events';
import { Empty } from '../../parts/Empty';
import { Icon } from '../../parts/Icon';
import { useHomeWords } from './words';

export function LiveCard({ feed }: { feed: Feed }): ReactElement {
  const say = useHomeWords();
  const format = useFormat();
  const eventText = useEventText();
  return (
    <section className="card" style={{ height: '100%', display: 'flex', flexDirection: 'column' }}>
      <Group justify="space-between" mb="xs" wrap="nowrap">
        <Title order={2}>{say('live')}</Title>
        <Group gap={6}>
          {feed.rate > 0 && <Text size="xs" c="var(--accent)" fw={600}>{say('perSecond', { count: format.number(feed.rate) })}</Text>}
          <ActionIcon variant="subtle" color="gray" c="dimmed" size={28} aria-label={feed.paused ? say('resume') : say('pause')} onClick={() => feed.setPaused(!feed.paused)}>
            <Icon name={feed.paused ? 'play' : 'pause'} />
          </ActionIcon>
        </Group>
      </Group>
      {feed.events.length === 0 ? (
        <Empty icon="bolt" title={say('liveEmpty')} text={say('liveEmptyText')} />
      ) : (
        <ol className="feed" style={{ overflowY: 'auto', maxHeight: 270 }} tabIndex={0} aria-label={say('live')}>
          {feed.events.map((event) => (
            <li key={event.key}>
              <Link to={'/people/$id' as string} params={{ id: String(event.nid) } as never}>
                <i className={`dot ${event.kind}`} />
                <span className="cut" style={{ flex: 1 }}>{eventText(event.kind, event.name)}</span>
                <Text size="xs" c="dimmed" span>{say('someone', { nid: event.nid })}</Text>
                <Text size="xs" c="dimmed" span component="time">{format.clock(event.received_at)}</Text>
              </Link>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
