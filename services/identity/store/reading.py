"""Reading with the queries that the writer uses, from the API's pool."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_transaction


@asynccontextmanager
async def open_reading(engine: AsyncEngine, tenant_id: str) -> AsyncIterator[asyncpg.Connection]:
    """A transaction in which only this tenant's rows exist, as the driver's own connection."""
    async with open_transaction(engine, tenant_id) as connection:
        yield await driver_of(connection)


async def driver_of(connection: AsyncConnection) -> asyncpg.Connection:
    """The driver's own connection, in the same transaction."""
    raw = await connection.get_raw_connection()
    assert isinstance(raw.driver_connection, asyncpg.Connection)
    return raw.driver_connection
