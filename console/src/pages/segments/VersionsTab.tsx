/** Every version of a segment: who changed what and why, what differs from now, and the way back. */

import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useState } from 'react';
import { answer, api } from '../../api/client';
import { loaded } from '../../api/loaded';
import { problemOf } from '../../api/problem';
import { mayWrite, useHere } from '../../app/session';
import { useProblemText } from '../../language/problems';
import { Icon } from '../../parts/Icon';
import { Ready } from '../../parts/Ready';
import { useWho } from '../people/useWho';
import type { Tree } from './tree/nodes';
import { useTreeText } from './treeText';
import { type OneSegment, useVersions } from './useSegments';
import { useSegmentWords } from './words';

export function VersionsTab({ segment, onRestored }: { segment: OneSegment; onRestored: (tree: Tree) => void }): ReactElement {
  const say = useSegmentWords();
  const { format, role } = useHere();
  const who = useWho();
  const problemText = useProblemText();
  const questions = useQueryClient();
  const versions = useVersions(segment.id);
  const [compared, setCompared] = useState<number | null>(null);
  const restore = useMutation({
    mutationFn: (version: number) => answer(api.POST('/v1/segments/{segment_id}/restore', { params: { path: { segment_id: segment.id } }, body: { version: segment.version, restored_version: version } })),
    onSuccess: async (saved) => {
      notifications.show({ message: say('restored', { count: saved.version }) });
      onRestored(saved.tree as Tree);
      await Promise.all([['segment', segment.id], ['segments'], ['versions', segment.id], ['members', segment.id]].map((queryKey) => questions.invalidateQueries({ queryKey })));
    },
    onError: (error) => notifications.show({ message: problemText(problemOf(error)), color: 'red', autoClose: 10_000 }),
  });
  return (
    <Ready of={versions} height={240}>
      {(found) => (
        <Stack gap="sm">
          {found.versions.map((version) => (
            <section key={version.version} className="card" aria-label={say('version', { count: version.version })}>
              <Group justify="space-between" gap="xs">
                <div>
                  <Group gap={8}>
                    <Text fw={600} span>{say('version', { count: version.version })}</Text>
                    {version.version === segment.version && <Badge variant="light" tt="none" fw={550}>{say('versionNow')}</Badge>}
                  </Group>
                  <Text size="sm" c="dimmed">{say('byWhom', { who: who(version.changed_by), at: format.time(version.changed_at) })}</Text>
                  {version.note && <Text size="sm">{version.note}</Text>}
                </div>
                {version.version !== segment.version && (
                  <Group gap="xs">
                    <Button size="xs" variant="default" aria-expanded={compared === version.version} onClick={() => setCompared(compared === version.version ? null : version.version)}>{say('compare')}</Button>
                    {mayWrite(role) && <Button size="xs" variant="light" leftSection={<Icon name="history" size={14} />} loading={restore.isPending} onClick={() => restore.mutate(version.version)}>{say('restore')}</Button>}
                  </Group>
                )}
              </Group>
              {compared === version.version && <Differences id={segment.id} from={version.version} to={segment.version} />}
            </section>
          ))}
        </Stack>
      )}
    </Ready>
  );
}

/** A node of the older version, of the newer, or both. */
interface NodeChange {
  before: { node: Tree } | null;
  after: { node: Tree } | null;
}

function Differences({ id, from, to }: { id: string; from: number; to: number }): ReactElement {
  const say = useSegmentWords();
  const text = useTreeText();
  const difference = loaded(
    useQuery({
      queryKey: ['difference', id, from, to],
      queryFn: ({ signal }) => answer(api.GET('/v1/segments/{segment_id}/difference', { params: { path: { segment_id: id }, query: { from_version: from, to_version: to } }, signal })),
    }),
  );
  const kind = (change: NodeChange): [string, string] => (!change.before ? ['var(--accent)', say('added')] : !change.after ? ['var(--bad)', say('removedNode')] : ['var(--warm)', say('changedNode')]);
  return (
    <Ready of={difference} height={60}>
      {({ changes }) => (
        <ul style={{ margin: '12px 0 0', paddingInlineStart: 0, listStyle: 'none' }}>
          {changes.length === 0 && <Text component="li" size="sm" c="dimmed">{say('noDifference')}</Text>}
          {(changes as NodeChange[]).map((change, index) => {
            const [colour, name] = kind(change);
            return (
              <Text component="li" size="sm" key={index} py={3}>
                <Text span fw={600} c={colour} size="sm">{name}</Text>{' '}
                {change.before && <Text span size="sm" td={change.after ? undefined : 'line-through'}>{text(change.before.node as Tree)}</Text>}
                {change.before && change.after && ' → '}
                {change.after && <Text span size="sm">{text(change.after.node as Tree)}</Text>}
              </Text>
            );
          })}
        </ul>
      )}
    </Ready>
  );
}
