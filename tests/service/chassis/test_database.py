"""Sessions of a tenant on a real PostgreSQL: closed to others, and honest about a server that is away."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from chassis.database import (
    DatabaseUnavailable,
    async_url,
    isolate_tenants,
    open_engine,
    open_session,
    open_transaction,
    open_untenanted,
)

INSERT = sa.text("insert into things (tenant_id, name) values (:tenant_id, 'x')")
COUNT = sa.text("select count(*) from things")


@pytest.fixture(scope="module")
async def url(engines: Any) -> str:
    owner = create_async_engine(async_url(engines.migration_url("chassis_test")))

    def create(connection: sa.Connection) -> None:
        op = Operations(MigrationContext.configure(connection))
        op.execute("create table things (tenant_id uuid not null, name text not null)")
        isolate_tenants(op, "things")

    async with owner.begin() as connection:
        await connection.run_sync(create)
    await owner.dispose()
    return str(engines.postgres_url("chassis_test"))


@pytest.fixture
async def engine(url: str) -> AsyncIterator[AsyncEngine]:
    async with open_engine(url, pool_size=1) as engine:
        yield engine


async def test_a_tenant_sees_and_writes_its_own_rows_only(engine: AsyncEngine) -> None:
    mine, other = str(uuid.uuid4()), str(uuid.uuid4())
    async with open_transaction(engine, mine) as connection:
        await connection.execute(INSERT, {"tenant_id": mine})
        assert await connection.scalar(COUNT) == 1
    async with open_session(engine, other) as session:
        assert await session.scalar(COUNT) == 0
    with pytest.raises(sa.exc.DBAPIError, match="row-level security"):
        async with open_transaction(engine, other) as connection:
            await connection.execute(INSERT, {"tenant_id": mine})


async def test_without_a_tenant_there_are_no_rows(engine: AsyncEngine) -> None:
    mine = str(uuid.uuid4())
    async with open_transaction(engine, mine) as connection:
        await connection.execute(INSERT, {"tenant_id": mine})
    # The same pooled connection: nothing of the tenant is left on it.
    async with open_untenanted(engine) as connection:
        assert await connection.scalar(COUNT) == 0


async def test_an_error_undoes_the_transaction(engine: AsyncEngine) -> None:
    mine = str(uuid.uuid4())
    with pytest.raises(ZeroDivisionError):
        async with open_transaction(engine, mine) as connection:
            await connection.execute(INSERT, {"tenant_id": mine})
            raise ZeroDivisionError
    async with open_transaction(engine, mine) as connection:
        assert await connection.scalar(COUNT) == 0


async def test_a_lost_connection_is_said_to_be_one_and_the_next_transaction_works(
    engine: AsyncEngine, url: str
) -> None:
    mine = str(uuid.uuid4())
    async with open_engine(url) as other:
        with pytest.raises(DatabaseUnavailable):
            async with open_transaction(engine, mine) as connection:
                backend = await connection.scalar(sa.text("select pg_backend_pid()"))
                async with open_untenanted(other) as killer:
                    await killer.execute(sa.text("select pg_terminate_backend(:pid)"), {"pid": backend})
                await connection.execute(INSERT, {"tenant_id": mine})
        async with open_transaction(engine, mine) as connection:
            assert await connection.scalar(COUNT) == 0
            backend = await connection.scalar(sa.text("select pg_backend_pid()"))
        async with open_untenanted(other) as killer:
            await killer.execute(sa.text("select pg_terminate_backend(:pid)"), {"pid": backend})
    # Lost while it lay in the pool: nobody notices.
    async with open_transaction(engine, mine) as connection:
        assert await connection.scalar(COUNT) == 0


async def test_a_server_that_is_not_there_is_said_to_be_away() -> None:
    async with open_engine("postgresql://nobody:x@127.0.0.1:9/none") as engine:
        with pytest.raises(DatabaseUnavailable):
            async with open_untenanted(engine):
                pass


async def test_a_broken_statement_is_a_bug_and_shows_no_values(engine: AsyncEngine) -> None:
    with pytest.raises(sa.exc.DBAPIError) as broken:
        async with open_untenanted(engine) as connection:
            await connection.execute(sa.text("select cast(:value as text) from nowhere"), {"value": "a@b.tw"})
    assert "a@b.tw" not in str(broken.value)
