"""Duties: what has to be done for a tenant, kept until it is, and when it is due."""

import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_transaction, open_untenanted, tenant_column
from services.gateway.store.tables import metadata

_TIME = sa.DateTime(timezone=True)
_ID = sa.Uuid(as_uuid=False)

duties = sa.Table(
    "duties",
    metadata,
    tenant_column(),
    sa.Column("duty_id", _ID),
    sa.Column("kind", sa.Text),
    sa.Column("body", JSONB),
    sa.Column("failures", sa.Integer),
    sa.Column("created_at", _TIME),
)
duty_queue = sa.Table(
    "duty_queue", metadata, tenant_column(), sa.Column("duty_id", _ID), sa.Column("due_at", _TIME)
)

# Whoever claims one has so long before somebody else may; every duty can be done twice.
_CLAIM = sa.text("""
update duty_queue q set due_at = now() + make_interval(secs => :lease)
from (
    select tenant_id, duty_id from duty_queue where due_at <= now()
    order by due_at limit 1 for update skip locked
) next
where q.tenant_id = next.tenant_id and q.duty_id = next.duty_id
returning cast(q.tenant_id as text) as tenant_id, cast(q.duty_id as text) as duty_id
""")


@dataclass(frozen=True, slots=True)
class Duty:
    """Something to be done; `body` is JSON and holds nobody's values."""

    tenant_id: str
    duty_id: str
    kind: str
    body: dict[str, Any]
    failures: int
    created_at: datetime


async def add_duty(
    connection: AsyncConnection,
    tenant_id: str,
    kind: str,
    body: dict[str, Any],
    *,
    due_at: datetime | None = None,
    duty_id: str | None = None,
) -> str:
    """Within a transaction of the tenant; due now, unless it says when. One that is there stays."""
    duty_id = duty_id or str(uuid.uuid4())
    known = await connection.scalar(sa.select(duties.c.duty_id).where(duties.c.duty_id == duty_id))
    if known is None:
        await connection.execute(
            sa.insert(duties).values(tenant_id=tenant_id, duty_id=duty_id, kind=kind, body=body)
        )
        await connection.execute(
            sa.insert(duty_queue).values(tenant_id=tenant_id, duty_id=duty_id, due_at=due_at or sa.func.now())
        )
    return duty_id


async def hurry(connection: AsyncConnection, duty_id: str) -> None:
    """Due now."""
    await connection.execute(
        sa.update(duty_queue).where(duty_queue.c.duty_id == duty_id).values(due_at=sa.func.now())
    )


async def claim_duty(engine: AsyncEngine, lease_seconds: float) -> Duty | None:
    """The one that is due longest, of any tenant; None when none is."""
    async with open_untenanted(engine) as connection:
        row = (await connection.execute(_CLAIM, {"lease": lease_seconds})).one_or_none()
    if row is None:
        return None
    columns = [duties.c[name] for name in Duty.__slots__]
    async with open_transaction(engine, row.tenant_id) as connection:
        found = (
            await connection.execute(sa.select(*columns).where(duties.c.duty_id == row.duty_id))
        ).one_or_none()
        if found is None:
            await _drop_from_queue(connection, row.duty_id)
            return None
    return Duty(**found._mapping)


async def put_off(
    engine: AsyncEngine,
    duty: Duty,
    due_at: datetime,
    *,
    body: dict[str, Any] | None = None,
    failures: int = 0,
) -> None:
    """Due again at a time, with what was learnt."""
    async with open_transaction(engine, duty.tenant_id) as connection:
        await connection.execute(
            sa.update(duties)
            .where(duties.c.duty_id == duty.duty_id)
            .values(body=json.loads(json.dumps(duty.body if body is None else body)), failures=failures)
        )
        await connection.execute(
            sa.update(duty_queue).where(duty_queue.c.duty_id == duty.duty_id).values(due_at=due_at)
        )


async def drop_duty(connection: AsyncConnection, duty_id: str) -> None:
    """Done, or not wanted any more; within a transaction of its tenant."""
    await connection.execute(sa.delete(duties).where(duties.c.duty_id == duty_id))
    await _drop_from_queue(connection, duty_id)


async def _drop_from_queue(connection: AsyncConnection, duty_id: str) -> None:
    await connection.execute(sa.delete(duty_queue).where(duty_queue.c.duty_id == duty_id))
