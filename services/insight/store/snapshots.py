"""Who was in a segment when somebody froze it: roaring bitmaps of nids."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from pyroaring import BitMap
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import open_transaction

_COLUMNS = "snapshot_id::text, segment_id::text, number, profiles, position, taken_at, taken_by, note"
_ADD = sa.text(
    "insert into snapshots "
    "(tenant_id, segment_id, number, nids, profiles, position, taken_at, taken_by, note) "
    "select :tenant_id, segment_id, :number, :nids, :profiles, :position, :taken_at, :taken_by, :note "
    "from segments where tenant_id = :tenant_id and segment_id::text = :segment_id "
    "returning snapshot_id::text"
)
_FIND = sa.text(
    f"select {_COLUMNS} from snapshots where tenant_id = :tenant_id and snapshot_id::text = :snapshot_id"
)
_PAGE = sa.text(
    f"select {_COLUMNS} from snapshots where tenant_id = :tenant_id and segment_id::text = :segment_id "
    "and (cast(:before as text) = '' or snapshot_id < cast(nullif(:before, '') as uuid)) "
    "order by snapshot_id desc limit :n_snapshots"
)
_COUNT = sa.text(
    "select count(*) from snapshots where tenant_id = :tenant_id and segment_id::text = :segment_id"
)
_NIDS = sa.text(
    "select nids from snapshots where tenant_id = :tenant_id and snapshot_id::text = :snapshot_id"
)
_IDS = sa.text("select snapshot_id::text from snapshots where tenant_id = :tenant_id")
_SET = sa.text(
    "update snapshots set nids = :nids where tenant_id = :tenant_id and snapshot_id::text = :snapshot_id"
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`number` is the segment's version, `profiles` how many people there were then."""

    snapshot_id: str
    segment_id: str
    number: int
    profiles: int
    position: int
    taken_at: datetime
    taken_by: str
    note: str


class Snapshots:
    """A tenant's snapshots; `store/segments.py` deletes them."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def add(self, tenant_id: str, taken: Snapshot, nids: BitMap) -> Snapshot | None:
        """As stored, with its id; None if the segment is gone."""
        values = {
            "segment_id": taken.segment_id,
            "number": taken.number,
            "nids": nids.serialize(),
            "profiles": taken.profiles,
            "position": taken.position,
            "taken_at": taken.taken_at,
            "taken_by": taken.taken_by,
            "note": taken.note,
        }
        found = await self._rows(_ADD, tenant_id, **values)
        return await self.find(tenant_id, found[0][0]) if found else None

    async def find(self, tenant_id: str, snapshot_id: str) -> Snapshot | None:
        found = await self._rows(_FIND, tenant_id, snapshot_id=snapshot_id)
        return Snapshot(*found[0]) if found else None

    async def page(self, tenant_id: str, segment_id: str, before: str, n_snapshots: int) -> list[Snapshot]:
        """The newest first, behind the snapshot `before` ("" for the first page)."""
        values = {"segment_id": segment_id, "before": before, "n_snapshots": n_snapshots}
        return [Snapshot(*row) for row in await self._rows(_PAGE, tenant_id, **values)]

    async def count(self, tenant_id: str, segment_id: str) -> int:
        return int((await self._rows(_COUNT, tenant_id, segment_id=segment_id))[0][0])

    async def nids(self, tenant_id: str, snapshot_id: str) -> BitMap | None:
        """As stored: people whose erasure is being carried out may still be there."""
        found = await self._rows(_NIDS, tenant_id, snapshot_id=snapshot_id)
        return BitMap.deserialize(found[0][0]) if found else None

    async def forget_people(self, tenant_id: str, nids: Collection[int]) -> None:
        """Take these nids out of everything stored, one snapshot at a time."""
        gone = BitMap(nids)
        for (snapshot_id,) in await self._rows(_IDS, tenant_id):
            kept = await self.nids(tenant_id, snapshot_id)
            if kept is not None and kept.intersect(gone):
                async with open_transaction(self._engine, tenant_id) as connection:
                    values = {"snapshot_id": snapshot_id, "nids": (kept - gone).serialize()}
                    await connection.execute(_SET, {"tenant_id": tenant_id, **values})

    async def _rows(self, statement: sa.TextClause, tenant_id: str, **values: Any) -> list[Any]:
        async with open_transaction(self._engine, tenant_id) as connection:
            answer = await connection.execute(statement, {"tenant_id": tenant_id, **values})
            return list(answer.all())
