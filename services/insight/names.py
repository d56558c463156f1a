"""What the things are called that a tree names by id."""

from collections.abc import Collection, Sequence
from contextlib import suppress

from services.insight.domain.catalogue import Words
from services.insight.domain.external.kinds import value_type
from services.insight.domain.segments.sentences import External, Names
from services.insight.domain.segments.tree import (
    ExternalCondition,
    GoalCondition,
    InList,
    InSegment,
    InSnapshot,
    Node,
    walk,
)
from services.insight.errors import ExternalGeneNotFound, GoalNotFound, ListNotFound
from services.insight.store.external import ExternalGenes
from services.insight.store.goals import GoalStore
from services.insight.store.lists import Lists
from services.insight.store.segments import SegmentStore
from services.insight.store.snapshots import Snapshot, Snapshots
from services.insight.store.tenants import Tenants


class StoredNames:
    """Of all that a tree may name by an id, with the currency that the tenant counts in."""

    def __init__(
        self,
        segments: SegmentStore,
        snapshots: Snapshots,
        lists: Lists,
        tenants: Tenants,
        *,
        goals: GoalStore,
        external: ExternalGenes,
    ) -> None:
        self._segments = segments
        self._snapshots = snapshots
        self._lists = lists
        self._tenants = tenants
        self._goals = goals
        self._external = external

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
        goals, external = await self._brought(tenant_id, nodes)
        return Names(segments, snapshots, lists, goals, external, currency)

    async def _brought(
        self, tenant_id: str, nodes: Sequence[Node]
    ) -> tuple[dict[str, str], dict[str, External]]:
        goals: dict[str, str] = {}
        external: dict[str, External] = {}
        for node in nodes:
            if isinstance(node, GoalCondition):
                with suppress(GoalNotFound):
                    goals[node.goal_id] = (await self._goals.load(tenant_id, node.goal_id)).goal.name
            elif isinstance(node, ExternalCondition):
                with suppress(ExternalGeneNotFound):
                    about = (await self._external.load(tenant_id, node.gene)).about
                    name = Words(about.name_zh, about.name_en)
                    external[node.gene] = External(name, value_type(about.type), about.unit)
        return goals, external

    async def _called(self, tenant_id: str, segment_ids: Collection[str]) -> dict[str, str]:
        """Most trees name none: these ask nobody."""
        if not segment_ids:
            return {}
        async with self._segments.reading(tenant_id) as shelf:
            found = [await shelf.find(segment_id) for segment_id in segment_ids]
        return {saved.segment_id: saved.draft.name for saved in found if saved is not None}
