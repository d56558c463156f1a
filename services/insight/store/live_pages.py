"""What is stored of live segments, as people read it: states, days, and who came and went lately."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from pyroaring import BitMap
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import open_transaction

_STATES = sa.text(
    "select s.segment_id::text, s.version, s.failure, s.failure_text, s.since, s.answered_by, s.position, "
    "s.as_of, s.yardstick_age_seconds, s.size, s.sequence, coalesce(d.entered, 0), coalesce(d.gone, 0) "
    "from live_segments s left join live_days d on d.tenant_id = s.tenant_id "
    "and d.segment_id = s.segment_id and d.day = :today "
    "where s.tenant_id = :tenant_id and s.segment_id::text = any(cast(:segment_ids as text[]))"
)
_DAYS = sa.text(
    "select day, size, entered, gone from live_days where tenant_id = :tenant_id "
    "and segment_id::text = :segment_id and day between :first and :last order by day"
)
# The newest day with a row before some day, and the first one of all.
_BEFORE = sa.text(
    "select size from live_days where tenant_id = :tenant_id and segment_id::text = :segment_id "
    "and day < :first order by day desc limit 1"
)
_FIRST = sa.text(
    "select min(day) from live_days where tenant_id = :tenant_id and segment_id::text = :segment_id"
)
_CHANGES = sa.text(
    "select sequence, version, reason, position, at, n_entered, n_gone, entered, gone from live_deltas "
    "where tenant_id = :tenant_id and segment_id::text = :segment_id and sequence < :before "
    "order by sequence desc limit :n_changes"
)


@dataclass(frozen=True, slots=True)
class LiveState:
    """Who is in a segment, in numbers; `entered` and `gone` are of today."""

    segment_id: str
    version: int
    failure: str
    failure_text: str
    since: datetime
    answered_by: str
    position: int
    as_of: datetime
    yardstick_age_seconds: float | None
    size: int
    sequence: int
    entered: int
    gone: int


@dataclass(frozen=True, slots=True)
class SegmentDay:
    """A local day: the size at its end, or now, and who came and went."""

    day: date
    size: int
    entered: int
    gone: int


@dataclass(frozen=True, slots=True)
class Movement:
    """One change, in numbers and profile ids."""

    sequence: int
    version: int
    reason: str
    position: int
    at: datetime
    n_entered: int
    n_gone: int
    entered: BitMap
    gone: BitMap


class LivePages:
    """Evaluates nothing."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def states(
        self, tenant_id: str, segment_ids: Sequence[str], today: date
    ) -> Mapping[str, LiveState]:
        """Of those that were evaluated, or could not be."""
        values = {"segment_ids": list(segment_ids), "today": today}
        return {row[0]: LiveState(*row) for row in await self._rows(_STATES, tenant_id, **values)}

    async def days(
        self, tenant_id: str, segment_id: str, last: date, n_days: int
    ) -> tuple[list[SegmentDay], date | None]:
        """`last` and the days before it, the newest first; the day behind them, or None without more."""
        (began,) = (await self._rows(_FIRST, tenant_id, segment_id=segment_id))[0]
        if began is None or last < began:
            return [], None
        first = max(began, last - timedelta(n_days - 1))
        place = {"segment_id": segment_id, "first": first}
        recorded = {row[0]: row for row in await self._rows(_DAYS, tenant_id, last=last, **place)}
        before = await self._rows(_BEFORE, tenant_id, **place)
        size, found = int(before[0][0]) if before else 0, []
        for number in range((last - first).days + 1):
            day = first + timedelta(number)
            _, size, entered, gone = recorded.get(day, (day, size, 0, 0))
            found.append(SegmentDay(day, size, entered, gone))
        return found[::-1], first - timedelta(1) if first > began else None

    async def changes(self, tenant_id: str, segment_id: str, before: int, n_changes: int) -> list[Movement]:
        """The newest first, below a sequence; those of some days are kept."""
        values = {"segment_id": segment_id, "before": before, "n_changes": n_changes}
        return [_movement(row) for row in await self._rows(_CHANGES, tenant_id, **values)]

    async def _rows(self, statement: sa.TextClause, tenant_id: str, **values: Any) -> Sequence[Any]:
        async with open_transaction(self._engine, tenant_id) as connection:
            return (await connection.execute(statement, {"tenant_id": tenant_id, **values})).all()


def _movement(row: Sequence[Any]) -> Movement:
    sequence, version, reason, position, at, n_entered, n_gone, entered, gone = row
    packed = BitMap.deserialize(entered), BitMap.deserialize(gone)
    return Movement(sequence, version, reason, position, at, n_entered, n_gone, *packed)
