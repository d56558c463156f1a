/** Whether each source of events is well: what it sends, what is usual at this hour, and what to do when it is not. */

import { Button, Group, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { mayLead, useHere } from '../../app/session';
import { AsOf } from '../../parts/AsOf';
import { CsvButton } from '../../parts/CsvButton';
import { Empty } from '../../parts/Empty';
import { Ready } from '../../parts/Ready';
import { useSourceWords } from './sourceWords';
import { MOST_SOURCES, type Source, useSources } from './useSources';

const COLOURS: Readonly<Record<Source['health'], string>> = { waiting: 'var(--line)', silent: 'var(--bad)', bad: 'var(--bad)', low: 'var(--warm)', late: 'var(--warm)', history: 'var(--accent)', well: 'var(--accent)' };

export function SourcesCard(): ReactElement {
  const say = useSourceWords();
  const { role } = useHere();
  const sources = useSources();
  return (
    <section className="card">
      <Title order={2}>{say('title')}</Title>
      <Text size="sm" c="dimmed">{say('lead')}</Text>
      <Ready of={sources} height={160}>
        {(found) =>
          found.sources.length === 0 ? (
            <Empty icon="bolt" title={say('noneTitle')} text={say('noneText')}>{mayLead(role) && <Button component={Link} to={'/settings' as string} search={{ tab: 'keys' } as never} mt="xs" variant="light">{say('toKeys')}</Button>}</Empty>
          ) : (
            <>
              <AsOf at={found.as_of} />
              <SourceTable sources={found.sources} now={Date.parse(found.now ?? '')} />
              {found.next_cursor !== null && <Text size="xs" c="dimmed" mt={4}>{say('more', { count: MOST_SOURCES })}</Text>}
            </>
          )
        }
      </Ready>
    </section>
  );
}

function SourceTable({ sources, now }: { sources: readonly Source[]; now: number }): ReactElement {
  const say = useSourceWords();
  const { format } = useHere();
  const state = (one: Source) => say(one.health === 'bad' ? 'bad_' : one.health);
  const fix = (one: Source) => {
    if (one.health === 'well') return '';
    return say(`fix_${one.health}`, { share: format.share(one.bad_share ?? 0), span: format.span(one.delay_p95_seconds ?? 0) });
  };
  const usual = (one: Source) => (one.usual_hour !== null ? format.number(Math.round(one.usual_hour)) : one.last_received_at ? say('firstWeek') : '–');
  return (
    <>
      <div className="wide" tabIndex={0} role="region" aria-label={say('title')} style={{ marginTop: 8 }}>
        <table className="rows">
          <thead><tr><th>{say('source')}</th><th>{say('health')}</th><th className="number">{say('rate')}</th><th className="number hide-narrow">{say('hour')}</th><th className="number hide-narrow">{say('usual')}</th><th className="number hide-narrow">{say('bad')}</th><th className="hide-narrow">{say('last')}</th></tr></thead>
          <tbody>
            {sources.map((one) => (
              <tr key={one.key_id}>
                <td>
                  <Text size="sm" fw={550} span>{one.name}</Text> <Text size="xs" c="dimmed" span>{[say(one.kind), !one.in_force && say('revoked')].filter(Boolean).join(' · ')}</Text>
                  {fix(one) && <Text size="xs" c="dimmed">{one.health === 'bad' ? <Link to={'/imports' as string} search={{ tab: 'bad' } as never}>{fix(one)}</Link> : fix(one)}</Text>}
                </td>
                <td style={{ whiteSpace: 'nowrap', fontWeight: one.health === 'well' ? 400 : 600 }}><i className="dot" style={{ background: COLOURS[one.health], marginInlineEnd: 7 }} />{state(one)}</td>
                <td className="number">{format.number(one.events_per_minute)}</td>
                <td className="number hide-narrow">{format.number(one.events_last_hour)}</td>
                <td className="number hide-narrow"><Text size="sm" c="dimmed" span>{usual(one)}</Text></td>
                <td className="number hide-narrow">{one.bad_share === null ? '–' : format.share(one.bad_share)}</td>
                <td className="hide-narrow" style={{ whiteSpace: 'nowrap' }}><Text size="sm" c="dimmed" span>{format.ago(one.last_received_at, now)}</Text></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Group justify="flex-end" mt="xs">
        <CsvButton
          name="sources" head={[say('source'), say('health'), say('rate'), say('hour'), say('usual'), say('bad'), say('last')]}
          rows={() => sources.map((one) => [one.name, state(one), one.events_per_minute, one.events_last_hour, one.usual_hour, one.bad_share, one.last_received_at])}
        />
      </Group>
    </>
  );
}
