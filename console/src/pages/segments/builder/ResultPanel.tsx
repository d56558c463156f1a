/** How many people the tree contains, who of them can be reached, and what it says in one sentence. */

import { Badge, Group, Loader, Progress, Text, Title } from '@mantine/core';
import type { ReactElement } from 'react';
import { useHere } from '../../../app/session';
import { useShared } from '../../../language/shared';
import { localText } from '../../../language/words';
import { AsOf } from '../../../parts/AsOf';
import { ProblemNotice } from '../../../parts/ProblemNotice';
import { useSegmentWords } from '../words';
import type { Counted } from './usePreview';

const CHANNELS = ['email', 'sms', 'line'] as const;

export function ResultPanel({ counted, faulty }: { counted: Counted; faulty: boolean }): ReactElement {
  const say = useSegmentWords();
  const shared = useShared();
  const { format, language } = useHere();
  const { preview, old } = counted;
  const busy = old && !faulty && counted.problem === null;
  return (
    <section className="card" id="result" aria-label={say('result')}>
      <Group justify="space-between" mb={4}>
        <Title order={2}>{say('result')}</Title>
        {busy && preview && <Loader size={16} role="status" aria-label={say('calculating')} />}
        {!busy && preview && <Badge variant="light" tt="none" fw={550}>{preview.exact ? say('exact') : say('estimate')}</Badge>}
      </Group>
      {counted.problem && <ProblemNotice problem={counted.problem} />}
      {!preview && !counted.problem && <Text size="sm" c="dimmed" role="status">{faulty ? say('fixFirst') : counted.counting ? `${say('calculating')}…` : say('anybody')}</Text>}
      {preview && (
        <>
          <div className={old ? 'figure old' : 'figure'} style={{ fontSize: '2.25rem' }} aria-live="polite" data-testid="people">{format.number(preview.profiles)}</div>
          {preview.share !== null && (
            <>
              <Text size="sm" c="dimmed">{say('everybodyOf', { count: format.number(preview.everybody), share: format.share(preview.share) })}</Text>
              <Progress value={100 * preview.share} size={6} my={8} aria-label={say('share')} color="teal" />
            </>
          )}
          <dl className="lines">
            <dt>{shared('members')}</dt><dd>{format.number(preview.members)}</dd>
            <dt>{shared('visitors')}</dt><dd>{format.number(preview.visitors)}</dd>
            <dt>{say('reachable')}</dt>
            <dd>{CHANNELS.map((channel) => `${shared(channel)} ${format.number(preview.reachable[channel] ?? 0)}`).join(' · ')}</dd>
          </dl>
          {preview.profiles > 0 && !CHANNELS.some((channel) => preview.reachable[channel]) && <Text size="xs" c="dimmed" mt={4}>{say('reachesNobody')}</Text>}
          {faulty && <Text size="xs" c="var(--warm)" mt={8}>{say('fixFirst')}</Text>}
          <Text size="sm" fw={600} mt="md">{say('sentence')}</Text>
          <Text size="sm" className={old ? 'old' : ''}>{localText(preview.sentence, language)}</Text>
          <Text size="xs" c="dimmed" mt={2} mb="xs" className={old ? 'old' : ''} lang={language === 'en' ? 'zh-TW' : 'en'}>{localText(preview.sentence, language === 'en' ? 'zh-TW' : 'en')}</Text>
          <AsOf at={preview.as_of} />
        </>
      )}
    </section>
  );
}
