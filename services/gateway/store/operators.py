"""Who runs the platform, the tenants they look after, and when they acted inside one."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_untenanted
from services.gateway.store.lookup import lookup_transaction
from services.gateway.store.tables import metadata, teammates, tenants

_TIME = sa.DateTime(timezone=True)
_ID = sa.Uuid(as_uuid=False)
_PAGE = 500

operators = sa.Table("operators", metadata, sa.Column("teammate_id", _ID), sa.Column("created_at", _TIME))


@dataclass(frozen=True, slots=True)
class Operator:
    teammate_id: str
    email: str
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TenantLine:
    """A tenant as the operator's list tells it."""

    tenant_id: str
    name: str
    demo: bool
    created_at: datetime


async def load_tenants(
    engine: AsyncEngine, text: str, *, after: tuple[datetime, str] | None, limit: int
) -> list[TenantLine]:
    """Oldest first, behind a place; `text` is part of a name, or a whole id."""
    query = sa.select(*(tenants.c[name] for name in TenantLine.__slots__))
    if text:
        whole_id = sa.cast(tenants.c.tenant_id, sa.Text) == text.lower()
        query = query.where(sa.or_(tenants.c.name.icontains(text, autoescape=True), whole_id))
    place = sa.tuple_(tenants.c.created_at, tenants.c.tenant_id)
    if after is not None:
        query = query.where(place > sa.tuple_(sa.literal(after[0], _TIME), sa.literal(after[1], _ID)))
    query = query.order_by(tenants.c.created_at, tenants.c.tenant_id).limit(limit)
    async with lookup_transaction(engine) as connection:
        return [TenantLine(**row._mapping) for row in await connection.execute(query)]


async def each_tenant(engine: AsyncEngine) -> AsyncIterator[str]:
    """Every tenant's id, read page by page."""
    after: tuple[datetime, str] | None = None
    while page := await load_tenants(engine, "", after=after, limit=_PAGE):
        for line in page:
            yield line.tenant_id
        after = (page[-1].created_at, page[-1].tenant_id)


async def save_operator(connection: AsyncConnection, teammate_id: str) -> bool:
    """False for somebody who is one already."""
    new = insert(operators).values(teammate_id=teammate_id).on_conflict_do_nothing()
    return bool((await connection.execute(new)).rowcount)


async def delete_operator(connection: AsyncConnection, teammate_id: str) -> bool:
    """False for somebody who is none."""
    done = await connection.execute(sa.delete(operators).where(operators.c.teammate_id == teammate_id))
    return bool(done.rowcount)


async def load_operators(engine: AsyncEngine) -> list[Operator]:
    """All; there are a few."""
    query = (
        sa.select(teammates.c.teammate_id, teammates.c.email, teammates.c.name, operators.c.created_at)
        .join(teammates, teammates.c.teammate_id == operators.c.teammate_id)
        .order_by(operators.c.created_at, operators.c.teammate_id)
    )
    async with open_untenanted(engine) as connection:
        return [Operator(**row._mapping) for row in await connection.execute(query)]
