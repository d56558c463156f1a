"""Transactions that read before a tenant is known, and turn an absent database into a promised failure."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import asyncpg
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import DatabaseUnavailable, open_transaction

_AWAY = (OSError, InterfaceError, OperationalError, PoolTimeout, asyncio.TimeoutError)


@asynccontextmanager
async def tenant_transaction(engine: AsyncEngine, tenant_id: str) -> AsyncIterator[AsyncConnection]:
    """One transaction that sees only this tenant's rows; DatabaseUnavailable while the server is away."""
    with _promised():
        async with open_transaction(engine, tenant_id) as connection:
            yield connection


@asynccontextmanager
async def lookup_transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """One transaction that may read tenants, keys and memberships across tenants, and write none of them."""
    with _promised():
        async with engine.begin() as connection:
            await connection.execute(sa.select(sa.func.set_config("app.lookup", "on", True)))
            yield connection


@contextmanager
def _promised() -> Iterator[None]:
    try:
        yield
    except _AWAY as error:
        raise DatabaseUnavailable("The gateway's database does not answer.") from error
    except DBAPIError as error:
        if _lost(error):
            raise DatabaseUnavailable("The gateway's database does not answer.") from error
        raise


def _lost(error: DBAPIError) -> bool:
    cause = error.orig.__cause__ if error.orig is not None else None
    return error.connection_invalidated or isinstance(
        cause, asyncpg.PostgresConnectionError | asyncpg.CannotConnectNowError | asyncpg.AdminShutdownError
    )
