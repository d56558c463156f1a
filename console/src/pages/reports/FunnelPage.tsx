/** From visitor to fan: how many came how far, which step loses most of them, and how long the steps take. */

import { Group, SegmentedControl, Text, Title } from '@mantine/core';
import type { ReactElement } from 'react';
import { api, type Schemas } from '../../api/client';
import { useFormat } from '../../app/session';
import { Empty } from '../../parts/Empty';
import { Ready } from '../../parts/Ready';
import { useUrlState } from '../../parts/useUrlState';
import { FilterRow, GoalFilter, ScopeFilters, useScope } from './Filters';
import { StageBars, StageTable, Steps, Worst } from './FunnelParts';
import { useFunnelWords } from './funnelWords';
import { ReportHead } from './ReportHead';
import { useFunnel } from './useReports';
import { useReportWords } from './words';

export function Page(): ReactElement {
  const say = useFunnelWords();
  const report = useReportWords();
  const { scope } = useScope();
  const [goal] = useUrlState('goal');
  const query = { ...scope, ...(goal ? { goal } : {}) };
  const funnel = useFunnel(query);
  return (
    <>
      <ReportHead
        title={say('title')} lead={say('lead')} asOf={funnel.state === 'ready' ? funnel.value.as_of : null}
        file={{ name: 'funnel', ask: () => api.GET('/v1/reports/funnel/file', { params: { query }, parseAs: 'blob' }) }}
      />
      <FilterRow><ScopeFilters /><GoalFilter /></FilterRow>
      {goal && <Text size="sm" c="dimmed" mb="sm">{report('goalHint')}</Text>}
      <Ready of={funnel} height={420}>
        {(found, renewing) => (
          <div className={renewing ? 'old' : undefined}>
            {found.everybody === 0 ? <div className="card"><Empty icon="people" title={say('none')} text={say('noneText')} /></div> : <Found funnel={found} />}
          </div>
        )}
      </Ready>
    </>
  );
}

function Found({ funnel }: { funnel: Schemas['Funnel'] }): ReactElement {
  const say = useFunnelWords();
  const report = useReportWords();
  const format = useFormat();
  const [view, setView] = useUrlState('view', 'chart');
  return (
    <>
      <Worst funnel={funnel} />
      <section className="card" style={{ marginBottom: 16 }}>
        <Group justify="space-between" mb="md" gap="xs">
          <Title order={2}>{say('everybody', { n: format.number(funnel.everybody) })}</Title>
          <SegmentedControl size="xs" aria-label={report('view')} value={view === 'table' ? 'table' : 'chart'} onChange={setView} data={[{ value: 'chart', label: report('asChart') }, { value: 'table', label: report('asTable') }]} />
        </Group>
        {view === 'table' ? <StageTable funnel={funnel} /> : <StageBars funnel={funnel} />}
      </section>
      {funnel.steps.length > 0 && <Steps steps={funnel.steps} />}
    </>
  );
}
