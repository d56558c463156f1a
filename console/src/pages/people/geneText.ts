/** A gene's value for people to read: with its unit, its names for choices, and rounded where money is. */

import { useHere } from '../../app/session';
import { useShared } from '../../language/shared';
import { localText } from '../../language/words';
import type { Gene } from '../segments/useCatalogue';

export type GeneValue = string | string[] | Record<string, string> | null | undefined;

const SHOWN = 4;

export function useGeneText(): (gene: Gene | undefined, value: GeneValue) => string {
  const shared = useShared();
  const { format, language } = useHere();
  return (gene, value) => {
    if (value === null || value === undefined) return shared('unknown');
    const choice = (text: string): string => {
      const found = gene?.choices.find((one) => one.value === text);
      return found ? localText(found.name, language) : text;
    };
    if (Array.isArray(value)) return value.length ? `${value.slice(0, SHOWN).map(choice).join('、')}${value.length > SHOWN ? ` +${value.length - SHOWN}` : ''}` : shared('none');
    if (typeof value === 'object') {
      const entries = Object.entries(value).toSorted((a, b) => Number(b[1]) - Number(a[1]));
      return entries.length ? entries.slice(0, SHOWN).map(([key, points]) => `${key} ${format.number(points)}`).join('、') : shared('none');
    }
    const unit = gene ? localText(gene.unit, language) : '';
    switch (gene?.type) {
      case 'money': return format.money(value);
      case 'ratio': return format.share(Number(value));
      case 'number': return `${format.number(value)}${unit ? ` ${unit}` : ''}`;
      default: return choice(value);
    }
  };
}
