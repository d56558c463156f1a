/** Why somebody is in a segment or not: every condition with the person's own value, now or at the end of a past day. */

import { Alert, Anchor, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { loaded } from '../../api/loaded';
import { useHere } from '../../app/session';
import { dayAfter, todayIn } from '../../language/format';
import { useShared } from '../../language/shared';
import { localText } from '../../language/words';
import { AsOf } from '../../parts/AsOf';
import { Icon } from '../../parts/Icon';
import { Ready } from '../../parts/Ready';
import { type GeneValue, useGeneText } from '../people/geneText';
import { useExplainWords } from './explainWords';
import { type Line, linesOf } from './explained';
import { isGene, type Tree } from './tree/nodes';
import { useGenes } from './useCatalogue';
import { type ExplainedOf, type Reason, useExplanation, useFoundPeople } from './useExplain';
import { useSegment } from './useSegments';
import './explain.css';

interface Props {
  /** Null: the dialog asks who. */
  profileId: number | null;
  segment: { id: string; name: string };
  onClose: () => void;
}

/** Of a saved segment; its conditions are asked for by its id. */
export function ExplainDialog({ profileId, segment, onClose }: Props): ReactElement {
  const found = loaded(useSegment(segment.id));
  return (
    <Frame onClose={onClose}>
      <Ready of={found} height={220}>{(one) => <Asked profileId={profileId} name={segment.name} tree={one.tree} of={{ segmentId: segment.id }} />}</Ready>
    </Frame>
  );
}

/** Of conditions that nobody saved yet. */
export function ExplainDraftDialog({ tree, onClose }: { tree: Tree; onClose: () => void }): ReactElement {
  return <Frame onClose={onClose}><Asked profileId={null} name="" tree={tree} of={{ tree }} /></Frame>;
}

function Frame({ onClose, children }: { onClose: () => void; children: ReactElement }): ReactElement {
  const say = useExplainWords();
  const shared = useShared();
  return <Modal opened onClose={onClose} size="lg" title={say('title')} closeButtonProps={{ 'aria-label': shared('close') }}>{children}</Modal>;
}

function Asked({ profileId, name, tree, of }: { profileId: number | null; name: string; tree: Tree; of: ExplainedOf }): ReactElement {
  const say = useExplainWords();
  const { tenant } = useHere();
  const [person, setPerson] = useState(profileId);
  const [on, setOn] = useState('');
  const yesterday = dayAfter(todayIn(tenant.time_zone, Date.now()), -1);
  return (
    <Stack gap="md">
      <Group align="flex-start" gap="sm">
        {profileId === null && <WhoField person={person} onChoose={setPerson} />}
        <TextInput type="date" label={say('on')} description={say('onHint')} max={yesterday} value={on} onChange={(event) => setOn(event.currentTarget.value <= yesterday ? event.currentTarget.value : '')} flex="1 1 200px" maw={300} />
      </Group>
      {person === null ? <Text size="sm" c="dimmed">{say('ask')}</Text> : <Answer person={person} name={name} tree={tree} of={of} on={on} />}
    </Stack>
  );
}

const REST_MILLISECONDS = 200;
const ORDER = ['user_id', 'email', 'phone', 'line_id', 'external_id', 'anonymous_id'];

function WhoField({ person, onChoose }: { person: number | null; onChoose: (id: number) => void }): ReactElement {
  const say = useExplainWords();
  const [q, setQ] = useState('');
  const [asked] = useDebouncedValue(q, REST_MILLISECONDS);
  const found = useFoundPeople(asked);
  const options = found.state === 'ready' ? found.value.profiles.map((profile) => {
    const best = profile.identifiers.toSorted((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind))[0];
    return { value: String(profile.id), label: best ? `${best.value} · #${profile.id}` : `#${profile.id}` };
  }) : [];
  return (
    <Select
      label={say('who')} description={say('whoHint')} data-autofocus searchable flex="1 1 260px" value={person === null ? null : String(person)} data={options} filter={({ options: all }) => all}
      onSearchChange={setQ} onChange={(id) => { if (id) onChoose(Number(id)); }} nothingFoundMessage={say('nobody')} leftSection={<Icon name="search" size={16} />} comboboxProps={{ shadow: 'md' }}
    />
  );
}

function Answer({ person, name, tree, of, on }: { person: number; name: string; tree: Tree; of: ExplainedOf; on: string }): ReactElement {
  const say = useExplainWords();
  const { format } = useHere();
  const explanation = useExplanation(person, of, on);
  return (
    <Ready of={explanation} height={180}>
      {(found) => {
        const reasons = new Map(found.nodes.map((node) => [node.path.join(','), node]));
        const told = name ? say(found.member ? 'inside' : 'outside', { name }) : say(found.member ? 'insideDraft' : 'outsideDraft');
        return (
          <div data-testid="explanation">
            <Group gap={10} wrap="nowrap" align="flex-start" className="explain-head" data-member={found.member || undefined}>
              <Icon name={found.member ? 'check' : 'close'} size={22} />
              <div>
                <Text fw={650}>{told}</Text>
                <Text size="sm" c="dimmed">{on ? format.day(on) : say('now')} · <Anchor component={Link} size="sm" to={`/people/${found.profile_id}` as string} underline="always">{say('person', { id: found.profile_id })}</Anchor></Text>
              </div>
            </Group>
            <ul className="explain"><OneLine line={linesOf(tree)} reasons={reasons} /></ul>
            {found.known_today && <Alert variant="light" color="gray" mt="sm" p="xs"><Text size="sm">{say('knownToday')}</Text></Alert>}
            <AsOf at={found.as_of} />
          </div>
        );
      }}
    </Ready>
  );
}

function OneLine({ line, reasons }: { line: Line; reasons: ReadonlyMap<string, Reason> }): ReactElement | null {
  const say = useExplainWords();
  const { language } = useHere();
  const geneText = useGeneText();
  const known = useGenes();
  const reason = reasons.get(line.place);
  if (!reason) return null;
  const { condition } = line;
  const gene = condition && isGene(condition) && known.state === 'ready' ? known.value.get(condition.gene) : undefined;
  const value = reasons.get(line.valueAt)?.value as GeneValue;
  return (
    <li>
      <div className="explain-line" data-fulfilled={reason.fulfilled || undefined}>
        <span className="explain-mark"><Icon name={reason.fulfilled ? 'check' : 'close'} size={15} /><span className="visually-hidden">{say(reason.fulfilled ? 'fulfilled' : 'missed')}</span></span>
        <span>{condition ? localText(reason.sentence, language) : say(line.kind as 'all')}</span>
        {gene && <span className="explain-own">{say('own', { value: geneText(gene, value) })}</span>}
      </div>
      {line.inner.length > 0 && <ul>{line.inner.map((inner) => <OneLine key={inner.place} line={inner} reasons={reasons} />)}</ul>}
    </li>
  );
}
