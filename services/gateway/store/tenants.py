"""Tenants."""

from dataclasses import dataclass
from datetime import datetime
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


_TENANT_COLUMNS = [tenants.c[name] for name in Tenant.__slots__]


async def load_tenant(engine: AsyncEngine, tenant_id: str) -> Tenant | None:
    async with open_transaction(engine, tenant_id) as connection:
        row = (await connection.execute(sa.select(*_TENANT_COLUMNS))).one_or_none()
    return Tenant(**row._mapping) if row else None


async def save_tenant(connection: AsyncConnection, tenant: dict[str, Any]) -> None:
    """Insert, within a transaction of that tenant."""
    await connection.execute(sa.insert(tenants).values(**tenant))
