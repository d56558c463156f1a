/** How up to eight segments and lists overlap; regions of the picture open as a segment. */

import { Alert, Button, MultiSelect, SegmentedControl } from '@mantine/core';
import type { ReactElement } from 'react';
import { useHere } from '../../app/session';
import { Empty } from '../../parts/Empty';
import { PageHead } from '../../parts/PageHead';
import { Ready } from '../../parts/Ready';
import { useUrlState } from '../../parts/useUrlState';
import { type Catalogue, useCatalogue } from '../segments/useCatalogue';
import { nameIn } from '../segments/naming';
import { Chosen } from './Chosen';
import { RegionTable } from './RegionTable';
import { keyOf, largest, type Region } from './regions';
import { Upset } from './Upset';
import { useOverlap } from './useOverlaps';
import { Venn } from './Venn';
import { useOverlapWords } from './words';
import './overlaps.css';

const MOST_SETS = 8;
const MOST_CIRCLES = 3;
const FIRST_COLUMNS = 24;
// Starter segments that are often asked about together.
const EXAMPLE = ['lifecycle.loyal', 'intent.cart', 'core.best'];

export function Page(): ReactElement {
  const say = useOverlapWords();
  const catalogue = useCatalogue();
  return (
    <>
      <PageHead title={say('title')} lead={say('lead')} />
      <Ready of={catalogue} height={420}>{(known) => <Sets catalogue={known} />}</Ready>
    </>
  );
}

function Sets({ catalogue }: { catalogue: Catalogue }): ReactElement {
  const say = useOverlapWords();
  const { language } = useHere();
  const [text, setText] = useUrlState('sets');
  const [, setPicked] = useUrlState('picked');
  const segments = catalogue.segments.map((one) => ({ value: `segment:${one.id}`, label: nameIn(one, language) }));
  const lists = catalogue.lists.map((one) => ({ value: `list:${one.id}`, label: one.name }));
  const labels = new Map([...segments, ...lists].map(({ value, label }) => [value, label]));
  const asked = text.split(',').filter(Boolean);
  const sets = asked.filter((set) => labels.has(set)).slice(0, MOST_SETS);
  const example = EXAMPLE.map((starter) => catalogue.segments.find((one) => one.starter === starter)?.id).filter((id) => id !== undefined);
  const choose = (next: string[]): void => {
    // Regions of other sets are other regions.
    setPicked('');
    setText(next.join(','));
  };
  return (
    <>
      <MultiSelect
        label={say('choose')} placeholder={sets.length < 2 ? say('chooseHint') : ''} data={[{ group: say('segments'), items: segments }, { group: say('lists'), items: lists }].filter(({ items }) => items.length > 0)} value={sets} onChange={choose}
        searchable hidePickedOptions maxValues={MOST_SETS} clearable mb="md" maw={860} comboboxProps={{ shadow: 'md' }}
      />
      {sets.length < asked.length && <Alert color="orange" variant="light" mb="md">{say('gone')}</Alert>}
      {sets.length < 2 ? (
        <div className="card">
          <Empty icon="segments" title={say('emptyTitle')} text={say('emptyText')}>
            {example.length > 1 && <Button variant="light" mt="sm" onClick={() => choose(example.map((id) => `segment:${id}`))}>{say('tryThese')}</Button>}
          </Empty>
        </div>
      ) : <Answer sets={sets} names={sets.map((set) => labels.get(set) ?? set)} />}
    </>
  );
}

function Answer({ sets, names }: { sets: readonly string[]; names: readonly string[] }): ReactElement {
  const say = useOverlapWords();
  const { format } = useHere();
  const overlap = useOverlap(sets);
  const [view, setView] = useUrlState('view', sets.length > MOST_CIRCLES ? 'upset' : 'venn');
  const [all, setAll] = useUrlState('all');
  const [text, setText] = useUrlState('picked');
  return (
    <Ready of={overlap} height={420}>
      {(found, renewing) => {
        // While other sets are asked for, the answer before has other regions.
        if (found.sets.length !== sets.length) return null;
        const keys = new Set(found.regions.map(keyOf));
        const picked = text.split('-').filter((key) => keys.has(key));
        const told = (region: Region) => say('label', { name: regionText(region), n: format.number(region.profiles), share: format.share(found.everybody ? region.profiles / found.everybody : 0) });
        const pick = (key: string) => setText((picked.includes(key) ? picked.filter((one) => one !== key) : [...picked, key]).join('-'));
        const shown = largest(found.regions, all ? found.regions.length : FIRST_COLUMNS);
        const rest = found.regions.filter(({ profiles }) => profiles > 0).length - shown.length;
        const picture = { names, picked, onPick: pick, number: format.number, told };
        const asVenn = view === 'venn' && sets.length <= MOST_CIRCLES;
        return (
          <div className={renewing ? 'overlaps old' : 'overlaps'}>
            <section className="card" aria-label={say('regions')}>
              <SegmentedControl
                mb="md" aria-label={say('regions')} value={asVenn ? 'venn' : view === 'table' ? 'table' : 'upset'} onChange={setView}
                data={[...(sets.length <= MOST_CIRCLES ? [{ value: 'venn', label: say('venn') }] : []), { value: 'upset', label: say('upset') }, { value: 'table', label: say('table') }]}
              />
              {found.union.profiles === 0 ? <Empty icon="segments" title={format.number(0)} text={say('none')} />
                : asVenn ? <Venn label={say('vennLabel', { count: sets.length })} regions={found.regions} {...picture} />
                : view === 'table' ? <RegionTable regions={shown} everybody={found.everybody} picked={picked} onPick={pick} text={regionText} />
                : <Upset label={say('upsetLabel')} sets={found.sets} regions={shown} {...picture} />}
              {!asVenn && rest > 0 && <p className="overlaps-rest">{say('shown', { shown: shown.length, rest })} <Button size="compact-sm" h={26} variant="subtle" onClick={() => setAll('1')}>{say('showAll')}</Button></p>}
            </section>
            <Chosen overlap={found} everybody={found.everybody} asOf={found.as_of} picked={picked} onPick={(next) => setText(next.join('-'))} text={regionText} />
          </div>
        );
      }}
    </Ready>
  );

  /** "in A, B and not in C", or shorter where it is all or one of them. */
  function regionText({ inside }: Pick<Region, 'inside'>): string {
    const called = inside.map((set) => names[set]).join(say('and'));
    if (inside.length === names.length) return say('inside', { names: called });
    if (inside.length === 1) return say('onlyIn', { names: called });
    return `${say('inside', { names: called })}${say('but')}${say('outside', { names: names.filter((_, set) => !inside.includes(set)).join(say('and')) })}`;
  }
}
