"""Imports: what is to be read how, and the jobs that do it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import tenant_column
from services.gateway.store.tables import metadata

_TIME = sa.DateTime(timezone=True)
_ID = sa.Uuid(as_uuid=False)

imports = sa.Table(
    "imports",
    metadata,
    tenant_column(),
    sa.Column("import_id", _ID),
    sa.Column("kind", sa.Text),
    sa.Column("file_name", sa.Text),
    sa.Column("asked", JSONB),
    sa.Column("size_bytes", sa.BigInteger),
    # Without none_as_null a None would be stored as JSON's null, which is something.
    sa.Column("look", JSONB(none_as_null=True)),
    sa.Column("mapping", JSONB(none_as_null=True)),
    sa.Column("look_job", _ID),
    sa.Column("check_job", _ID),
    sa.Column("job", _ID),
    sa.Column("created_by", sa.Text),
    sa.Column("created_at", _TIME),
    sa.Column("stored_at", _TIME),
    sa.Column("deleted_at", _TIME),
)


@dataclass(frozen=True, slots=True)
class Import:
    """One file that is, or was, to be imported."""

    tenant_id: str
    import_id: str
    kind: str
    file_name: str
    # What shall not be guessed: format, encoding, delimiter, header.
    asked: Mapping[str, Any]
    # None until the file is stored.
    size_bytes: int | None
    # What was found in the file; None until it was read, and again when it is deleted.
    look: Mapping[str, Any] | None
    mapping: Mapping[str, Any] | None
    look_job: str | None
    check_job: str | None
    job: str | None
    created_by: str
    created_at: datetime
    stored_at: datetime | None
    deleted_at: datetime | None


_COLUMNS = [imports.c[name] for name in Import.__slots__]


async def add(
    connection: AsyncConnection, tenant_id: str, values: Mapping[str, Any], *, created_by: str
) -> Import:
    row = await connection.execute(
        sa.insert(imports).values(tenant_id=tenant_id, created_by=created_by, **values).returning(*_COLUMNS)
    )
    return Import(**row.one()._mapping)


async def load(
    connection: AsyncConnection, tenant_id: str, import_id: str, *, lock: bool = False
) -> Import | None:
    """`lock` holds it until the transaction ends."""
    query = sa.select(*_COLUMNS).where(*_is(tenant_id, import_id))
    row = (await connection.execute(query.with_for_update() if lock else query)).one_or_none()
    return Import(**row._mapping) if row else None


async def change(connection: AsyncConnection, found: Import, **values: Any) -> None:
    await connection.execute(
        sa.update(imports).where(*_is(found.tenant_id, found.import_id)).values(**values)
    )


async def page(
    connection: AsyncConnection, tenant_id: str, *, before: str | None, size: int
) -> Sequence[Import]:
    """Newest first."""
    query = sa.select(*_COLUMNS).where(imports.c.tenant_id == tenant_id)
    if before is not None:
        query = query.where(imports.c.import_id < before)
    rows = await connection.execute(query.order_by(imports.c.import_id.desc()).limit(size))
    return [Import(**row._mapping) for row in rows]


async def count_waiting(connection: AsyncConnection, tenant_id: str) -> int:
    """Imports that were not started and not cleared away."""
    query = sa.select(sa.func.count()).where(
        imports.c.tenant_id == tenant_id, imports.c.job.is_(None), imports.c.deleted_at.is_(None)
    )
    return int((await connection.execute(query)).scalar_one())


async def kept(connection: AsyncConnection, tenant_id: str, *, before: datetime) -> Sequence[Import]:
    """Imports made before a moment whose files are still there."""
    query = sa.select(*_COLUMNS).where(
        imports.c.tenant_id == tenant_id, imports.c.deleted_at.is_(None), imports.c.created_at < before
    )
    return [Import(**row._mapping) for row in await connection.execute(query)]


def _is(tenant_id: str, import_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return imports.c.tenant_id == tenant_id, imports.c.import_id == import_id
