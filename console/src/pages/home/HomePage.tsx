/** Home: the loop, today against the same weekday and the same day of the season, what changed, what happens now, and whether data are well. */

import { Grid, SimpleGrid } from '@mantine/core';
import type { ReactElement } from 'react';
import { useLiveFeed } from '../../api/live';
import { PageHead } from '../../parts/PageHead';
import { Ready } from '../../parts/Ready';
import { useHere } from '../../app/session';
import { BeginCard } from './BeginCard';
import { ChangesCard } from './ChangesCard';
import { DaysCard } from './DaysCard';
import { FunnelCard } from './FunnelCard';
import { HealthCard } from './HealthCard';
import { LiveCard } from './LiveCard';
import { LoopCard } from './LoopCard';
import { SeasonCard } from './SeasonCard';
import { SourcesCard } from './SourcesCard';
import { METRICS } from './metrics';
import { TodayCard } from './TodayCard';
import { useFunnel, useOverview } from './useHome';
import { useHomeWords } from './words';

export function Page(): ReactElement {
  const say = useHomeWords();
  const { tenant } = useHere();
  // First and for as long as the page is open: a browser asks a host only six things at a time.
  const feed = useLiveFeed();
  const overview = useOverview();
  const funnel = useFunnel();
  // Nobody is known yet: what to do first comes before rows of zeros.
  const empty = funnel.state === 'ready' && funnel.value.everybody === 0;
  return (
    <>
      <PageHead title={say('title')} lead={tenant.name} asOf={overview.state === 'ready' ? overview.value.as_of : undefined} />
      <Ready of={overview} height={420}>
        {(found) => empty ? (
          <Grid gap="md">
            <Grid.Col span={{ base: 12, md: 8 }}><BeginCard /></Grid.Col>
            <Grid.Col span={{ base: 12, md: 4 }}><LiveCard feed={feed} /></Grid.Col>
            <Grid.Col span={12}><SourcesCard /></Grid.Col>
          </Grid>
        ) : (
          <>
            <LoopCard overview={found} />
            <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md" mb="md">
              {METRICS.map((metric) => <TodayCard key={metric} metric={metric} overview={found} />)}
            </SimpleGrid>
            <Grid gap="md">
              <Grid.Col span={{ base: 12, md: 8 }}><DaysCard overview={found} /></Grid.Col>
              <Grid.Col span={{ base: 12, md: 4 }}><LiveCard feed={feed} /></Grid.Col>
              <Grid.Col span={{ base: 12, md: 8 }}><FunnelCard /></Grid.Col>
              <Grid.Col span={{ base: 12, md: 4 }}><ChangesCard overview={found} /></Grid.Col>
              <Grid.Col span={{ base: 12, md: 8 }}><SeasonCard /></Grid.Col>
              <Grid.Col span={{ base: 12, md: 4 }}><HealthCard overview={found} /></Grid.Col>
              <Grid.Col span={12}><SourcesCard /></Grid.Col>
            </Grid>
          </>
        )}
      </Ready>
    </>
  );
}
