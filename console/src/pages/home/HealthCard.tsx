/** Whether data arrive, and what became of everything that did. */

import { Text, Title } from '@mantine/core';
import type { ReactElement } from 'react';
import { useFormat } from '../../app/session';
import { Ready } from '../../parts/Ready';
import { type Overview, useIntake } from './useHome';
import { useHomeWords } from './words';

const FATES = ['received', 'counted', 'duplicates', 'bad', 'suppressed'] as const;

export function HealthCard({ overview }: { overview: Overview }): ReactElement {
  const say = useHomeWords();
  const format = useFormat();
  const intake = useIntake();
  return (
    <section className="card" style={{ height: '100%' }}>
      <Title order={2}>{say('health')}</Title>
      <Text size="sm" c="dimmed" mb="sm">{say('healthLead')}</Text>
      <Ready of={intake} height={140}>
        {(found) => (
          <>
            <dl className="lines">
              <dt>{say('fresh')}</dt>
              <dd>{format.ago(overview.as_of, Date.now())}</dd>
              {FATES.map((fate) => (
                <div key={fate} style={{ display: 'contents' }}>
                  <dt>{say(fate)}</dt>
                  <dd style={fate === 'bad' && found.bad > 0 ? { color: 'var(--bad)', fontWeight: 600 } : undefined}>{format.number(found[fate])}</dd>
                </div>
              ))}
            </dl>
            {found.bad_by_reason.length > 0 && (
              <>
                <Text size="sm" fw={600} mt="sm">{say('badReasons')}</Text>
                <dl className="lines">
                  {found.bad_by_reason.slice(0, 5).map((one) => (
                    <div key={one.reason} style={{ display: 'contents' }}>
                      <dt><a className="plain" href={`/docs/errors#${one.reason}`}>{one.reason}</a></dt>
                      <dd>{say('rows', { count: one.rows })}</dd>
                    </div>
                  ))}
                </dl>
              </>
            )}
          </>
        )}
      </Ready>
      {overview.unconverted.map((one) => (
        <Text key={one.revenue.currency} size="xs" c="var(--warm)" mt="sm">
          {say('unconverted', { count: one.orders, amount: format.money(one.revenue.amount, one.revenue.currency) })}
        </Text>
      ))}
    </section>
  );
}
