"""Tenants."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_transaction
from services.gateway.store.tables import tenants


@dataclass(frozen=True, slots=True)
class Tenant:
    tenant_id: str
    name: str
    time_zone: str
    currency: str
    locale: str
    events_per_second: float
    demo: bool
    created_at: datetime
    # None: what people did is kept for ever.
    retention_days: int | None
    # What remains of deleted events.
    keep_first_seen: bool
    keep_orders: bool
    # What decides its genes; insight.proto says what each means.
    session_minutes: int
    slowing_days: int
    dormant_days: int
    lost_days: int
    loyal_orders: int
    loyal_days: int
    price_after_discount: bool
    order_counts: str
    return_days: int
    # First days of the season 檔期 that its team looks at, and of the one beside it; both or none.
    season_on: date | None
    season_before_on: date | None
    # Its deletion was asked for then.
    closing_at: datetime | None


_TENANT_COLUMNS = [tenants.c[name] for name in Tenant.__slots__]


async def load_tenant(engine: AsyncEngine, tenant_id: str) -> Tenant | None:
    async with open_transaction(engine, tenant_id) as connection:
        row = (await connection.execute(sa.select(*_TENANT_COLUMNS))).one_or_none()
    return Tenant(**row._mapping) if row else None


async def save_tenant(connection: AsyncConnection, tenant: dict[str, Any]) -> None:
    """Insert, within a transaction of that tenant."""
    await connection.execute(sa.insert(tenants).values(**tenant))


async def lock_tenant(connection: AsyncConnection) -> Tenant | None:
    """The tenant of the transaction, held until it ends: two changes take turns."""
    row = (await connection.execute(sa.select(*_TENANT_COLUMNS).with_for_update())).one_or_none()
    return Tenant(**row._mapping) if row else None


async def change_tenant(connection: AsyncConnection, values: dict[str, Any]) -> Tenant:
    """Set some columns, within a transaction of that tenant."""
    change = sa.update(tenants).values(**values, changed_at=sa.func.now()).returning(*_TENANT_COLUMNS)
    return Tenant(**(await connection.execute(change)).one()._mapping)
