"""What trees refer to, from where it is stored."""

from pyroaring import BitMap

from chassis.clickhouse import ClickHouse
from services.insight.domain.segments.tree import Node
from services.insight.errors import SegmentNotFound, SnapshotNotFound
from services.insight.store.lists import Lists
from services.insight.store.queries.erased import load_erased
from services.insight.store.segments import SegmentStore
from services.insight.store.snapshots import Snapshots


class StoredSources:
    """evaluation.Sources."""

    def __init__(
        self, segments: SegmentStore, snapshots: Snapshots, lists: Lists, clickhouse: ClickHouse
    ) -> None:
        self._segments = segments
        self._snapshots = snapshots
        self._lists = lists
        self._clickhouse = clickhouse

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
