"""Events that were set aside: stored once by their place, searched, and replayed once."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import SET_TENANT, open_transaction, open_untenanted
from services.gateway.store import privacy
from services.gateway.store.tables import bad_rows, positions


@dataclass(frozen=True, slots=True)
class BadRow:
    """One event that was set aside; (seq, row) is its place in the stream of rejected events."""

    seq: int
    row: int
    stage: str
    reason: str
    detail: str
    payload: bytes
    message_id: str
    key_id: str
    # "browser", "server", or "" where the key is not known.
    key_kind: str
    received_at: datetime
    # Of rows with one key the first is kept.
    copy_key: bytes
    # EventKind the path named; 0 where the event names its own.
    call: int = 0
    # The batch's, as sent; "" without one.
    sent_at: str = ""
    status: str = "new"
    replayed_at: datetime | None = None

    @property
    def counted(self) -> bool:
        """Whether identity had counted the event, so that it drops what has the same key."""
        return not self.stage.startswith(_UNCOUNTED_STAGES)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which bad rows; "" leaves a condition out."""

    text: str = ""
    reason: str = ""
    status: str = ""
    # Newest place in the stream that belongs to it; 0 is no limit.
    to_seq: int = 0


@dataclass(frozen=True, slots=True)
class Position:
    """Where a reader is in its stream; a row's `seq` is base + its place in the stream."""

    base: int
    position: int


# Who sets events aside before identity counts them; whoever else does, does it afterwards.
_UNCOUNTED_STAGES = ("gateway.", "identity.")

# One person's rows that are told to them.
_MOST_ABOUT = 1_000

Place = tuple[int, int]
_COLUMNS = [bad_rows.c[name] for name in BadRow.__slots__]
_PLACE = sa.tuple_(bad_rows.c.seq, bad_rows.c.row)


async def load_position(engine: AsyncEngine, stream: str) -> Position:
    query = sa.select(positions.c.base, positions.c.position).where(positions.c.stream == stream)
    async with open_untenanted(engine) as connection:
        row = (await connection.execute(query)).one_or_none()
    return Position(row.base, row.position) if row else Position(0, 0)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A row to be stored; `traces` are fingerprints of whom it names."""

    tenant_id: str
    row: BadRow
    traces: Collection[bytes]


async def save_bad_rows(
    engine: AsyncEngine, stream: str, position: Position, rows: Sequence[Arrived]
) -> None:
    """Store rows and the reader's position in one transaction; what is there stays.

    Rows of somebody who was erased since they were received are counted, and not kept.
    """
    by_tenant: dict[str, list[Arrived]] = {}
    for arrived in rows:
        by_tenant.setdefault(arrived.tenant_id, []).append(arrived)
    async with open_untenanted(engine) as connection:
        for tenant_id, of_tenant in by_tenant.items():
            await connection.execute(SET_TENANT, {"tenant_id": tenant_id})
            kept = await _kept(connection, tenant_id, of_tenant)
            stored = (
                await connection.execute(
                    insert(bad_rows).on_conflict_do_nothing().returning(bad_rows.c.seq, bad_rows.c.row),
                    [
                        {"tenant_id": tenant_id, "fingerprinted": True}
                        | {name: getattr(arrived.row, name) for name in BadRow.__slots__}
                        for arrived in kept
                    ],
                )
                if kept
                else ()
            )
            traces = {(arrived.row.seq, arrived.row.row): arrived.traces for arrived in kept}
            named = {(row.seq, row.row): traces[row.seq, row.row] for row in stored}
            await privacy.save_traces(connection, tenant_id, named)
        reached = {"base": position.base, "position": position.position}
        await connection.execute(
            insert(positions)
            .values(stream=stream, **reached)
            .on_conflict_do_update(index_elements=["stream"], set_=reached)
        )


async def _kept(connection: AsyncConnection, tenant_id: str, rows: Sequence[Arrived]) -> list[Arrived]:
    """All but those that name somebody who was erased after they were received."""
    erased = await privacy.load_erased(connection, {each for row in rows for each in row.traces})
    kept = []
    for arrived in rows:
        until = max((erased[each] for each in arrived.traces if each in erased), default=None)
        if until is None or arrived.row.received_at > until:
            kept.append(arrived)
        else:
            row = arrived.row
            await privacy.count_dropped(connection, tenant_id, row.reason, counted=row.counted)
    return kept


async def load_about(engine: AsyncEngine, tenant_id: str, fingerprints: Sequence[bytes]) -> list[BadRow]:
    """Those that name one of these identifiers, newest first; at most 1,000."""
    named = privacy.bad_row_fingerprints
    places = sa.select(named.c.seq, named.c.row).where(
        named.c.fingerprint == sa.any_(sa.cast(list(fingerprints), ARRAY(sa.LargeBinary)))
    )
    query = sa.select(*_COLUMNS).where(sa.tuple_(bad_rows.c.seq, bad_rows.c.row).in_(places))
    query = query.order_by(bad_rows.c.seq.desc(), bad_rows.c.row.desc()).limit(_MOST_ABOUT)
    async with open_transaction(engine, tenant_id) as connection:
        return [BadRow(**row._mapping) for row in await connection.execute(query)]


async def load_bad_rows(
    engine: AsyncEngine, tenant_id: str, chosen: Filter, *, before: Place | None, limit: int
) -> list[BadRow]:
    """Newest first, those before a place."""
    query = sa.select(*_COLUMNS).where(*_conditions(chosen)).limit(limit)
    query = query.order_by(bad_rows.c.seq.desc(), bad_rows.c.row.desc())
    if before is not None:
        query = query.where(_PLACE.op("<")(sa.tuple_(*before)))
    async with open_transaction(engine, tenant_id) as connection:
        return [BadRow(**row._mapping) for row in await connection.execute(query)]


async def load_places(
    engine: AsyncEngine, tenant_id: str, chosen: Filter, *, after: Place, limit: int
) -> list[Place]:
    """Places of matching rows, oldest first, behind a place."""
    query = sa.select(bad_rows.c.seq, bad_rows.c.row).where(
        *_conditions(chosen), _PLACE.op(">")(sa.tuple_(*after))
    )
    query = query.order_by(bad_rows.c.seq, bad_rows.c.row).limit(limit)
    async with open_transaction(engine, tenant_id) as connection:
        return [(row.seq, row.row) for row in await connection.execute(query)]


async def count_bad_rows(engine: AsyncEngine, tenant_id: str, chosen: Filter) -> int:
    query = sa.select(sa.func.count()).select_from(bad_rows).where(*_conditions(chosen))
    async with open_transaction(engine, tenant_id) as connection:
        return int((await connection.execute(query)).scalar_one())


async def count_by_reason(engine: AsyncEngine, tenant_id: str) -> list[tuple[str, str, int]]:
    """(status, reason, rows), most frequent first; rows that were deleted since are counted, too."""
    gone = privacy.deleted_bad_rows
    everything = sa.union_all(
        sa.select(bad_rows.c.status, bad_rows.c.reason, sa.literal(1).label("rows")),
        sa.select(gone.c.status, gone.c.reason, gone.c.rows),
    ).subquery()
    rows = sa.func.sum(everything.c.rows).label("rows")
    query = sa.select(everything.c.status, everything.c.reason, rows)
    query = query.group_by(everything.c.status, everything.c.reason)
    async with open_transaction(engine, tenant_id) as connection:
        found = await connection.execute(query.order_by(rows.desc(), everything.c.reason))
        return [(row.status, row.reason, int(row.rows)) for row in found]


async def count_counted(engine: AsyncEngine, tenant_id: str) -> int:
    """Rows, replayed and deleted ones included, whose event identity had counted before it was set aside."""
    uncounted = [bad_rows.c.stage.startswith(stage) for stage in _UNCOUNTED_STAGES]
    query = sa.select(sa.func.count()).select_from(bad_rows).where(~sa.or_(*uncounted))
    gone = privacy.deleted_bad_rows
    deleted = sa.select(sa.func.coalesce(sa.func.sum(gone.c.rows), 0)).where(gone.c.counted)
    async with open_transaction(engine, tenant_id) as connection:
        kept = (await connection.execute(query)).scalar_one()
        return int(kept) + int((await connection.execute(deleted)).scalar_one())


async def count_by_key(engine: AsyncEngine, tenant_id: str, since: datetime) -> dict[str, int]:
    """Rows received since a moment that still wait, by the key they came with."""
    query = sa.select(bad_rows.c.key_id, sa.func.count().label("rows")).group_by(bad_rows.c.key_id)
    query = query.where(bad_rows.c.status == "new", bad_rows.c.received_at > since)
    async with open_transaction(engine, tenant_id) as connection:
        return {row.key_id: int(row.rows) for row in await connection.execute(query)}


async def load_bad_row(engine: AsyncEngine, tenant_id: str, place: Place) -> BadRow | None:
    async with open_transaction(engine, tenant_id) as connection:
        row = (await connection.execute(sa.select(*_COLUMNS).where(_at(place)))).one_or_none()
    return BadRow(**row._mapping) if row else None


async def lock_bad_row(connection: AsyncConnection, place: Place) -> BadRow | None:
    """The row, held until the transaction ends: two replays of it take turns."""
    query = sa.select(*_COLUMNS).where(_at(place)).with_for_update()
    row = (await connection.execute(query)).one_or_none()
    return BadRow(**row._mapping) if row else None


async def save_replayed(connection: AsyncConnection, place: Place) -> None:
    await connection.execute(
        sa.update(bad_rows).where(_at(place)).values(status="replayed", replayed_at=sa.func.now())
    )


async def save_reason(
    connection: AsyncConnection, place: Place, *, stage: str, reason: str, detail: str
) -> None:
    """Why the row is still bad."""
    await connection.execute(
        sa.update(bad_rows).where(_at(place)).values(stage=stage, reason=reason, detail=detail)
    )


def _at(place: Place) -> sa.ColumnElement[bool]:
    return sa.and_(bad_rows.c.seq == place[0], bad_rows.c.row == place[1])


def _conditions(chosen: Filter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if chosen.reason:
        conditions.append(bad_rows.c.reason == chosen.reason)
    if chosen.status:
        conditions.append(bad_rows.c.status == chosen.status)
    if chosen.to_seq:
        conditions.append(bad_rows.c.seq <= chosen.to_seq)
    if chosen.text:
        fields = (bad_rows.c.message_id, bad_rows.c.reason, bad_rows.c.detail)
        found = [field.icontains(chosen.text, autoescape=True) for field in fields]
        # Payloads are bytes, possibly broken text; a client may have escaped what is not ASCII.
        needles = {
            chosen.text,
            json.dumps(chosen.text)[1:-1],
            json.dumps(chosen.text, ensure_ascii=False)[1:-1],
        }
        found += [
            sa.func.position(sa.literal(needle.encode(), sa.LargeBinary).op("in")(bad_rows.c.payload)) > 0
            for needle in sorted(needles)
        ]
        conditions.append(sa.or_(*found))
    return conditions
