"""Exports of segments: what was made, by whom, and until when it is there."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_transaction, tenant_column
from services.gateway.store.tables import metadata

_TIME = sa.DateTime(timezone=True)
_ID = sa.Uuid(as_uuid=False)

segment_exports = sa.Table(
    "segment_exports",
    metadata,
    tenant_column(),
    sa.Column("export_id", _ID),
    sa.Column("segment_id", _ID),
    sa.Column("job_id", _ID),
    sa.Column("format", sa.Text),
    sa.Column("genes", ARRAY(sa.Text)),
    sa.Column("version", sa.BigInteger),
    sa.Column("profiles", sa.BigInteger),
    sa.Column("size_bytes", sa.BigInteger),
    sa.Column("created_by", sa.Text),
    sa.Column("created_at", _TIME),
    sa.Column("finished_at", _TIME),
    sa.Column("expires_at", _TIME),
)


@dataclass(frozen=True, slots=True)
class SegmentExport:
    """One export; without a size it is still being made, and `version` and `profiles` are not known."""

    export_id: str
    segment_id: str
    job_id: str
    format: str
    genes: list[str]
    version: int | None
    profiles: int | None
    size_bytes: int | None
    created_by: str
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Made:
    """What a finished file holds."""

    version: int
    profiles: int
    size_bytes: int


_COLUMNS = [segment_exports.c[name] for name in SegmentExport.__slots__]


async def save_export(connection: AsyncConnection, tenant_id: str, new: SegmentExport) -> None:
    """Insert, within a transaction of its tenant."""
    values = {name: getattr(new, name) for name in SegmentExport.__slots__}
    await connection.execute(sa.insert(segment_exports).values(tenant_id=tenant_id, **values))


async def load_export(engine: AsyncEngine, tenant_id: str, export_id: str) -> SegmentExport | None:
    query = sa.select(*_COLUMNS).where(segment_exports.c.export_id == export_id)
    async with open_transaction(engine, tenant_id) as connection:
        row = (await connection.execute(query)).one_or_none()
    return SegmentExport(**row._mapping) if row else None


async def load_exports(
    engine: AsyncEngine, tenant_id: str, *, before: tuple[datetime, str] | None, limit: int
) -> list[SegmentExport]:
    """Newest first, those before a place."""
    columns = segment_exports.c
    query = sa.select(*_COLUMNS).order_by(columns.created_at.desc(), columns.export_id.desc()).limit(limit)
    if before is not None:
        place = sa.tuple_(sa.literal(before[0], _TIME), sa.literal(before[1], _ID))
        query = query.where(sa.tuple_(columns.created_at, columns.export_id) < place)
    async with open_transaction(engine, tenant_id) as connection:
        return [SegmentExport(**row._mapping) for row in await connection.execute(query)]


async def save_finished(engine: AsyncEngine, tenant_id: str, export_id: str, made: Made) -> bool:
    """False when the export is not wanted any more."""
    change = (
        sa.update(segment_exports)
        .where(segment_exports.c.export_id == export_id)
        .values(
            version=made.version,
            profiles=made.profiles,
            size_bytes=made.size_bytes,
            finished_at=sa.func.now(),
        )
    )
    async with open_transaction(engine, tenant_id) as connection:
        return bool((await connection.execute(change)).rowcount)


async def delete_all(engine: AsyncEngine, tenant_id: str) -> list[SegmentExport]:
    """What was deleted."""
    async with open_transaction(engine, tenant_id) as connection:
        rows = await connection.execute(sa.delete(segment_exports).returning(*_COLUMNS))
        return [SegmentExport(**row._mapping) for row in rows]


async def delete_expired(engine: AsyncEngine, tenant_id: str) -> list[str]:
    """The ids of those whose time is over."""
    columns = segment_exports.c
    over = sa.delete(segment_exports).where(columns.expires_at < sa.func.now()).returning(columns.export_id)
    async with open_transaction(engine, tenant_id) as connection:
        return list(await connection.scalars(over))
