/** Somebody's genes in their four categories, the numbers beside everybody's. */

import { Progress, Text, Title } from '@mantine/core';
import type { ReactElement } from 'react';
import { useHere } from '../../app/session';
import { localText } from '../../language/words';
import { AsOf } from '../../parts/AsOf';
import { Ready } from '../../parts/Ready';
import { useCatalogue } from '../segments/useCatalogue';
import { useGeneText, type GeneValue } from './geneText';
import { usePersonGenes } from './usePeople';
import { usePeopleWords } from './words';

export function GenesTab({ id }: { id: number }): ReactElement {
  const say = usePeopleWords();
  const { format, language } = useHere();
  const genes = usePersonGenes(id);
  const catalogue = useCatalogue();
  const geneText = useGeneText();
  const windowText = (window: unknown): string => {
    const asked = window as { last_days?: number; all_time?: boolean } | null;
    return asked?.last_days ? say('inWindow', { days: asked.last_days }) : asked?.all_time ? say('allTime') : '';
  };
  return (
    <Ready of={catalogue} height={300}>
      {(known) => (
        <Ready of={genes} height={300}>
          {(found) => {
            const groups = [...new Set([...known.genes.values()].map((gene) => gene.group))];
            return (
              <>
                {groups.map((group) => {
                  const own = found.genes.filter((one) => known.genes.get(one.gene)?.group === group);
                  const first = known.genes.get(own[0]?.gene ?? '');
                  return (
                    <section key={group} className="card flush" style={{ marginBottom: 16 }}>
                      <Title order={2} px={16} pt={14}>{first ? localText(first.group_name, language) : group}</Title>
                      <div className="wide" tabIndex={0} role="region" aria-label={first ? localText(first.group_name, language) : group}>
                        <table className="rows">
                          <thead><tr><th>{say('gene')}</th><th>{say('value')}</th><th>{say('percentileHead')}</th></tr></thead>
                          <tbody>
                            {own.map((one) => {
                              const gene = known.genes.get(one.gene);
                              return (
                                <tr key={one.gene}>
                                  <td style={{ width: '34%' }}>{gene ? localText(gene.name, language) : one.gene} <Text span size="xs" c="dimmed">{windowText(one.window)}</Text></td>
                                  <td>{geneText(gene, one.value as GeneValue)}</td>
                                  <td style={{ width: '26%' }}>
                                    {one.percentile !== null && <><Progress value={one.percentile} size={6} aria-label={say('percentileHead')} /><Text size="xs" c="dimmed">{say('percentile', { share: format.share(one.percentile / 100) })}</Text></>}
                                  </td>
                                </tr>
                              );
                            })}
                          </tbody>
                        </table>
                      </div>
                    </section>
                  );
                })}
                <AsOf at={found.as_of} />
              </>
            );
          }}
        </Ready>
      )}
    </Ready>
  );
}
