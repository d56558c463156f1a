"""Who is in a saved segment: now, page by page, and frozen."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pyroaring import BitMap

from chassis.clickhouse import ClickHouse
from services.insight.domain.segments.answers import Evaluation
from services.insight.domain.segments.tree import Window
from services.insight.errors import SegmentNotFound, SnapshotNotFound, TooManySnapshots
from services.insight.evaluation import Moment
from services.insight.evaluators import Telling
from services.insight.segments import Segments, refuse_used, text
from services.insight.store.queries.erased import load_erased
from services.insight.store.queries.nids_of_members import load_nids
from services.insight.store.segments import SegmentStore
from services.insight.store.snapshots import Snapshot, Snapshots

_MAX_SNAPSHOTS = 100
# Answers that somebody may still be turning the pages of, and how many people they may hold together.
_MAX_ANSWERS = 64
_MAX_PEOPLE = 20_000_000


@dataclass(frozen=True, slots=True)
class Column:
    """A gene to show beside each person; an external one has no window."""

    gene: str
    window: Window | None
    external: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list of people goes on: all pages are of one version and one moment."""

    number: int
    moment: Moment
    after: int = -1


@dataclass(frozen=True, slots=True)
class People:
    """A page: profile ids with the columns asked for, and how many people there are on all pages.

    `next` is None on the last page.
    """

    profile_ids: Sequence[int]
    columns: Sequence[Mapping[int, Any]]
    profiles: int
    at: Place
    next: Place | None


@dataclass(frozen=True, slots=True)
class Counted:
    """A segment's answer, and which version gave it."""

    number: int
    evaluation: Evaluation


class Memberships:
    """Asks the evaluator about saved segments. `position` is the writer's place in identity's stream."""

    def __init__(
        self,
        store: SegmentStore,
        snapshots: Snapshots,
        evaluator: Telling,
        clickhouse: ClickHouse,
        position: Callable[[], int],
    ) -> None:
        self._store = store
        self._snapshots = snapshots
        self._segments = Segments(store)
        self._evaluator = evaluator
        self._clickhouse = clickhouse
        self._position = position
        self._answers: OrderedDict[tuple[str, str, int, Moment], BitMap] = OrderedDict()

    async def count(self, tenant_id: str, segment_id: str) -> Counted:
        """As of now."""
        saved = (await self._segments.get(tenant_id, segment_id)).saved
        evaluation = await self._evaluator.evaluate(tenant_id, saved.draft.tree, self._now())
        return Counted(saved.number, evaluation)

    async def page(
        self, tenant_id: str, segment_id: str, at: Place | None, columns: Sequence[Column], size: int
    ) -> People:
        """The next `size` people from a place on, without one from the first."""
        if at is None:
            saved = (await self._segments.get(tenant_id, segment_id)).saved
            at = Place(saved.number, self._now())
        # An erasure counts at once, whatever moment an answer is of.
        members = await self._members(tenant_id, segment_id, at) - await load_erased(
            self._clickhouse, tenant_id
        )
        begin = members.rank(at.after) if at.after >= 0 else 0
        shown = list(members[begin : begin + size])
        more = begin + size < len(members)
        return People(
            shown,
            [await self._values(tenant_id, column, shown, at.moment) for column in columns],
            len(members),
            at,
            Place(at.number, at.moment, shown[-1]) if more else None,
        )

    async def _values(
        self, tenant_id: str, column: Column, profile_ids: Sequence[int], moment: Moment
    ) -> Mapping[int, Any]:
        if column.external:
            return await self._evaluator.brought(tenant_id, column.gene, profile_ids, moment)
        return await self._evaluator.values(tenant_id, column.gene, column.window, profile_ids, moment)

    async def freeze(self, tenant_id: str, segment_id: str, actor: str, note: str) -> Snapshot:
        """Keep who is in the segment now."""
        note = text("note", note)
        if await self._snapshots.count(tenant_id, segment_id) >= _MAX_SNAPSHOTS:
            raise TooManySnapshots("The segment has as many snapshots as it may have.", limit=_MAX_SNAPSHOTS)
        counted = await self.count(tenant_id, segment_id)
        members = await asyncio.to_thread(counted.evaluation.listed)
        position = counted.evaluation.position
        nids = await load_nids(self._clickhouse, tenant_id, position, members)
        taken_at = datetime.fromtimestamp(counted.evaluation.now_ms / 1000, UTC)
        taken = Snapshot("", segment_id, counted.number, len(members), position, taken_at, actor, note)
        stored = await self._snapshots.add(tenant_id, taken, nids)
        if stored is None:
            raise SegmentNotFound("There is no such segment any more.", segment_id=segment_id)
        return stored

    async def frozen(self, tenant_id: str, segment_id: str, before: str, n_snapshots: int) -> list[Snapshot]:
        """Snapshots, the newest first, behind the snapshot `before` ("" for the first page)."""
        await self._segments.get(tenant_id, segment_id)
        return await self._snapshots.page(tenant_id, segment_id, before, n_snapshots)

    async def snapshot(self, tenant_id: str, snapshot_id: str) -> Snapshot:
        """Raises SnapshotNotFound."""
        found = await self._snapshots.find(tenant_id, snapshot_id)
        if found is None:
            raise SnapshotNotFound("There is no such snapshot.", snapshot_id=snapshot_id[:64])
        return found

    async def thaw(self, tenant_id: str, snapshot_id: str) -> Snapshot:
        """What was deleted; raises SegmentInUse while a segment names it."""
        found = await self.snapshot(tenant_id, snapshot_id)
        async with self._store.changing(tenant_id) as shelf:
            refuse_used(await shelf.users_of_snapshot(snapshot_id))
            await shelf.delete_snapshot(snapshot_id)
        return found

    async def _members(self, tenant_id: str, segment_id: str, at: Place) -> BitMap:
        """The same for every page, as long as it is remembered; afterwards saved segments that the tree
        names may have changed."""
        key = (tenant_id, segment_id, at.number, at.moment)
        if key not in self._answers:
            version = await self._segments.version(tenant_id, segment_id, at.number)
            evaluation = await self._evaluator.evaluate(tenant_id, version.tree, at.moment)
            self._answers[key] = await asyncio.to_thread(evaluation.listed)
            while len(self._answers) > _MAX_ANSWERS or (
                len(self._answers) > 1 and sum(map(len, self._answers.values())) > _MAX_PEOPLE
            ):
                self._answers.popitem(last=False)
        self._answers.move_to_end(key)
        return self._answers[key]

    def _now(self) -> Moment:
        return Moment(self._position(), time.time_ns() // 1_000_000)
