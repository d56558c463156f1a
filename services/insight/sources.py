"""What trees refer to, from where it is stored."""

from collections.abc import Sequence
from datetime import datetime

from pyroaring import BitMap

from chassis.clickhouse import ClickHouse
from services.insight.domain.external.columns import Became, Held
from services.insight.domain.goals import opened
from services.insight.domain.segments.tree import EventCondition, GoalCondition, Node
from services.insight.errors import SegmentNotFound, SnapshotNotFound
from services.insight.store.external_values import ExternalValues
from services.insight.store.goals import GoalStore
from services.insight.store.lists import Lists
from services.insight.store.queries.erased import load_erased
from services.insight.store.segments import SegmentStore
from services.insight.store.snapshots import Snapshots


class StoredSources:
    """evaluation.Sources."""

    def __init__(
        self,
        segments: SegmentStore,
        snapshots: Snapshots,
        lists: Lists,
        clickhouse: ClickHouse,
        *,
        goals: GoalStore,
        external: ExternalValues,
    ) -> None:
        self._segments = segments
        self._snapshots = snapshots
        self._lists = lists
        self._clickhouse = clickhouse
        self._goals = goals
        self._external = external

    async def tree(self, tenant_id: str, segment_id: str) -> Node:
        async with self._segments.reading(tenant_id) as shelf:
            found = await shelf.find(segment_id)
        if found is None:
            raise SegmentNotFound("There is no such segment.", segment_id=segment_id[:64])
        return found.draft.tree

    async def snapshot(self, tenant_id: str, snapshot_id: str) -> BitMap:
        """Without whoever was erased since."""
        nids = await self._snapshots.nids(tenant_id, snapshot_id)
        if nids is None:
            raise SnapshotNotFound("There is no such snapshot.", snapshot_id=snapshot_id[:64])
        return nids - await load_erased(self._clickhouse, tenant_id)

    async def listed(self, tenant_id: str, list_id: str) -> BitMap:
        return await self._lists.listed(tenant_id, list_id)

    async def goal(self, tenant_id: str, node: GoalCondition) -> EventCondition:
        return opened((await self._goals.load(tenant_id, node.goal_id)).goal, node)

    async def held(self, tenant_id: str, gene_id: str, now_ms: int) -> Held:
        return await self._external.held(tenant_id, gene_id, now_ms)

    async def became(
        self, tenant_id: str, gene_id: str, since: datetime, until: datetime
    ) -> Sequence[Became]:
        return await self._external.histories(tenant_id, gene_id, since, until)
