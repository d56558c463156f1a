/** The catalogue: every gene in its category, what it means, how its values lie, and an example to begin with. */

import { Button, Group, Text, TextInput, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useHere } from '../../app/session';
import { type Language, localText } from '../../language/words';
import { Empty } from '../../parts/Empty';
import { Icon } from '../../parts/Icon';
import { PageHead } from '../../parts/PageHead';
import { Ready } from '../../parts/Ready';
import { useUrlState } from '../../parts/useUrlState';
import { GeneLie } from '../segments/GeneLie';
import type { GeneNode } from '../segments/tree/nodes';
import { type Gene, useCatalogue } from '../segments/useCatalogue';
import { useGenesWords } from './words';
import './genes.css';

export function Page(): ReactElement {
  const say = useGenesWords();
  const { language } = useHere();
  const [q, setQ] = useUrlState('q');
  const [chosen, choose] = useUrlState('gene', 'orders');
  const catalogue = useCatalogue();
  return (
    <>
      <PageHead title={say('title')} lead={say('lead')} />
      <TextInput type="search" mb="md" maw={360} aria-label={say('findHint')} placeholder={say('findHint')} leftSection={<Icon name="search" size={16} />} value={q} onChange={(event) => setQ(event.currentTarget.value)} />
      <Ready of={catalogue} height={420}>
        {({ genes }) => {
          const found = [...genes.values()].filter((gene) => says(gene, q, language));
          const gene = genes.get(chosen);
          return (
            <div className="genes">
              <div>
                {found.length === 0 && <Empty icon="genes" title={say('nothing')} text={say('nothingText')} />}
                {[...new Set(found.map((one) => one.group))].map((group) => (
                  <section key={group} className="genes-group">
                    <h2>{localText(found.find((one) => one.group === group)?.group_name ?? { zh_tw: group, en: group }, language)}</h2>
                    {found.filter((one) => one.group === group).map((one) => (
                      <button key={one.id} type="button" className="gene" aria-pressed={one.id === chosen} onClick={() => choose(one.id)}>
                        <span className="gene-name">{localText(one.name, language)}</span>
                        <span className="gene-told">{localText(one.definition, language)}</span>
                      </button>
                    ))}
                  </section>
                ))}
              </div>
              <section className="card genes-one" aria-live="polite">
                {gene ? <OneGene key={gene.id} gene={gene} /> : <Empty icon="genes" title={say('choose')} text={say('chooseText')} />}
              </section>
            </div>
          );
        }}
      </Ready>
    </>
  );
}

function says(gene: Gene, text: string, language: Language): boolean {
  const wanted = text.trim().toLocaleLowerCase(language);
  return [gene.id, gene.name.zh_tw, gene.name.en, localText(gene.definition, language)].some((one) => one.toLocaleLowerCase(language).includes(wanted));
}

function OneGene({ gene }: { gene: Gene }): ReactElement {
  const say = useGenesWords();
  const { language } = useHere();
  const example = gene.example as GeneNode;
  const { in: window, ...rest } = example;
  const tree = JSON.stringify(window ? { ...rest, in: window } : rest);
  return (
    <>
      <Text size="xs" c="dimmed">{say('number', { count: gene.number })} · <code>{gene.id}</code></Text>
      <Title order={2}>{localText(gene.name, language)}</Title>
      <Text size="sm" mb="md">{localText(gene.definition, language)}</Text>
      <GeneLie gene={gene} window={window} />
      <Text size="sm" mt="md"><Text span fw={600} size="sm">{say('example')}</Text> {localText(gene.example_sentence, language)}</Text>
      <Group mt="sm"><Button component={Link} to={'/segments/new' as string} search={{ tree } as never} variant="light" leftSection={<Icon name="plus" />}>{say('make')}</Button></Group>
    </>
  );
}
