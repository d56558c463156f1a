"""What each tenant used, by day in UTC."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import open_transaction, tenant_column
from services.gateway.store.tables import metadata

usage = sa.Table(
    "usage",
    metadata,
    tenant_column(),
    sa.Column("on_day", sa.Date),
    sa.Column("events", sa.BigInteger),
    sa.Column("set_aside", sa.BigInteger),
    sa.Column("bytes", sa.BigInteger),
    sa.Column("calls", sa.BigInteger),
    sa.Column("as_of", sa.DateTime(timezone=True)),
)


@dataclass(slots=True)
class Used:
    """Amounts of one tenant on one day."""

    events: int = 0
    set_aside: int = 0
    bytes: int = 0
    calls: int = 0


@dataclass(frozen=True, slots=True)
class UsedDay:
    on_day: date
    events: int
    set_aside: int
    bytes: int
    calls: int
    as_of: datetime


_MEASURES = ("events", "set_aside", "bytes", "calls")


async def add_usage(engine: AsyncEngine, tenant_id: str, used: Mapping[date, Used]) -> None:
    """Add amounts to a tenant's days."""
    rows = [
        {"tenant_id": tenant_id, "on_day": day, **{name: getattr(amounts, name) for name in _MEASURES}}
        for day, amounts in sorted(used.items())
    ]
    new = insert(usage).values(rows)
    added = {name: usage.c[name] + new.excluded[name] for name in _MEASURES}
    change = new.on_conflict_do_update(
        index_elements=["tenant_id", "on_day"], set_={**added, "as_of": sa.func.now()}
    )
    async with open_transaction(engine, tenant_id) as connection:
        await connection.execute(change)


async def load_usage(engine: AsyncEngine, tenant_id: str, first: date, last: date) -> list[UsedDay]:
    """Days from `first` to `last` on which something was used, oldest first."""
    columns = (usage.c[name] for name in UsedDay.__slots__)
    query = sa.select(*columns).where(usage.c.on_day.between(first, last)).order_by(usage.c.on_day)
    async with open_transaction(engine, tenant_id) as connection:
        return [UsedDay(**row._mapping) for row in await connection.execute(query)]
