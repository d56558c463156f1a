/** Names of those who did something, by what the API calls them ("teammate:<id>"). */

import { useQuery } from '@tanstack/react-query';
import { answer, api, type Schemas } from '../../api/client';
import { words } from '../../language/words';

const useWords = words(
  'who',
  { teammate: '成員 {id}', operator: '平台人員', key: '金鑰 {id}', partner: '夥伴 {id}', system: '系統', installation: '安裝者' },
  { teammate: 'teammate {id}', operator: 'operator', key: 'key {id}', partner: 'partner {id}', system: 'the system', installation: 'the installation' },
);

const SHOWN = 8;
const MOST = 200;

function useNames() {
  return useQuery({ queryKey: ['teammates', 'names'], queryFn: ({ signal }) => answer(api.GET('/v1/teammates', { params: { query: { limit: MOST } }, signal })), staleTime: 60_000 });
}

export function useTeam(): readonly Schemas['TeammateAnswer'][] {
  return useNames().data?.teammates ?? [];
}

/** Of those who left, and of what is no person, the kind and the beginning of the id. */
export function useWho(): (actor: string) => string {
  const say = useWords();
  const team = useNames();
  const names = new Map(team.data?.teammates.map((one) => [one.id, one.name]));
  return (actor) => {
    const [kind = '', id = ''] = actor.split(':');
    const name = names.get(id);
    if (name !== undefined) return kind === 'operator' ? `${say('operator')} ${name}` : name;
    const known = ['teammate', 'operator', 'key', 'partner', 'system', 'installation'] as const;
    const found = known.find((one) => one === kind);
    return found ? say(found, { id: id.slice(0, SHOWN) }) : actor;
  };
}
