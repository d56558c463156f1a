"""How often something was tried, counted once for all gateways."""

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import open_untenanted
from services.gateway.domain.attempts import Allowance
from services.gateway.store.tables import metadata

attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("name", sa.LargeBinary),
    # The moment from which the whole burst is available again.
    sa.Column("full_at", sa.DateTime(timezone=True)),
)


async def count_attempt(engine: AsyncEngine, name: bytes, allowance: Allowance) -> float:
    """0: go ahead, and the try is counted. Otherwise the seconds to wait; nothing is counted."""
    each = sa.literal(timedelta(seconds=allowance.seconds_each))
    most = sa.literal(timedelta(seconds=allowance.seconds_each * allowance.burst))
    start = sa.func.greatest(attempts.c.full_at, sa.func.now())
    count = (
        insert(attempts)
        .values(name=name, full_at=sa.func.now() + each)
        .on_conflict_do_update(
            index_elements=["name"],
            set_={"full_at": start + each},
            where=start + each <= sa.func.now() + most,
        )
        .returning(attempts.c.full_at)
    )
    wait = sa.select(sa.extract("epoch", attempts.c.full_at + each - most - sa.func.now())).where(
        attempts.c.name == name
    )
    async with open_untenanted(engine) as connection:
        if (await connection.execute(count)).first() is not None:
            return 0.0
        return max(float(await connection.scalar(wait) or 0.0), 1.0)


async def uncount_attempt(engine: AsyncEngine, name: bytes, allowance: Allowance) -> None:
    """Give one try back."""
    each = sa.literal(timedelta(seconds=allowance.seconds_each))
    async with open_untenanted(engine) as connection:
        await connection.execute(
            sa.update(attempts).where(attempts.c.name == name).values(full_at=attempts.c.full_at - each)
        )


async def delete_old_attempts(engine: AsyncEngine) -> None:
    async with open_untenanted(engine) as connection:
        await connection.execute(sa.delete(attempts).where(attempts.c.full_at < sa.func.now()))
