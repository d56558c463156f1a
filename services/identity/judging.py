"""Judging links against the tables: what they join, what falls apart without them, and saving it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from services.identity.domain.decisions import Moved
from services.identity.domain.identifiers import Rules, names_nobody
from services.identity.domain.partition import (
    BLOCKED_VALUE,
    CLUSTER_TOO_LARGE,
    Link,
    Member,
    Settlement,
    grown,
    rejudged,
    settled,
)
from services.identity.domain.resolution import LedgerEntry
from services.identity.store.lane import Lane
from services.identity.store.queries.changes import save_links, save_standings
from services.identity.store.queries.known import load_clusters, load_links_from, load_outside, load_values

# Links that were refused because a group was too large, tried again when it became smaller; the oldest of
# them where there are more, so that one command stays short.
_TRIED_AGAIN = 2_000


async def judged(
    connection: Lane, tenant_id: str, rules: Rules, links: Sequence[Link], new: Mapping[int, Member]
) -> tuple[dict[int, Member], Settlement]:
    """The identifiers concerned as they stood, and what the links change; saves nothing.

    `new` are identifiers that the tables do not have yet.
    """
    if not links:
        return {}, Settlement([], [])
    ends = {nid for link in links for nid in link.pair}
    members = {nid: member for nid, member in new.items() if nid in ends}
    if len(members) < len(ends):
        members |= await load_clusters(connection, tenant_id, ends - members.keys())
    growth = grown(members, links, rules)
    contested = [nid for cluster in growth.contested for nid in growth.clusters[cluster]]
    stored = await load_links_from(connection, tenant_id, contested) if contested else []
    return members, settled(members, growth, stored, rules)


class Judge:
    """Changes one tenant's map step by step in the writer's transaction, and knows who moved in the end."""

    def __init__(self, connection: Lane, tenant_id: str, rules: Rules) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._rules = rules
        self._before: dict[int, Member] = {}
        self._after: dict[int, Member] = {}

    async def join(self, links: Sequence[Link]) -> list[Link]:
        """Judge links of known identifiers anew, whatever they were before; the links that changed by it."""
        links = await self._with_blocks(links)
        members, settlement = await judged(self._connection, self._tenant_id, self._rules, links, {})
        await self._save(members, settlement)
        return settlement.links

    async def part(self, members: Mapping[int, Member], *, lost: bool = False) -> None:
        """Judge whole clusters from their links in the tables.

        `members` are all that is left of them; `lost` says that there were more.
        """
        links = await load_links_from(self._connection, self._tenant_id, members)
        within = [link for link in links if link.b in members]
        blocked = await self._blocked(members)
        settlement = rejudged(members, within, blocked, self._rules)
        await self._save(members, settlement)
        smaller = set(members) if lost else _smaller(members, settlement.members)
        if smaller:
            again = await load_outside(
                self._connection, self._tenant_id, smaller, CLUSTER_TOO_LARGE, _TRIED_AGAIN
            )
            await self.join(again)

    async def lift(self, links: Sequence[Link]) -> None:
        """Judge those of the links whose ends are no longer blocked."""
        free = [link for link in await self._with_blocks(links) if not link.refused_reason]
        await self.join(free)

    async def _with_blocks(self, links: Sequence[Link]) -> list[Link]:
        blocked = await self._blocked({nid for link in links for nid in link.pair})
        return [
            replace(link, refused_reason=BLOCKED_VALUE if blocked.intersection(link.pair) else "")
            for link in links
        ]

    async def _blocked(self, nids: Collection[int]) -> set[int]:
        values = await load_values(self._connection, self._tenant_id, nids)
        return {nid for nid, (kind, value) in values.items() if names_nobody(kind, value, self._rules)}

    def moved(self) -> list[Moved]:
        """Identifiers whose profile is another than before all steps."""
        return [
            Moved(nid, int(member.kind), member.profile_id)
            for nid, member in sorted(self._after.items())
            if member.profile_id != self._before[nid].profile_id
        ]

    def concerned(self) -> set[int]:
        """Who moved, and the profiles they left and came to."""
        moved = self.moved()
        left = {self._before[each.nid].profile_id for each in moved}
        return {nid for each in moved for nid in (each.nid, each.profile_id)} | left

    def entry(self, cause: str, actor: str, links: Iterable[Link]) -> LedgerEntry:
        """All steps as one entry of the ledger."""
        return self._entry([each.nid for each in self.moved()], links, cause, actor)

    def entries(self, cause: str, actor: str) -> list[LedgerEntry]:
        """An entry for each group in which somebody moved."""
        groups: dict[int, list[int]] = {}
        for each in self.moved():
            groups.setdefault(self._after[each.nid].cluster, []).append(each.nid)
        return [self._entry(nids, (), cause, actor) for nids in groups.values()]

    def _entry(self, nids: list[int], links: Iterable[Link], cause: str, actor: str) -> LedgerEntry:
        before = [self._before[nid].profile_id for nid in nids]
        after = [self._after[nid].profile_id for nid in nids]
        return LedgerEntry(list(links), nids, before, after, cause, actor)

    async def _save(self, members: Mapping[int, Member], settlement: Settlement) -> None:
        for nid, member in members.items():
            self._before.setdefault(nid, member)
        self._after |= {member.nid: member for member in settlement.members}
        await save_standings(self._connection, self._tenant_id, settlement.members)
        await save_links(self._connection, self._tenant_id, settlement.links)


def _smaller(before: Mapping[int, Member], after: Collection[Member]) -> set[int]:
    """Members of clusters that others have left."""
    now = dict(before) | {member.nid: member for member in after}
    left = {before[member.nid].cluster for member in after if before[member.nid].cluster != member.cluster}
    return {nid for nid in now if before[nid].cluster in left}
