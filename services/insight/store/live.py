"""Who is in each live segment as last stored: states, members, deltas on top of them, and days."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from pyroaring import BitMap
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_transaction, open_untenanted

_QUEUE = sa.text("select tenant_id::text, changed from live_queue")
_LEAVE = sa.text(
    "delete from live_queue where tenant_id = :tenant_id and changed = :changed "
    "and not exists (select from segments where tenant_id = :tenant_id)"
)
_STATES = sa.text(
    "select segment_id::text, version, definition, failure, failure_text, since, answered_by, position, "
    "as_of, yardstick_age_seconds, size, sequence from live_segments where tenant_id = :tenant_id"
)
_MEMBERS = sa.text(
    "select segment_id::text, sequence, members from live_members where tenant_id = :tenant_id "
    "and segment_id::text = any(cast(:segment_ids as text[]))"
)
_LATER = sa.text(
    "select d.segment_id::text, d.sequence, d.entered, d.gone from live_deltas d "
    "left join live_members m on m.tenant_id = d.tenant_id and m.segment_id = d.segment_id "
    "where d.tenant_id = :tenant_id and d.sequence > coalesce(m.sequence, 0) "
    "and d.segment_id::text = any(cast(:segment_ids as text[])) order by d.segment_id, d.sequence"
)
_THERE = sa.text(
    "select segment_id::text from segments where tenant_id = :tenant_id "
    "and segment_id::text = any(cast(:segment_ids as text[])) for key share"
)
_SAVE = sa.text(
    "insert into live_segments (tenant_id, segment_id, version, definition, failure, failure_text, since, "
    "answered_by, position, as_of, yardstick_age_seconds, size, sequence) values (:tenant_id, :segment_id, "
    ":version, :definition, :failure, :failure_text, :since, :answered_by, :position, :as_of, "
    ":yardstick_age_seconds, :size, :sequence) on conflict (tenant_id, segment_id) do update set "
    "version = excluded.version, definition = excluded.definition, failure = excluded.failure, "
    "failure_text = excluded.failure_text, since = excluded.since, answered_by = excluded.answered_by, "
    "position = excluded.position, as_of = excluded.as_of, "
    "yardstick_age_seconds = excluded.yardstick_age_seconds, size = excluded.size, "
    "sequence = excluded.sequence"
)
_FOLD = sa.text(
    "insert into live_members (tenant_id, segment_id, sequence, members) "
    "values (:tenant_id, :segment_id, :sequence, :members) on conflict (tenant_id, segment_id) "
    "do update set sequence = excluded.sequence, members = excluded.members"
)
# Fails for a number that is there: whoever counts on has not seen what another process stored.
_ADD = sa.text(
    "insert into live_deltas (tenant_id, segment_id, sequence, version, reason, position, at, entered, gone, "
    "n_entered, n_gone) values (:tenant_id, :segment_id, :sequence, :version, :reason, :position, :at, "
    ":entered, :gone, :n_entered, :n_gone)"
)
_COUNT_DAY = sa.text(
    "insert into live_days (tenant_id, segment_id, day, size, entered, gone) "
    "values (:tenant_id, :segment_id, :day, :size, :entered, :gone) "
    "on conflict (tenant_id, segment_id, day) do update set size = excluded.size, "
    "entered = live_days.entered + excluded.entered, gone = live_days.gone + excluded.gone"
)
# What was published and is folded in, and is old, or of which there is much that is newer.
_DROP_OLD = sa.text(
    "delete from live_deltas d using live_members m where d.tenant_id = :tenant_id "
    "and m.tenant_id = d.tenant_id and m.segment_id = d.segment_id and d.sequence <= m.sequence "
    "and d.published and (d.at < :before or d.sequence <= m.sequence - :most)"
)
_UNSENT = sa.text(
    "select segment_id::text, sequence, version, reason, position, at, entered, gone from live_deltas "
    "where tenant_id = :tenant_id and not published order by segment_id, sequence limit :n_deltas"
)
# Of erased people only the number stays.
_SENT = sa.text(
    "update live_deltas set published = true, "
    "gone = case when reason = 'erasure' then cast(:nobody as bytea) else gone end "
    "where tenant_id = :tenant_id and segment_id::text = :segment_id and sequence = :sequence"
)
_IDS = sa.text("select segment_id::text from live_members where tenant_id = :tenant_id")
_SET_MEMBERS = sa.text(
    "update live_members set members = :members where tenant_id = :tenant_id "
    "and segment_id::text = :segment_id and sequence = :sequence"
)
_ALL_DELTAS = sa.text(
    "select segment_id::text, sequence, entered, gone from live_deltas where tenant_id = :tenant_id "
    "and (segment_id::text, sequence) > (:segment_id, :sequence) "
    "order by segment_id::text, sequence limit 200"
)
_SET_DELTA = sa.text(
    "update live_deltas set entered = :entered, gone = :gone where tenant_id = :tenant_id "
    "and segment_id::text = :segment_id and sequence = :sequence"
)
_NOBODY = BitMap().serialize()


@dataclass(frozen=True, slots=True)
class State:
    """One segment as of `position` and `as_of`; `failure` is why it is not newer, since `since`, or ""."""

    segment_id: str
    version: int
    # What the tree and all it names were.
    definition: str
    failure: str
    failure_text: str
    since: datetime
    answered_by: str
    position: int
    as_of: datetime
    yardstick_age_seconds: float | None
    size: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Delta:
    """Who entered and who is gone, the `sequence`th time of this segment."""

    segment_id: str
    sequence: int
    version: int
    reason: str
    position: int
    at: datetime
    entered: BitMap
    gone: BitMap


@dataclass(frozen=True, slots=True)
class Stored:
    """A segment's state, and its members as of the change `reached`; in one piece up to `folded_to`."""

    state: State
    members: BitMap
    folded_to: int
    reached: int


@dataclass(frozen=True, slots=True)
class Day:
    """What one refresh adds to a segment's local day, and the size after it."""

    segment_id: str
    day: date
    size: int
    entered: int
    gone: int


@dataclass
class Step:
    """What one refresh of a tenant has to store, all or nothing."""

    states: list[State] = field(default_factory=list)
    deltas: list[Delta] = field(default_factory=list)
    days: list[Day] = field(default_factory=list)
    # By segment: the members as of the newest sequence.
    folded: dict[str, tuple[int, BitMap]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.states)


class LiveStore:
    """All tenants', one tenant at a time."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def queue(self) -> dict[str, int]:
        """Tenants that have segments; the number rises when something else decides who is in them."""
        async with open_untenanted(self._engine) as connection:
            return {tenant_id: int(changed) for tenant_id, changed in await connection.execute(_QUEUE)}

    async def leave(self, tenant_id: str, changed: int) -> None:
        """Out of the queue, unless it has segments or something new happened."""
        async with open_transaction(self._engine, tenant_id) as connection:
            await connection.execute(_LEAVE, {"tenant_id": tenant_id, "changed": changed})

    async def load(self, tenant_id: str, segment_ids: Collection[str]) -> dict[str, Stored]:
        """Of those that have a state."""
        values = {"tenant_id": tenant_id, "segment_ids": sorted(segment_ids)}
        async with open_transaction(self._engine, tenant_id) as connection:
            # In this order: what is stored meanwhile is in all that follows, or in none.
            folded = (await connection.execute(_MEMBERS, values)).all()
            later = (await connection.execute(_LATER, values)).all()
            states = (await connection.execute(_STATES, {"tenant_id": tenant_id})).all()
        members = {segment_id: BitMap.deserialize(packed) for segment_id, _, packed in folded}
        folded_to = {segment_id: int(sequence) for segment_id, sequence, _ in folded}
        reached = dict(folded_to)
        for segment_id, sequence, entered, gone in later:
            there = members.setdefault(segment_id, BitMap())
            if sequence > reached.get(segment_id, 0):
                there |= BitMap.deserialize(entered)
                there -= BitMap.deserialize(gone)
                reached[segment_id] = sequence
        return {
            row[0]: Stored(
                State(*row),
                members.get(row[0], BitMap()),
                folded_to.get(row[0], 0),
                reached.get(row[0], 0),
            )
            for row in states
            if row[0] in values["segment_ids"]
        }

    async def store(self, tenant_id: str, step: Step) -> None:
        """In one transaction; of segments that were deleted meanwhile nothing."""
        async with open_transaction(self._engine, tenant_id) as connection:
            wanted = sorted(state.segment_id for state in step.states)
            values = {"tenant_id": tenant_id, "segment_ids": wanted}
            there = {row[0] for row in await connection.execute(_THERE, values)}
            await _run(connection, _SAVE, tenant_id, map(asdict, _of(step.states, there)))
            await _run(connection, _ADD, tenant_id, map(_delta_values, _of(step.deltas, there)))
            await _run(connection, _COUNT_DAY, tenant_id, map(asdict, _of(step.days, there)))
            await _run(
                connection,
                _FOLD,
                tenant_id,
                (
                    {"segment_id": segment_id, "sequence": sequence, "members": members.serialize()}
                    for segment_id, (sequence, members) in step.folded.items()
                    if segment_id in there
                ),
            )

    async def drop_old(self, tenant_id: str, before: datetime, most: int) -> None:
        """Published deltas that are part of the members: of before a moment, or behind the newest `most`."""
        async with open_transaction(self._engine, tenant_id) as connection:
            await connection.execute(_DROP_OLD, {"tenant_id": tenant_id, "before": before, "most": most})

    # --- what is to be published ---------------------------------------------------------------------------

    async def unsent(self, tenant_id: str, n_deltas: int) -> list[Delta]:
        """The first of what was not published, each segment's in order."""
        async with open_transaction(self._engine, tenant_id) as connection:
            values = {"tenant_id": tenant_id, "n_deltas": n_deltas}
            rows = (await connection.execute(_UNSENT, values)).all()
        return [_delta(row) for row in rows]

    async def sent(self, tenant_id: str, deltas: Sequence[Delta]) -> None:
        async with open_transaction(self._engine, tenant_id) as connection:
            await _run(
                connection,
                _SENT,
                tenant_id,
                (
                    {"segment_id": delta.segment_id, "sequence": delta.sequence, "nobody": _NOBODY}
                    for delta in deltas
                ),
            )

    # --- erasure -------------------------------------------------------------------------------------------

    async def forget_people(self, tenant_id: str, nids: Collection[int]) -> None:
        """Take these out of everything stored; a profile bears the number of one of its nids."""
        gone = BitMap(nids)
        for (segment_id,) in await self._rows(_IDS, tenant_id):
            found = await self._rows(_MEMBERS, tenant_id, segment_ids=[segment_id])
            for _, sequence, packed in found:
                members = BitMap.deserialize(packed)
                if members.intersect(gone):
                    values = {"segment_id": segment_id, "sequence": sequence}
                    await self._set(_SET_MEMBERS, tenant_id, members=(members - gone).serialize(), **values)
        place: Mapping[str, Any] = {"segment_id": "", "sequence": 0}
        while some := await self._rows(_ALL_DELTAS, tenant_id, **place):
            for segment_id, sequence, entered, left in some:
                place = {"segment_id": segment_id, "sequence": sequence}
                both = [BitMap.deserialize(entered), BitMap.deserialize(left)]
                if any(one.intersect(gone) for one in both):
                    entered, left = ((one - gone).serialize() for one in both)
                    await self._set(_SET_DELTA, tenant_id, entered=entered, gone=left, **place)

    async def _set(self, statement: sa.TextClause, tenant_id: str, **values: Any) -> None:
        async with open_transaction(self._engine, tenant_id) as connection:
            await connection.execute(statement, {"tenant_id": tenant_id, **values})

    async def _rows(self, statement: sa.TextClause, tenant_id: str, **values: Any) -> Sequence[Any]:
        async with open_transaction(self._engine, tenant_id) as connection:
            return (await connection.execute(statement, {"tenant_id": tenant_id, **values})).all()


async def _run(
    connection: AsyncConnection, statement: sa.TextClause, tenant_id: str, rows: Iterable[Mapping[str, Any]]
) -> None:
    values = [{"tenant_id": tenant_id, **row} for row in rows]
    if values:
        await connection.execute(statement, values)


def _of(some: Iterable[Any], there: set[str]) -> Iterable[Any]:
    return (one for one in some if one.segment_id in there)


def _delta(row: Sequence[Any]) -> Delta:
    segment_id, sequence, version, reason, position, at, entered, gone = row
    packed = BitMap.deserialize(entered), BitMap.deserialize(gone)
    return Delta(segment_id, sequence, version, reason, position, at, *packed)


def _delta_values(delta: Delta) -> dict[str, Any]:
    values = {name: getattr(delta, name) for name in ("segment_id", "sequence", "version", "reason")}
    values |= {"position": delta.position, "at": delta.at}
    values |= {"entered": delta.entered.serialize(), "gone": delta.gone.serialize()}
    return values | {"n_entered": len(delta.entered), "n_gone": len(delta.gone)}
