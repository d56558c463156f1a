"""What the things are called that a tree names by id."""

from collections.abc import Collection
from contextlib import suppress

from services.insight.domain.segments.sentences import Names
from services.insight.domain.segments.tree import InList, InSegment, InSnapshot, Node, walk
from services.insight.errors import ListNotFound
from services.insight.store.lists import Lists
from services.insight.store.segments import SegmentStore
from services.insight.store.snapshots import Snapshot, Snapshots
from services.insight.store.tenants import Tenants


class StoredNames:
    """Of segments, snapshots and lists, with the currency that the tenant counts in."""

    def __init__(self, segments: SegmentStore, snapshots: Snapshots, lists: Lists, tenants: Tenants) -> None:
        self._segments = segments
        self._snapshots = snapshots
        self._lists = lists
        self._tenants = tenants

    async def of(self, tenant_id: str, root: Node) -> Names:
        """What is not there has no name here; whoever evaluates the tree refuses it."""
        nodes = [node for _, node in walk(root)]
        taken: dict[str, Snapshot] = {}
        lists: dict[str, str] = {}
        for node in nodes:
            if isinstance(node, InSnapshot) and (
                found := await self._snapshots.find(tenant_id, node.snapshot_id)
            ):
                taken[node.snapshot_id] = found
            elif isinstance(node, InList):
                with suppress(ListNotFound):
                    lists[node.list_id] = (await self._lists.load(tenant_id, node.list_id)).name
        named = {node.segment_id for node in nodes if isinstance(node, InSegment)}
        segments = await self._called(tenant_id, named | {one.segment_id for one in taken.values()})
        snapshots = {
            snapshot_id: f"{segments.get(one.segment_id, one.segment_id)}, {one.taken_at:%Y-%m-%d}"
            for snapshot_id, one in taken.items()
        }
        currency = (await self._tenants.load(tenant_id)).currency
        return Names(segments, snapshots, lists, currency=currency)

    async def _called(self, tenant_id: str, segment_ids: Collection[str]) -> dict[str, str]:
        """Most trees name none: these ask nobody."""
        if not segment_ids:
            return {}
        async with self._segments.reading(tenant_id) as shelf:
            found = [await shelf.find(segment_id) for segment_id in segment_ids]
        return {saved.segment_id: saved.draft.name for saved in found if saved is not None}
