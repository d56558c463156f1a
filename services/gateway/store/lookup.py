"""Transactions that read before a tenant is known."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_untenanted


async def look_up(connection: AsyncConnection) -> None:
    """Until this transaction ends."""
    await connection.execute(sa.select(sa.func.set_config("app.lookup", "on", True)))


@asynccontextmanager
async def lookup_transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """One transaction that may read tenants, keys and memberships across tenants, and write none of them."""
    async with open_untenanted(engine) as connection:
        await look_up(connection)
        yield connection
