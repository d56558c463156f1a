/** Waits for what the shop's site sends and shows it as it comes; a test click from this browser is followed to its person. */

import { Button, Group, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useLiveFeed } from '../../api/live';
import { problemOf } from '../../api/problem';
import { mayWrite, useFormat, useHere } from '../../app/session';
import { useEventText } from '../../language/events';
import { Icon } from '../../parts/Icon';
import { ProblemNotice } from '../../parts/ProblemNotice';
import { PageCheck } from './PageCheck';
import { TEST_EVENT, useTestClick } from './useInstall';
import { useInstallWords } from './words';

const SHOWN = 8;
const LATE_SECONDS = 20;

export function Verifier({ value }: { value: string }): ReactElement {
  const say = useInstallWords();
  const feed = useLiveFeed();
  const click = useTestClick(value);
  const eventText = useEventText();
  const format = useFormat();
  const { role } = useHere();
  // What the site itself sent; a test click only shows that the key works.
  const site = feed.events.filter((event) => event.name !== TEST_EVENT);
  return (
    <section className="card">
      <Title order={2} mb="sm">{say('step3')}</Title>
      <div className={site.length ? 'arrival there' : 'arrival'} role="status">
        {site.length ? <Icon name="check" size={26} /> : <span className="waits" />}
        <div>
          <Text fw={600}>{site.length ? say('arrived') : say('waiting')}</Text>
          <Text size="sm">{site.length ? say('arrivedText') : say('waitingText')}</Text>
        </div>
      </div>
      {feed.events.length > 0 && (
        <ol className="feed" style={{ marginTop: 8 }}>
          {feed.events.slice(0, SHOWN).map((event) => (
            <li key={event.key}>
              <Link to={'/people/$id' as string} params={{ id: String(event.nid) } as never}>
                <i className={`dot ${event.kind}`} />
                <span className="cut" style={{ flex: 1 }}>{event.name === TEST_EVENT ? say('yours') : eventText(event.kind, event.name)}</span>
                <Text size="xs" c="dimmed" span>#{event.nid}</Text>
                <Text size="xs" c="dimmed" span component="time">{format.clock(event.received_at)}</Text>
              </Link>
            </li>
          ))}
        </ol>
      )}
      <Group mt="md" gap="md" align="center">
        <Button variant="default" leftSection={<Icon name="bolt" />} disabled={!value} loading={click.sending} onClick={click.send}>{say('tryHere')}</Button>
        <Text size="sm" c="dimmed" flex="1 1 260px">{value ? say('tryText') : say('tryNeedsKey')}</Text>
      </Group>
      {click.problem && <div style={{ marginTop: 12 }}><ProblemNotice problem={problemOf(click.problem)} /></div>}
      {click.sent && (
        <Group mt="sm" gap="sm" role="status">
          {click.person === null ? (
            <Text size="sm">{click.seconds < LATE_SECONDS ? say('trying') : say('tryLate', { seconds: Math.round(click.seconds) })}</Text>
          ) : (
            <>
              <Text size="sm" c="var(--accent)" fw={600}>{say('tried', { seconds: format.number(Math.round(click.seconds * 10) / 10) })}</Text>
              <Button size="xs" variant="light" component={Link} to={`/people/${click.person}`}>{say('open')}</Button>
            </>
          )}
        </Group>
      )}
      {mayWrite(role) && <PageCheck />}
      <Text size="sm" fw={600} mt="md">{say('help')}</Text>
      <ul className="tips">
        <li>{say('help401')}</li>
        <li>{say('help403')}</li>
        <li>{say('helpCsp', { host: location.origin })}</li>
        <li>{say('helpBlock')}</li>
        <li>{say('helpBad')} <Link to={'/imports' as string} search={{ tab: 'bad' } as never}>{say('badRows')}</Link></li>
      </ul>
    </section>
  );
}
