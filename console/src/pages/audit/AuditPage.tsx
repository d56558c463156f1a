/** The audit log: who did what, and the proof that nobody changed it. */

import { Anchor, Button, Group, NativeSelect, Text, TextInput } from '@mantine/core';
import { Fragment, type ReactElement, useState } from 'react';
import { loaded } from '../../api/loaded';
import { mayLead, useHere } from '../../app/session';
import { useShared } from '../../language/shared';
import { beginOf, endOf } from '../../language/zones';
import { Empty } from '../../parts/Empty';
import { FileButton } from '../../parts/FileButton';
import { PageHead } from '../../parts/PageHead';
import { Ready } from '../../parts/Ready';
import { useUrlState } from '../../parts/useUrlState';
import { useTeam, useWho } from '../people/useWho';
import { Proof } from './Proof';
import { type Asked, type Entry, useEntries } from './useAudit';
import { KINDS, useActText, useAuditWords } from './words';
import '../../parts/fields.css';
import './audit.css';

const SHOWN = 8;

export function Page(): ReactElement {
  const say = useAuditWords();
  const { role } = useHere();
  return (
    <>
      <PageHead title={say('title')} lead={say('lead')} />
      {mayLead(role) ? <Log /> : <div className="card"><Empty icon="audit" title={say('onlyLeaders')} text={say('onlyLeadersText')} /></div>}
    </>
  );
}

function Log(): ReactElement {
  const say = useAuditWords();
  const shared = useShared();
  const { tenant } = useHere();
  const { kind: kindText } = useActText();
  const team = useTeam();
  const [kind, setKind] = useUrlState('about');
  const [actor, setActor] = useUrlState('who');
  const [subject, setSubject] = useUrlState('subject');
  const [from, setFrom] = useUrlState('from');
  const [to, setTo] = useUrlState('to');
  const [begin, end] = [beginOf(from, tenant.time_zone), endOf(to, tenant.time_zone)];
  const asked: Asked = { ...(kind && { action: `${kind}.` }), ...(actor && { actor }), ...(subject && { subject }), ...(begin && { from: begin }), ...(end && { to: end }) };
  const query = useEntries(asked, true);
  return (
    <>
      <Proof />
      <div className="fields audit-fields">
        <NativeSelect label={say('kind')} value={kind} onChange={(event) => setKind(event.currentTarget.value)} data={[{ value: '', label: say('everything') }, ...KINDS.map((one) => ({ value: one as string, label: kindText(one) }))]} />
        <NativeSelect label={say('actor')} value={actor} onChange={(event) => setActor(event.currentTarget.value)} data={[{ value: '', label: say('anybody') }, ...team.map((one) => ({ value: `teammate:${one.id}`, label: one.name }))]} />
        <TextInput type="date" label={say('from')} value={from} max={to || undefined} onChange={(event) => setFrom(event.currentTarget.value)} />
        <TextInput type="date" label={say('to')} value={to} min={from || undefined} onChange={(event) => setTo(event.currentTarget.value)} />
        <FileButton path={`/v1/audit.csv?${new URLSearchParams(asked as Record<string, string>)}`} size="sm">{say('csv')}</FileButton>
      </div>
      {subject && <Text size="sm" mb="sm">{say('onSubject', { subject })} · <Anchor component="button" type="button" size="sm" onClick={() => setSubject('')}>{say('allSubjects')}</Anchor></Text>}
      <Ready of={loaded(query)} height={320}>
        {({ pages }, renewing) => {
          const found = pages.flatMap((page) => page.entries);
          if (found.length === 0) return <div className="card"><Empty icon="audit" title={say('none')} text={say('noneText')} /></div>;
          return (
            <>
              <div className={renewing ? 'card flush old' : 'card flush'}><Entries entries={found} onSubject={setSubject} /></div>
              {query.hasNextPage && <Group justify="center" mt="md"><Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{shared('more')}</Button></Group>}
            </>
          );
        }}
      </Ready>
    </>
  );
}

function Entries({ entries, onSubject }: { entries: readonly Entry[]; onSubject: (subject: string) => void }): ReactElement {
  const say = useAuditWords();
  const { format } = useHere();
  const { act, kind } = useActText();
  const team = useTeam();
  const who = useWho();
  // Of ids their beginning: the whole is in the details.
  const subjectText = (subject: string): string => {
    const [about = '', id = ''] = subject.split(':');
    return [kind(about), team.find((one) => one.id === id)?.name ?? id.slice(0, SHOWN)].filter(Boolean).join(' ');
  };
  const [opened, open] = useState<number | null>(null);
  return (
    <div className="wide" tabIndex={0} role="region" aria-label={say('title')}>
      <table className="rows" data-testid="entries">
        <thead><tr><th className="hide-narrow">{say('when')}</th><th className="hide-narrow">{say('who')}</th><th>{say('what')}</th><th className="hide-narrow">{say('subject')}</th><th><span className="visually-hidden">{say('details')}</span></th></tr></thead>
        <tbody>
          {entries.map((entry) => {
            const there = opened === entry.number;
            return (
              <Fragment key={entry.number}>
                <tr data-action={entry.action}>
                  <td className="hide-narrow audit-when">{format.time(entry.at)}</td>
                  <td className="hide-narrow">{who(entry.actor)}</td>
                  <td>{act(entry.action)}<Text size="xs" c="dimmed" className="audit-narrow">{who(entry.actor)} · {format.time(entry.at)}</Text></td>
                  <td className="hide-narrow"><Anchor component="button" type="button" size="sm" className="audit-subject" title={entry.subject} onClick={() => onSubject(entry.subject)}>{subjectText(entry.subject)}</Anchor></td>
                  <td className="number"><Button size="xs" variant="subtle" aria-expanded={there} onClick={() => open(there ? null : entry.number)}>{say('details')}</Button></td>
                </tr>
                {there && <tr><td colSpan={5}><Details entry={entry} /></td></tr>}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Details({ entry }: { entry: Entry }): ReactElement {
  const say = useAuditWords();
  const said = (facts: Record<string, unknown>): ReactElement => (Object.keys(facts).length ? <pre className="audit-facts" tabIndex={0}>{JSON.stringify(facts, null, 2)}</pre> : <>–</>);
  return (
    <dl className="lines">
      <dt>{say('number')}</dt><dd>#{entry.number} <code>{entry.action}</code> {entry.actor}</dd>
      <dt>{say('subject')}</dt><dd>{entry.subject}</dd>
      <dt>{say('before')}</dt><dd>{said(entry.before)}</dd>
      <dt>{say('after')}</dt><dd>{said(entry.after)}</dd>
      <dt>{say('address')}</dt><dd>{entry.address || '–'}</dd>
      <dt>{say('hash')}</dt><dd><code>{entry.hash}</code></dd>
    </dl>
  );
}
