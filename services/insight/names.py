"""What the things are called that a tree names by id."""

from contextlib import suppress

from services.insight.domain.segments.sentences import Names
from services.insight.domain.segments.tree import InList, InSegment, InSnapshot, Node, walk
from services.insight.errors import ListNotFound
from services.insight.store.lists import Lists
from services.insight.store.segments import SegmentStore
from services.insight.store.snapshots import Snapshots
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
        segments: dict[str, str] = {}
        snapshots: dict[str, str] = {}
        lists: dict[str, str] = {}
        async with self._segments.reading(tenant_id) as shelf:
            for node in nodes:
                if isinstance(node, InSegment) and (saved := await shelf.find(node.segment_id)):
                    segments[node.segment_id] = saved.draft.name
        for node in nodes:
            if isinstance(node, InSnapshot):
                taken = await self._snapshots.find(tenant_id, node.snapshot_id)
                if taken is not None:
                    snapshots[node.snapshot_id] = f"{taken.segment_id}, {taken.taken_at:%Y-%m-%d}"
            elif isinstance(node, InList):
                with suppress(ListNotFound):
                    lists[node.list_id] = (await self._lists.load(tenant_id, node.list_id)).name
        return Names(segments, snapshots, lists, (await self._tenants.load(tenant_id)).currency)
