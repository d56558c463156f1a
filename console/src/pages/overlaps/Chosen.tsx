/** What is chosen in the picture: in words, how many, and the way to a segment of exactly these people. */

import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link, useNavigate } from '@tanstack/react-router';
import { lazy, type ReactElement, Suspense } from 'react';
import { mayWrite, useHere } from '../../app/session';
import { useShared } from '../../language/shared';
import { AsOf } from '../../parts/AsOf';
import { Icon } from '../../parts/Icon';
import { keyOf, type Overlap, type Region, type Shape, shapeOf, together } from './regions';
import { useOverlapWords } from './words';

const SaveDialog = lazy(async () => ({ default: (await import('../segments/SaveDialog')).SaveDialog }));

interface Props {
  overlap: Overlap;
  everybody: number;
  asOf: string | null;
  picked: readonly string[];
  onPick: (keys: readonly string[]) => void;
  text: (region: Pick<Region, 'inside'>) => string;
}

const SHAPES: readonly Shape[] = ['union', 'intersection', 'unique', 'first'];

export function Chosen({ overlap, everybody, asOf, picked, onPick, text }: Props): ReactElement {
  const say = useOverlapWords();
  const shared = useShared();
  const { format, role } = useHere();
  const navigate = useNavigate();
  const [saving, dialog] = useDisclosure(false);
  const part = together(picked, overlap);
  const shape = SHAPES.find((one) => shapeOf(one, overlap).toSorted().join() === [...picked].toSorted().join());
  const said = shape ? say(shape) : overlap.regions.filter((region) => picked.includes(keyOf(region))).map(text).join(say('sentenceOr'));
  return (
    <section className="card overlaps-chosen" aria-label={say('picked')}>
      <Title order={2} mb="xs">{say('picked')}</Title>
      <Group gap={6} mb="md">
        {SHAPES.map((one) => <Button key={one} size="compact-sm" h={28} variant={shape === one ? 'filled' : 'default'} aria-pressed={shape === one} onClick={() => onPick(shapeOf(one, overlap))}>{say(one)}</Button>)}
      </Group>
      {!part ? <Text size="sm" c="dimmed">{say('pickHint')}</Text> : (
        <>
          <div className="figure" aria-live="polite" data-testid="chosen-people">{format.number(part.profiles)}</div>
          <Text size="sm" c="dimmed" mb="xs">{say('share')} {format.share(everybody ? part.profiles / everybody : 0)}</Text>
          <Text size="sm" mb="xs">{said}</Text>
          <dl className="lines">
            <dt>{shared('members')}</dt><dd>{format.number(part.members)}</dd>
            <dt>{shared('visitors')}</dt><dd>{format.number(part.visitors)}</dd>
          </dl>
          <Stack gap="xs" my="md">
            {mayWrite(role) && <Button leftSection={<Icon name="save" />} onClick={dialog.open}>{say('save')}</Button>}
            <Button component={Link} variant="default" to={'/segments/new' as string} search={{ tree: JSON.stringify(part.tree) } as never}>{say('open')}</Button>
            <Button variant="subtle" color="gray" c="dimmed" onClick={() => onPick([])}>{say('clear')}</Button>
          </Stack>
        </>
      )}
      <AsOf at={asOf} />
      <Suspense>{saving && part && <SaveDialog tree={part.tree} onClose={dialog.close} onSaved={(id) => void navigate({ to: '/segments/$id', params: { id } } as never)} />}</Suspense>
    </section>
  );
}
