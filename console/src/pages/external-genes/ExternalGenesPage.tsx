/** External genes: what each is, who brings it, and when its values last changed. */

import { Button, Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { lazy, type ReactElement, Suspense } from 'react';
import { loaded } from '../../api/loaded';
import { mayWrite, useHere } from '../../app/session';
import { useShared } from '../../language/shared';
import { localText } from '../../language/words';
import { CsvButton } from '../../parts/CsvButton';
import { Empty } from '../../parts/Empty';
import { Icon } from '../../parts/Icon';
import { PageHead } from '../../parts/PageHead';
import { Ready } from '../../parts/Ready';
import { useUrlState } from '../../parts/useUrlState';
import { type ExternalGene, useExternalGenes } from './useExternalGenes';
import { useExternalWords } from './words';

const GeneDialog = lazy(async () => ({ default: (await import('./GeneDialog')).GeneDialog }));

export function Page(): ReactElement {
  const say = useExternalWords();
  const shared = useShared();
  const { role } = useHere();
  const query = useExternalGenes();
  const [making, setMaking] = useUrlState('new');
  const make = mayWrite(role) && <Button leftSection={<Icon name="plus" />} onClick={() => setMaking('1')}>{say('make')}</Button>;
  return (
    <>
      <PageHead title={say('title')} lead={say('lead')}>{make}</PageHead>
      <Ready of={loaded(query)} height={320}>
        {({ pages }) => {
          const genes = pages.flatMap((page) => page.genes);
          if (genes.length === 0) return <div className="card"><Empty icon="tag" title={say('noneTitle')} text={say('noneText')} /></div>;
          return (
            <>
              <Genes genes={genes} />
              {query.hasNextPage && <Group justify="center" mt="sm"><Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{shared('more')}</Button></Group>}
            </>
          );
        }}
      </Ready>
      <Suspense>{making && mayWrite(role) && <GeneDialog onClose={() => setMaking('')} />}</Suspense>
    </>
  );
}

function Genes({ genes }: { genes: readonly ExternalGene[] }): ReactElement {
  const say = useExternalWords();
  const { format, language } = useHere();
  const brought = (gene: ExternalGene) => [say(gene.origin), gene.version].filter(Boolean).join(' · ');
  const changed = (gene: ExternalGene) => (gene.number === 0 ? say('never') : format.time(gene.changed_at));
  return (
    <>
      <div className="card flush">
        <div className="wide" tabIndex={0} role="region" aria-label={say('title')}>
          <table className="rows">
            <thead><tr><th>{say('name')}</th><th>{say('type')}</th><th className="hide-narrow">{say('origin')}</th><th className="number">{say('identifiers')}</th><th className="hide-narrow">{say('changed')}</th></tr></thead>
            <tbody>
              {genes.map((gene) => (
                <tr key={gene.id}>
                  <td>
                    <Link to={'/external-genes/$id' as string} params={{ id: gene.id } as never}>{localText(gene.name, language)}</Link>
                    {gene.description && <Text size="xs" c="dimmed" lineClamp={1} maw={440}>{gene.description}</Text>}
                  </td>
                  <td style={{ whiteSpace: 'nowrap' }}>{say(gene.type)}</td>
                  <td className="hide-narrow"><Text size="sm" c="dimmed" span>{brought(gene)}</Text></td>
                  <td className="number">{format.number(gene.identifiers)}</td>
                  <td className="hide-narrow"><Text size="sm" c="dimmed" span>{changed(gene)}</Text></td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </div>
      <Group justify="flex-end" mt="xs">
        <CsvButton
          name="external-genes" head={[say('name'), say('type'), say('origin'), say('identifiers'), say('changed'), 'id']}
          rows={() => genes.map((gene) => [localText(gene.name, language), say(gene.type), brought(gene), gene.identifiers, gene.number === 0 ? '' : gene.changed_at, gene.id])}
        />
      </Group>
    </>
  );
}
