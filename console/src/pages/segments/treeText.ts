/** A short text for a node where the API gives no sentence: names and numbers, as a list of versions needs them. */

import { useHere } from '../../app/session';
import { useEventText } from '../../language/events';
import { localText } from '../../language/words';
import { isAttribute, isEvent, isExternal, isGene, isGoal, isList, isSegment, isSequence, isSnapshot, type Tree, type ValueTest, type Window } from './tree/nodes';
import { operatorOf } from './tree/operators';
import { useKindWords } from './kindWords';
import { useCatalogue } from './useCatalogue';
import { nameIn } from './naming';
import { useSegmentWords } from './words';

export function useTreeText(): (tree: Tree) => string {
  const say = useSegmentWords();
  const kinds = useKindWords();
  const { language } = useHere();
  const eventText = useEventText();
  const catalogue = useCatalogue();
  const known = catalogue.state === 'ready' ? catalogue.value : null;

  const windowText = (window: Window | null | undefined): string => {
    if (!window) return '';
    if ('last_days' in window) return `${window.last_days} ${say('days')}`;
    if ('days_ago' in window) return `${window.days_ago.from}–${window.days_ago.to} ${say('daysAgo')}`;
    return 'from' in window ? `${window.from}–${window.to}` : say('window_all_time');
  };
  const testText = (test: ValueTest): string => {
    const values = Object.values(test).filter((value) => typeof value !== 'boolean' && value !== 'mean' && value !== 'median');
    const said = 'op' in test ? [test.value] : values.flatMap((value) => (Array.isArray(value) ? value : [value])).map((value) => (typeof value === 'object' ? testText(value as ValueTest) : String(value)));
    return `${say(`op_${operatorOf(test)}`)} ${said.join('、')}`.trim();
  };
  const named = (of: readonly { id: string; name: string }[] | undefined, id: string): string => of?.find((one) => one.id === id)?.name ?? id;

  function text(tree: Tree): string {
    if ('not' in tree) return `${say('not')}（${text(tree.not)}）`;
    if ('all' in tree) return tree.all.map(text).join(` ${say('and')} `);
    if ('any' in tree) return tree.any.map(text).join(` ${say('or')} `);
    if ('difference' in tree) return tree.difference.map(text).join(` ${say('except')} `);
    if (isGene(tree)) {
      const gene = known?.genes.get(tree.gene);
      const day = tree.as_of ? kinds('asOfText', { day: 'from' in tree.as_of ? tree.as_of.from : `${tree.as_of.days_ago.from} ${say('daysAgo')}` }) : '';
      return [day, gene ? localText(gene.name, language) : tree.gene, windowText(tree.in), testText(tree.is)].filter(Boolean).join(' ');
    }
    if (isAttribute(tree)) return `${tree.attribute} ${testText(tree.is)}`;
    if (isEvent(tree)) return [eventText('track', tree.event), windowText(tree.in), tree.times ? testText(tree.times) : ''].filter(Boolean).join(' ');
    if (isSequence(tree)) return `${eventText('track', tree.first.event)} ${tree.absent ? say('thenNot') : say('then')} ${eventText('track', tree.then.event)}`;
    if (isSegment(tree)) {
      const found = known?.segments.find((one) => one.id === tree.segment);
      return found ? nameIn(found, language) : tree.segment;
    }
    if (isList(tree)) return named(known?.lists, tree.list);
    if (isGoal(tree)) return [named(known?.goals, tree.goal), windowText(tree.in), tree.times ? testText(tree.times) : ''].filter(Boolean).join(' ');
    if (isExternal(tree)) {
      const gene = known?.externalGenes.find((one) => one.id === tree.external_gene);
      const name = gene ? localText(gene.name, language) : tree.external_gene;
      if (!tree.changed) return `${name} ${tree.is ? testText(tree.is) : ''}`.trim();
      return `${name} ${kinds('changedText', { from: tree.changed.from ?? kinds('anything'), to: tree.changed.to ?? kinds('anything'), days: tree.changed.in_last_days })}`;
    }
    return isSnapshot(tree) ? kinds('snapshot') : '';
  }
  return text;
}
