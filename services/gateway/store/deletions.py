"""The end of a tenant: asked for, taken back, and carried out in every table."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_transaction, open_untenanted, tenant_column
from services.gateway.store.tables import metadata, tenants

_TIME = sa.DateTime(timezone=True)
_ID = sa.Uuid(as_uuid=False)

deletions = sa.Table(
    "deletions",
    metadata,
    tenant_column(),
    sa.Column("deletion_id", _ID),
    sa.Column("requested_by", sa.Text),
    sa.Column("requested_at", _TIME),
    sa.Column("due_at", _TIME),
    sa.Column("step", sa.Text),
)
deleted_tenants = sa.Table(
    "deleted_tenants",
    metadata,
    sa.Column("former_id", _ID),
    sa.Column("deletion_id", _ID),
    sa.Column("requested_at", _TIME),
    sa.Column("deleted_at", _TIME),
    sa.Column("audit_number", sa.BigInteger),
    sa.Column("audit_hash", sa.LargeBinary),
)

# Every table of a tenant has the column. `tenants` goes last, for others refer to it; the audit log stays,
# for nobody may delete from it; the queues name the duty that is deleting.
_TABLES = sa.text("""
select c.table_name from information_schema.columns c
join information_schema.tables t using (table_schema, table_name)
where c.table_schema = 'public' and c.column_name = 'tenant_id' and t.table_type = 'BASE TABLE'
    and c.table_name not in ('tenants', 'audit_entries', 'duties', 'duty_queue', 'memberships', 'deletions')
order by (c.table_name = 'bad_row_fingerprints') desc, c.table_name
""")
_DELETE = """
delete from {table} where tenant_id = :tenant_id and ctid = any (array(
    select ctid from {table} where tenant_id = :tenant_id limit :most
))
"""
# Teammates of nobody any more, with all that is theirs.
_ORPHANS = sa.text("""
delete from teammates t where t.teammate_id = any (cast(:ids as uuid[]))
    and not exists (select from memberships m where m.teammate_id = t.teammate_id)
    and not exists (select from operators o where o.teammate_id = t.teammate_id)
""")
_MEMBERS = sa.text(
    "delete from memberships where tenant_id = :tenant_id returning cast(teammate_id as text) as teammate_id"
)
_LAST = (
    "delete from access_tokens where for_tenant = :tenant_id",
    "delete from deletions where tenant_id = :tenant_id",
    "delete from duty_queue where tenant_id = :tenant_id",
    "delete from duties where tenant_id = :tenant_id",
    "delete from tenants where tenant_id = :tenant_id",
)


@dataclass(frozen=True, slots=True)
class Deletion:
    """A tenant's end, asked for."""

    deletion_id: str
    requested_by: str
    requested_at: datetime
    # Until then it can be taken back.
    due_at: datetime
    # "waiting", then what is being done.
    step: str


_COLUMNS = [deletions.c[name] for name in Deletion.__slots__]


async def save_deletion(connection: AsyncConnection, tenant_id: str, new: Deletion) -> Deletion:
    """Within a transaction of the tenant; the one that was asked for first, if there was one."""
    values = {name: getattr(new, name) for name in Deletion.__slots__}
    await connection.execute(insert(deletions).values(tenant_id=tenant_id, **values).on_conflict_do_nothing())
    await connection.execute(
        sa.update(tenants).values(
            closing_at=sa.func.coalesce(tenants.c.closing_at, sa.func.now()), changed_at=sa.func.now()
        )
    )
    return Deletion(**(await connection.execute(sa.select(*_COLUMNS))).one()._mapping)


async def load_deletion(engine: AsyncEngine, tenant_id: str) -> Deletion | None:
    async with open_transaction(engine, tenant_id) as connection:
        row = (await connection.execute(sa.select(*_COLUMNS))).one_or_none()
    return Deletion(**row._mapping) if row else None


async def cancel_deletion(connection: AsyncConnection) -> Deletion | None:
    """What was taken back; None when it is too late, or nothing was asked for."""
    gone = sa.delete(deletions).where(deletions.c.step == "waiting").returning(*_COLUMNS)
    row = (await connection.execute(gone)).one_or_none()
    if row is None:
        return None
    await connection.execute(sa.update(tenants).values(closing_at=None, changed_at=sa.func.now()))
    return Deletion(**row._mapping)


async def save_step(engine: AsyncEngine, tenant_id: str, step: str) -> bool:
    """False when the deletion was taken back."""
    async with open_transaction(engine, tenant_id) as connection:
        return bool((await connection.execute(sa.update(deletions).values(step=step))).rowcount)


async def delete_some(engine: AsyncEngine, tenant_id: str, most: int) -> int:
    """How many rows were deleted, up to `most` of each table; 0 when none was left but the last few."""
    deleted = 0
    async with open_transaction(engine, tenant_id) as connection:
        for table in list(await connection.scalars(_TABLES)):
            # A name out of the catalogue.
            statement = sa.text(_DELETE.format(table=table))
            done = await connection.execute(statement, {"tenant_id": tenant_id, "most": most})
            deleted += done.rowcount
    return deleted


async def delete_last(
    engine: AsyncEngine, tenant_id: str, deletion: Deletion, *, audit_number: int, audit_hash: bytes
) -> None:
    """The tenant itself and its teammates, and the operator's note that there was one: all or nothing."""
    async with open_transaction(engine, tenant_id) as connection:
        members = [row.teammate_id for row in await connection.execute(_MEMBERS, {"tenant_id": tenant_id})]
        for statement in _LAST:
            await connection.execute(sa.text(statement), {"tenant_id": tenant_id})
        await connection.execute(
            insert(deleted_tenants)
            .values(
                former_id=tenant_id,
                deletion_id=deletion.deletion_id,
                requested_at=deletion.requested_at,
                audit_number=audit_number,
                audit_hash=audit_hash,
            )
            .on_conflict_do_nothing()
        )
        # Memberships of other tenants are seen by a lookup only.
        await connection.execute(sa.select(sa.func.set_config("app.lookup", "on", True)))
        await connection.execute(_ORPHANS, {"ids": members})


async def is_deleted(engine: AsyncEngine, tenant_id: str) -> bool:
    query = sa.select(deleted_tenants.c.former_id).where(deleted_tenants.c.former_id == tenant_id)
    async with open_untenanted(engine) as connection:
        return (await connection.execute(query)).one_or_none() is not None
