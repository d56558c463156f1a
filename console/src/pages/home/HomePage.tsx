/** Home: today against the same weekday, the days, what happens now, how far people have come, and whether data are well. */

import { Grid, SimpleGrid } from '@mantine/core';
import type { ReactElement } from 'react';
import { PageHead } from '../../parts/PageHead';
import { Ready } from '../../parts/Ready';
import { useHere } from '../../app/session';
import { DaysCard } from './DaysCard';
import { HealthCard } from './HealthCard';
import { LiveCard } from './LiveCard';
import { METRICS, TodayCard } from './TodayCard';
import { StagesCard } from './StagesCard';
import { useOverview } from './useHome';
import { useHomeWords } from './words';

export function Page(): ReactElement {
  const say = useHomeWords();
  const { tenant } = useHere();
  const overview = useOverview();
  return (
    <>
      <PageHead title={say('title')} lead={tenant.name} asOf={overview.state === 'ready' ? overview.value.as_of : null} />
      <Ready of={overview} height={420}>
        {(found) => (
          <>
            <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md" mb="md">
              {METRICS.map((metric) => <TodayCard key={metric} metric={metric} overview={found} />)}
            </SimpleGrid>
            <Grid gap="md">
              <Grid.Col span={{ base: 12, md: 8 }}><DaysCard overview={found} /></Grid.Col>
              <Grid.Col span={{ base: 12, md: 4 }}><LiveCard /></Grid.Col>
              <Grid.Col span={{ base: 12, md: 8 }}><StagesCard /></Grid.Col>
              <Grid.Col span={{ base: 12, md: 4 }}><HealthCard overview={found} /></Grid.Col>
            </Grid>
          </>
        )}
      </Ready>
    </>
  );
}
