/** From nothing to one's own click in the console: a key, the lines to paste, and what arrives. */

import { Button, Checkbox, Code, CopyButton, Group, SegmentedControl, Stack, Text, TextInput, Title } from '@mantine/core';
import { type ReactElement, useState } from 'react';
import { problemOf } from '../../api/problem';
import { mayLead, useHere } from '../../app/session';
import { useShared } from '../../language/shared';
import { Icon } from '../../parts/Icon';
import { PageHead } from '../../parts/PageHead';
import { ProblemNotice } from '../../parts/ProblemNotice';
import { Ready } from '../../parts/Ready';
import { useUrlState } from '../../parts/useUrlState';
import { codeOf, HOWS, type How, isWebsiteKey } from './codes';
import { useAbout, useInstallKey, useMakeKey, useWebsiteKeys } from './useInstall';
import { Verifier } from './Verifier';
import { useInstallWords } from './words';
import './install.css';

export function Page(): ReactElement {
  const say = useInstallWords();
  const { tenant } = useHere();
  const [key, setKey] = useInstallKey(tenant.id);
  return (
    <>
      <PageHead title={say('title')} lead={say('lead')} />
      <Stack gap="md" maw={920}>
        <KeyStep value={key} choose={setKey} />
        <PasteStep value={key} />
        <Verifier value={key} />
      </Stack>
    </>
  );
}

function KeyStep({ value, choose }: { value: string; choose: (key: string) => void }): ReactElement {
  const say = useInstallWords();
  const { role, session } = useHere();
  const [typed, setTyped] = useState('');
  const keys = useWebsiteKeys();
  const make = useMakeKey(choose);
  const known = keys.state === 'ready' ? keys.value.keys.filter((one) => one.kind === 'browser' && !one.revoked_at) : [];
  return (
    <section className="card">
      <Title order={2}>{say('step1')}</Title>
      <Text size="sm" c="dimmed" mb="sm">{say('keyText')}</Text>
      {value ? (
        <Group gap="xs">
          <Text size="sm">{say('keyReady')}</Text>
          <Code data-testid="install-key">{value}</Code>
          <Copy text={value} />
          <Button size="xs" variant="subtle" onClick={() => choose('')}>{say('otherKey')}</Button>
        </Group>
      ) : (
        <>
          <Group gap="md" align="flex-end">
            {mayLead(role) && !session.acting && <Button leftSection={<Icon name="key" />} loading={make.isPending} onClick={() => make.mutate(say('keyName'))}>{say('makeKey')}</Button>}
            <TextInput
              label={say('orOwn')} placeholder="pk_live_…" flex="1 1 260px" maw={420} value={typed} autoComplete="off"
              error={typed && !isWebsiteKey(typed.trim()) ? say('keyWrong') : undefined}
              onChange={(event) => {
                const text = event.currentTarget.value;
                setTyped(text);
                if (isWebsiteKey(text.trim())) choose(text.trim());
              }}
            />
          </Group>
          {known.length > 0 && <Text size="xs" c="dimmed" mt="xs">{say('known', { keys: known.map((one) => `${one.name} ${one.hint}`).join('、') })}</Text>}
          {make.isError && <div style={{ marginTop: 12 }}><ProblemNotice problem={problemOf(make.error)} /></div>}
        </>
      )}
    </section>
  );
}

function PasteStep({ value }: { value: string }): ReactElement {
  const say = useInstallWords();
  const about = useAbout();
  const [said, setHow] = useUrlState('how', 'web');
  const how: How = HOWS.find((one) => one === said) ?? 'web';
  const [consent, setConsent] = useUrlState('consent');
  const [pinned, setPinned] = useUrlState('pinned');
  const page = how === 'web' || how === 'gtm';
  return (
    <section className="card">
      <Title order={2} mb="xs">{say('step2')}</Title>
      <div className="wide"><SegmentedControl aria-label={say('how')} size="sm" value={how} onChange={setHow} data={HOWS.map((one) => ({ value: one, label: say(one) }))} /></div>
      <Text size="sm" my="sm">{say(`${how}Text`)}</Text>
      {page && (
        <Group gap="lg" mb="sm">
          <Checkbox label={say('consent')} checked={consent === '1'} onChange={(event) => setConsent(event.currentTarget.checked ? '1' : '')} />
          <Checkbox label={say('pinned')} checked={pinned === '1'} onChange={(event) => setPinned(event.currentTarget.checked ? '1' : '')} />
        </Group>
      )}
      {page && consent === '1' && <Text size="xs" c="dimmed" mb="xs">{say('consentText')}</Text>}
      <Ready of={about} height={120}>
        {(found) => {
          const code = codeOf(how, found, { key: value || 'pk_live_…', host: location.origin, consent: consent === '1', pinned: pinned === '1' });
          return (
            <div className="code">
              <Code block tabIndex={0} aria-label={say('code')}>{code}</Code>
              <Copy text={code} off={!value && how !== 'server'} />
            </div>
          );
        }}
      </Ready>
    </section>
  );
}

/** Lines without their key would be pasted in vain. */
function Copy({ text, off = false }: { text: string; off?: boolean }): ReactElement {
  const shared = useShared();
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => <Button size="xs" variant="light" disabled={off} leftSection={<Icon name={copied ? 'check' : 'copy'} size={15} />} onClick={copy}>{copied ? shared('copied') : shared('copy')}</Button>}
    </CopyButton>
  );
}
