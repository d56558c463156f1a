"""When an operator acts inside a tenant: with which role, why, and until when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_transaction, tenant_column
from services.gateway.store.lookup import lookup_transaction
from services.gateway.store.tables import metadata, tenants

ActingRole = Literal["admin", "marketer", "analyst", "viewer"]

_TIME = sa.DateTime(timezone=True)
_ID = sa.Uuid(as_uuid=False)

impersonations = sa.Table(
    "impersonations",
    metadata,
    tenant_column(),
    sa.Column("impersonation_id", _ID),
    sa.Column("teammate_id", _ID),
    sa.Column("session_id", _ID),
    sa.Column("role", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("started_at", _TIME),
    sa.Column("ends_at", _TIME),
    sa.Column("ended_at", _TIME),
    sa.Column("ended_by", sa.Text),
)


@dataclass(frozen=True, slots=True)
class Impersonation:
    """`teammate_id` is the operator's; `ended_by` is "" while nobody has ended it."""

    tenant_id: str
    impersonation_id: str
    teammate_id: str
    session_id: str
    role: ActingRole
    reason: str
    started_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None
    ended_by: str = ""


@dataclass(frozen=True, slots=True)
class Acting:
    """Where a session acts now."""

    impersonation_id: str
    tenant_id: str
    tenant_name: str
    role: ActingRole
    ends_at: datetime
    closing_at: datetime | None


_COLUMNS = [impersonations.c[name] for name in Impersonation.__slots__]
_OPEN = impersonations.c.ended_at.is_(None)
_RUNNING = sa.and_(_OPEN, impersonations.c.ends_at > sa.func.now())


async def save_impersonation(connection: AsyncConnection, new: Impersonation) -> bool:
    """False when its session acts somewhere already."""
    row = {name: getattr(new, name) for name in Impersonation.__slots__}
    return bool(
        (await connection.execute(insert(impersonations).values(**row).on_conflict_do_nothing())).rowcount
    )


async def end_impersonation(connection: AsyncConnection, impersonation_id: str, ended_by: str) -> bool:
    """False when it has ended already."""
    change = sa.update(impersonations).where(_OPEN, impersonations.c.impersonation_id == impersonation_id)
    done = await connection.execute(change.values(ended_at=sa.func.clock_timestamp(), ended_by=ended_by))
    return bool(done.rowcount)


async def load_acting(connection: AsyncConnection, session_id: str) -> Acting | None:
    """Where a session acts, if anywhere; within a lookup."""
    query = (
        sa.select(
            impersonations.c.impersonation_id,
            impersonations.c.tenant_id,
            tenants.c.name.label("tenant_name"),
            impersonations.c.role,
            impersonations.c.ends_at,
            tenants.c.closing_at,
        )
        .join(tenants, tenants.c.tenant_id == impersonations.c.tenant_id)
        .where(_RUNNING, impersonations.c.session_id == session_id)
    )
    row = (await connection.execute(query)).one_or_none()
    return Acting(**row._mapping) if row else None


async def load_of_tenant(
    engine: AsyncEngine, tenant_id: str, *, before: tuple[datetime, str] | None, limit: int
) -> list[Impersonation]:
    """Newest first, ended ones too, behind a place."""
    async with open_transaction(engine, tenant_id) as connection:
        found = await connection.execute(_page(before, limit))
        return [Impersonation(**row._mapping) for row in found]


async def load_of_operator(
    engine: AsyncEngine, teammate_id: str, *, before: tuple[datetime, str] | None, limit: int
) -> list[Impersonation]:
    """The same, one operator's in all tenants."""
    async with lookup_transaction(engine) as connection:
        query = _page(before, limit).where(impersonations.c.teammate_id == teammate_id)
        return [Impersonation(**row._mapping) for row in await connection.execute(query)]


async def load_open_of_tenant(
    engine: AsyncEngine, tenant_id: str, impersonation_id: str
) -> Impersonation | None:
    """One that nobody has ended."""
    async with open_transaction(engine, tenant_id) as connection:
        row = (await connection.execute(_one(impersonation_id))).one_or_none()
    return Impersonation(**row._mapping) if row else None


async def load_open_of_operator(
    engine: AsyncEngine, teammate_id: str, impersonation_id: str
) -> Impersonation | None:
    """The same, one operator's in whichever tenant."""
    async with lookup_transaction(engine) as connection:
        query = _one(impersonation_id).where(impersonations.c.teammate_id == teammate_id)
        row = (await connection.execute(query)).one_or_none()
    return Impersonation(**row._mapping) if row else None


async def load_overdue(engine: AsyncEngine, *, limit: int) -> list[Impersonation]:
    """Those whose time is over, or whose session or operator is gone, and whose end is not written down."""
    gone = sa.text(
        "not exists (select from sessions s join operators o on o.teammate_id = s.teammate_id"
        " where s.session_id = impersonations.session_id)"
    )
    query = sa.select(*_COLUMNS).where(_OPEN, sa.or_(impersonations.c.ends_at <= sa.func.now(), gone))
    async with lookup_transaction(engine) as connection:
        return [Impersonation(**row._mapping) for row in await connection.execute(query.limit(limit))]


def _one(impersonation_id: str) -> "sa.Select[tuple[object, ...]]":
    return sa.select(*_COLUMNS).where(_OPEN, impersonations.c.impersonation_id == impersonation_id)


def _page(before: tuple[datetime, str] | None, limit: int) -> "sa.Select[tuple[object, ...]]":
    at, number = impersonations.c.started_at, impersonations.c.impersonation_id
    query = sa.select(*_COLUMNS).order_by(at.desc(), number.desc()).limit(limit)
    if before is not None:
        place = sa.tuple_(sa.literal(before[0], _TIME), sa.literal(before[1], _ID))
        query = query.where(sa.tuple_(at, number) < place)
    return query
