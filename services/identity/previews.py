"""What other rules would change: every group judged by them, and nothing saved."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from services.identity.domain.identifiers import Rules, names_nobody
from services.identity.domain.partition import BLOCKED_VALUE, Link, Member, Pair, Settlement, rejudged
from services.identity.domain.preview import Preview
from services.identity.store import Database
from services.identity.store.queries.groups import load_blocked, load_seeds
from services.identity.store.queries.known import load_clusters, load_links_from, load_outside, load_values
from services.identity.store.queries.progress import load_marks
from services.identity.store.reading import open_reading

# Identifiers looked at in one transaction.
_AT_ONCE = 5_000
# Groups that a lifted block would connect are followed until they have so many members.
_FOLLOWED = 20_000
_MOST_LINKS = 50_000


@dataclass(frozen=True, slots=True)
class _Groups:
    """Whole groups, and the links between their members."""

    members: dict[int, Member]
    links: Sequence[Link]
    # Whose value the rules block.
    blocked: frozenset[int]

    def judged_by(self, rules: Rules) -> Settlement:
        return rejudged(self.members, self.links, self.blocked, rules)


async def preview(database: Database, tenant_id: str, rules: Rules, give_up_at: float) -> Preview:
    """Counts until every group was judged, or until `give_up_at` by the monotonic clock."""
    async with open_reading(database, tenant_id) as connection:
        marks = await load_marks(connection, tenant_id)
    found = Preview(marks.map_version)
    judged: set[int] = set()
    after, last = 0, marks.nid_high_water
    while after < last and time.monotonic() < give_up_at:
        to = min(after + _AT_ONCE, last)
        async with open_reading(database, tenant_id) as connection:
            groups = await _Reader(connection, tenant_id, rules, judged).groups(after, to)
        # Beside the calls that wait meanwhile.
        settlement = await asyncio.to_thread(groups.judged_by, rules)
        found.add(groups.members, groups.links, settlement)
        judged |= {member.cluster for member in groups.members.values()}
        after = to
    found.judged_share = after / last if last else 1.0
    return found


class _Reader:
    """Reads groups for one step; those in `judged` were counted before."""

    def __init__(
        self, connection: asyncpg.Connection, tenant_id: str, rules: Rules, judged: set[int]
    ) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._rules = rules
        self._judged = judged

    async def groups(self, after: int, to: int) -> _Groups:
        """The groups with a member in the range, and those that lifted blocks would connect with them."""
        members = await self._clusters(await load_seeds(self._connection, self._tenant_id, after, to))
        lifted: set[Pair] = set()
        fresh = await load_blocked(self._connection, self._tenant_id, after, to)
        fresh += await self._blocked_links(members)
        while fresh and len(members) < _FOLLOWED:
            free = [link for link in await self._unblocked(fresh) if link.pair not in lifted]
            lifted |= {link.pair for link in free}
            more = await self._clusters({nid for link in free for nid in link.pair} - members.keys())
            members |= more
            fresh = await self._blocked_links(more)
        links = await load_links_from(self._connection, self._tenant_id, members)
        return _Groups(
            members, [link for link in links if link.b in members], frozenset(await self._blocked(members))
        )

    async def _clusters(self, nids: Sequence[int] | set[int]) -> dict[int, Member]:
        if not nids:
            return {}
        found = await load_clusters(self._connection, self._tenant_id, nids)
        return {nid: member for nid, member in found.items() if member.cluster not in self._judged}

    async def _blocked_links(self, members: dict[int, Member]) -> list[Link]:
        return await load_outside(self._connection, self._tenant_id, members, BLOCKED_VALUE, _MOST_LINKS)

    async def _unblocked(self, links: Sequence[Link]) -> list[Link]:
        blocked = await self._blocked({nid for link in links for nid in link.pair})
        return [link for link in links if blocked.isdisjoint(link.pair)]

    async def _blocked(self, nids: set[int] | dict[int, Member]) -> set[int]:
        values = await load_values(self._connection, self._tenant_id, nids)
        return {nid for nid, (kind, value) in values.items() if names_nobody(kind, value, self._rules)}
