"""Exports of one person: what was made, for whom, and until when it is there."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_transaction, tenant_column
from services.gateway.store.tables import metadata

_TIME = sa.DateTime(timezone=True)
_ID = sa.Uuid(as_uuid=False)

exports = sa.Table(
    "exports",
    metadata,
    tenant_column(),
    sa.Column("export_id", _ID),
    sa.Column("profile_id", sa.BigInteger),
    sa.Column("job_id", _ID),
    sa.Column("nids", ARRAY(sa.BigInteger)),
    sa.Column("size_bytes", sa.BigInteger),
    sa.Column("created_by", sa.Text),
    sa.Column("created_at", _TIME),
    sa.Column("finished_at", _TIME),
    sa.Column("expires_at", _TIME),
)


@dataclass(frozen=True, slots=True)
class Export:
    """One export; without a size it is still being made."""

    export_id: str
    profile_id: int
    job_id: str
    size_bytes: int | None
    created_by: str
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime


_COLUMNS = [exports.c[name] for name in Export.__slots__]


async def save_export(connection: AsyncConnection, tenant_id: str, new: Export, nids: list[int]) -> None:
    """Insert, within a transaction of its tenant."""
    values = {name: getattr(new, name) for name in Export.__slots__}
    await connection.execute(sa.insert(exports).values(tenant_id=tenant_id, nids=nids, **values))


async def load_export(engine: AsyncEngine, tenant_id: str, export_id: str) -> Export | None:
    query = sa.select(*_COLUMNS).where(exports.c.export_id == export_id)
    async with open_transaction(engine, tenant_id) as connection:
        row = (await connection.execute(query)).one_or_none()
    return Export(**row._mapping) if row else None


async def load_exports(
    engine: AsyncEngine, tenant_id: str, *, before: tuple[datetime, str] | None, limit: int
) -> list[Export]:
    """Newest first, those before a place."""
    query = (
        sa.select(*_COLUMNS).order_by(exports.c.created_at.desc(), exports.c.export_id.desc()).limit(limit)
    )
    if before is not None:
        place = sa.tuple_(sa.literal(before[0], _TIME), sa.literal(before[1], _ID))
        query = query.where(sa.tuple_(exports.c.created_at, exports.c.export_id) < place)
    async with open_transaction(engine, tenant_id) as connection:
        return [Export(**row._mapping) for row in await connection.execute(query)]


async def save_finished(engine: AsyncEngine, tenant_id: str, export_id: str, size_bytes: int) -> bool:
    """False when the export is not wanted any more."""
    change = (
        sa.update(exports)
        .where(exports.c.export_id == export_id)
        .values(size_bytes=size_bytes, finished_at=sa.func.now())
    )
    async with open_transaction(engine, tenant_id) as connection:
        return bool((await connection.execute(change)).rowcount)


async def delete_exports_about(engine: AsyncEngine, tenant_id: str, nids: list[int]) -> list[Export]:
    """Exports of a person by any of their identifiers; what was deleted."""
    about = exports.c.nids.op("&&")(sa.cast(nids, ARRAY(sa.BigInteger)))
    async with open_transaction(engine, tenant_id) as connection:
        rows = await connection.execute(sa.delete(exports).where(about).returning(*_COLUMNS))
        return [Export(**row._mapping) for row in rows]


async def delete_expired(engine: AsyncEngine, tenant_id: str) -> list[str]:
    """The ids of those whose time is over."""
    over = sa.delete(exports).where(exports.c.expires_at < sa.func.now()).returning(exports.c.export_id)
    async with open_transaction(engine, tenant_id) as connection:
        return list(await connection.scalars(over))
