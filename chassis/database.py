"""PostgreSQL: engines, sessions that belong to one tenant, and migrations that cannot forget isolation."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import asyncpg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, create_async_engine

from chassis.errors import Unavailable

if TYPE_CHECKING:
    from alembic.operations import Operations


class DatabaseUnavailable(Unavailable):
    """The database is away for a moment. Nothing is lost: wait for `Retry-After`, try again."""

    reason = "DATABASE_UNAVAILABLE"


# What doors hand on to the store without speaking SQL themselves.
Engine = AsyncEngine
Connection = AsyncConnection

# Connections, resources such as disk and memory, operators, and the system below; then a server that turned
# into a standby, and a transaction it gave up because we stood still. None is the fault of a statement.
_NOT_NOW = ("08", "53", "57", "58", "25006", "25P03")


def async_url(url: str) -> str:
    """The same address for SQLAlchemy's asyncpg driver."""
    return url.replace("postgresql://", "postgresql+asyncpg://", 1)


@asynccontextmanager
async def open_engine(url: str, *, pool_size: int = 5) -> AsyncIterator[AsyncEngine]:
    """An engine whose pool checks connections before use, so that a restarted server is no failure."""
    engine = create_async_engine(
        async_url(url),
        pool_size=pool_size,
        max_overflow=5,
        pool_pre_ping=True,
        pool_recycle=1800,
        pool_timeout=10,
        # Errors are logged, and values may be personal.
        hide_parameters=True,
    )
    try:
        yield engine
    finally:
        await engine.dispose()


SET_TENANT = sa.text("select set_config('app.tenant', :tenant_id, true)")


@contextmanager
def database_away() -> Iterator[None]:
    """Raise DatabaseUnavailable for what a server that is down, starting, stopping or full makes us see."""
    try:
        yield
    except (ConnectionError, TimeoutError, socket.gaierror, sa.exc.TimeoutError) as error:
        raise DatabaseUnavailable("The database does not answer.") from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        if isinstance(error, asyncpg.InterfaceError) or _not_now(error):
            raise DatabaseUnavailable("The database does not answer.") from error
        raise
    except sa.exc.DBAPIError as error:
        if error.connection_invalidated or _not_now(error.orig):
            raise DatabaseUnavailable("The database does not answer.") from error
        raise


def _not_now(error: BaseException | None) -> bool:
    """Whether the same statement may succeed later."""
    return str(getattr(error, "sqlstate", None) or "").startswith(_NOT_NOW)


@asynccontextmanager
async def open_session(engine: AsyncEngine, tenant_id: str) -> AsyncIterator[AsyncSession]:
    """One transaction that sees only this tenant's rows; commits when left without an error."""
    with database_away():
        async with AsyncSession(engine, expire_on_commit=False) as session, session.begin():
            await session.execute(SET_TENANT, {"tenant_id": tenant_id})
            yield session


@asynccontextmanager
async def open_transaction(engine: AsyncEngine, tenant_id: str) -> AsyncIterator[AsyncConnection]:
    """Like open_session, for Core statements."""
    with database_away():
        async with engine.begin() as connection:
            await connection.execute(SET_TENANT, {"tenant_id": tenant_id})
            yield connection


@asynccontextmanager
async def open_untenanted(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """One transaction that sees no tenant's rows; for positions and queues, which are nobody's."""
    with database_away():
        async with engine.begin() as connection:
            yield connection


def isolate_tenants(op: "Operations | ModuleType", table: str) -> None:
    """In a migration: rows of `table` exist only for the tenant of the transaction, for its owner too."""
    condition = "tenant_id = nullif(current_setting('app.tenant', true), '')::uuid"
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"create policy tenant on {table} using ({condition}) with check ({condition})")


def tenant_column() -> "sa.Column[str]":
    """The column that leads every key of a tenant's table."""
    return sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False)


def migrate(url: str, scripts: Path) -> None:
    """Bring a database to the newest revision; `url` belongs to its owner."""
    # A quarter of a service's start, if it were imported for serving too.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = async_url(url)
    command.upgrade(config, "head")


def run_migrations_env() -> None:
    """The body of every service's migrations/env.py."""
    from alembic import context

    def upgrade(connection: sa.Connection) -> None:
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()

    async def connect() -> None:
        engine = create_async_engine(context.config.attributes["url"], poolclass=sa.NullPool)
        async with engine.begin() as connection:
            await connection.execute(sa.text("set lock_timeout = '5s'"))
            await connection.run_sync(upgrade)
        await engine.dispose()

    asyncio.run(connect())
