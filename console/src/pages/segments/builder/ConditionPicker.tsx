/** Everything a condition can be about, searchable: the genes in their four categories, attributes, behaviour, segments, lists. */

import { Button, Combobox, ScrollArea, Text, useCombobox } from '@mantine/core';
import { type ReactElement, useState } from 'react';
import { useHere } from '../../../app/session';
import { type Language, localText } from '../../../language/words';
import { Icon } from '../../../parts/Icon';
import type { Condition, GeneNode } from '../tree/nodes';
import { firstTest } from '../tree/operators';
import type { Catalogue } from '../useCatalogue';
import { nameIn } from '../naming';
import { useKindWords } from '../kindWords';
import { useSegmentWords } from '../words';

interface Offer {
  key: string;
  group: string;
  name: string;
  /** What it means, and other words it is found by. */
  hint: string;
  found: string;
  node: () => Condition;
}

function useOffers(catalogue: Catalogue): Offer[] {
  const say = useSegmentWords();
  const kinds = useKindWords();
  const { language } = useHere();
  const genes = [...catalogue.genes.values()].map((gene) => ({
    key: `gene ${gene.id}`, group: localText(gene.group_name, language), name: localText(gene.name, language), hint: localText(gene.definition, language),
    found: [gene.id, gene.name.zh_tw, gene.name.en].join(' '), node: () => withoutNothing(gene.example as GeneNode, gene.choices.length === 0 && gene.type !== 'number'),
  }));
  const plain = (group: string, key: string, name: string, node: () => Condition): Offer => ({ key, group, name, hint: '', found: name, node });
  return [
    ...genes,
    ...catalogue.attributes.map((one) => plain(say('attributes'), `attribute ${one.name}`, one.name, () => ({ attribute: one.name, is: firstTest(one.type) }))),
    plain(say('behaviours'), 'event', say('eventKind'), () => ({ event: 'product_viewed', in: { last_days: 30 } })),
    plain(say('behaviours'), 'sequence', say('sequenceKind'), () => ({ first: { event: 'product_added' }, then: { event: 'order_completed' }, within_days: 7, in: { last_days: 30 }, absent: true })),
    ...catalogue.goals.map((one) => plain(kinds('goals'), `goal ${one.id}`, one.name, () => ({ goal: one.id, in: { last_days: 30 } }))),
    ...catalogue.externalGenes.map((one): Offer => ({ key: `external ${one.id}`, group: kinds('externalGenes'), name: localText(one.name, language), hint: one.description, found: [one.id, one.name.zh_tw, one.name.en].join(' '), node: () => ({ external_gene: one.id, is: firstTest(one.type) }) })),
    ...catalogue.segments.map((one) => plain(say('segmentsKind'), `segment ${one.id}`, nameIn(one, language), () => ({ segment: one.id }))),
    plain(say('segmentsKind'), 'snapshot', kinds('snapshotKind'), () => ({ snapshot: '' })),
    ...catalogue.lists.map((one) => plain(say('listsKind'), `list ${one.id}`, one.name, () => ({ list: one.id }))),
  ];
}

/** The catalogue's example, but for values of another shop's shelves. */
function withoutNothing(node: GeneNode, open: boolean): GeneNode {
  const { in: window, ...rest } = node;
  const is = open && !('op' in node.is) && !('between' in node.is) && !('above' in node.is) && !('in_last_days' in node.is) && !('anniversary_within_days' in node.is) ? { known: true } : node.is;
  return { ...rest, ...(window ? { in: window } : {}), is };
}

function matching(offers: readonly Offer[], text: string, language: Language): Offer[] {
  const wanted = text.trim().toLocaleLowerCase(language);
  return wanted ? offers.filter((one) => `${one.name} ${one.found} ${one.group}`.toLocaleLowerCase(language).includes(wanted)) : [...offers];
}

export function ConditionPicker({ catalogue, onPick, prominent = false }: { catalogue: Catalogue; onPick: (node: Condition) => void; prominent?: boolean }): ReactElement {
  const say = useSegmentWords();
  const { language } = useHere();
  const [text, setText] = useState('');
  const offers = useOffers(catalogue);
  const box = useCombobox({
    onDropdownOpen: () => { box.focusSearchInput(); box.selectFirstOption(); },
    onDropdownClose: () => { setText(''); box.resetSelectedOption(); box.focusTarget(); },
  });
  const found = matching(offers, text, language);
  const groups = [...new Set(found.map((one) => one.group))];
  return (
    <Combobox
      store={box} width={340} position="bottom-start" withinPortal shadow="lg"
      onOptionSubmit={(key) => { const chosen = offers.find((one) => one.key === key); box.closeDropdown(); if (chosen) onPick(chosen.node()); }}
    >
      <Combobox.Target withAriaAttributes={false}>
        <Button size={prominent ? 'sm' : 'compact-sm'} h={prominent ? 36 : 30} variant={prominent ? 'filled' : 'light'} leftSection={<Icon name="plus" size={15} />} aria-haspopup="listbox" aria-expanded={box.dropdownOpened} onClick={() => box.toggleDropdown()}>
          {say('addCondition')}
        </Button>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search value={text} aria-label={say('findGene')} placeholder={say('findGene')} onChange={(event) => { setText(event.currentTarget.value); box.updateSelectedOptionIndex(); box.selectFirstOption(); }} />
        <Combobox.Options aria-label={say('addCondition')}>
          <ScrollArea.Autosize mah={340} type="auto">
            {found.length === 0 && <Combobox.Empty>{say('nothingFound')}</Combobox.Empty>}
            {groups.map((group) => (
              <Combobox.Group key={group} label={group}>
                {found.filter((one) => one.group === group).map((one) => (
                  <Combobox.Option key={one.key} value={one.key}>
                    <Text size="sm">{one.name}</Text>
                    {one.hint && <Text size="xs" c="dimmed" lineClamp={1}>{one.hint}</Text>}
                  </Combobox.Option>
                ))}
              </Combobox.Group>
            ))}
          </ScrollArea.Autosize>
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
