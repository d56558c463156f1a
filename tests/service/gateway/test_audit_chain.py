"""The audit log's chains: no gap under load, nothing changed unseen, nothing personal kept."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from chassis.database import SET_TENANT, async_url, open_engine, open_transaction
from services.gateway.audit import PLATFORM, AuditLog, Entry
from services.gateway.domain.audit import Head
from services.gateway.errors.teammates import LooksPersonal


@pytest.fixture
async def engine(engines: Any) -> AsyncIterator[AsyncEngine]:
    async with open_engine(engines.postgres_url("gateway"), pool_size=10) as engine:
        yield engine


@asynccontextmanager
async def as_owner(engines: Any, tenant_id: str, *, disarmed: bool = True) -> AsyncIterator[AsyncConnection]:
    """What only somebody with the owner's password can do: without the trigger, inside one tenant."""
    owner = create_async_engine(async_url(engines.migration_url("gateway")))
    try:
        async with owner.begin() as connection:
            if disarmed:
                await connection.execute(sa.text("alter table audit_entries disable trigger user"))
            await connection.execute(SET_TENANT, {"tenant_id": tenant_id})
            yield connection
            if disarmed:
                await connection.execute(sa.text("alter table audit_entries enable trigger user"))
    finally:
        await owner.dispose()


async def a_tenant(engine: AsyncEngine, n_entries: int) -> str:
    tenant_id = str(uuid.uuid4())
    row = {"t": tenant_id}
    async with open_transaction(engine, tenant_id) as connection:
        await connection.execute(
            sa.text(
                "insert into tenants (tenant_id, name, time_zone, currency, locale, events_per_second) "
                "values (:t, 'shop', 'Asia/Taipei', 'TWD', 'zh-TW', 1)"
            ),
            row,
        )
    for n in range(n_entries):
        await AuditLog(engine).write(an_entry(tenant_id, n))
    return tenant_id


def an_entry(tenant_id: str, n: int) -> Entry:
    return Entry(tenant_id, "teammate:1", "key.made", f"key:{n}", {}, {"kind": "server"}, "192.0.2.1")


async def test_fifty_writers_at_once_leave_a_whole_chain_without_gaps(engine: AsyncEngine) -> None:
    tenant_id = await a_tenant(engine, 0)
    log = AuditLog(engine)
    # Fifty writers, four entries each; the pool lets fifteen in at a time.
    turns = asyncio.Semaphore(15)

    async def write(n: int) -> None:
        async with turns:
            await log.write(an_entry(tenant_id, n))

    await asyncio.gather(*(write(n) for n in range(200)))
    found = await log.verify(tenant_id, Head())
    assert (found.reached.number, found.broken, found.complete) == (200, None, True)


async def test_an_entry_falls_with_the_change_it_tells_of(engine: AsyncEngine) -> None:
    tenant_id = await a_tenant(engine, 1)
    log = AuditLog(engine)
    with pytest.raises(RuntimeError):
        async with open_transaction(engine, tenant_id) as connection:
            await log.record(connection, an_entry(tenant_id, 2))
            raise RuntimeError("the change failed")
    await log.write(an_entry(tenant_id, 3))
    assert (await log.verify(tenant_id, Head())).reached.number == 2


async def test_a_tenants_transaction_can_tell_the_platforms_chain_and_stays_its_own(
    engine: AsyncEngine,
) -> None:
    tenant_id = await a_tenant(engine, 0)
    async with open_transaction(engine, tenant_id) as connection:
        await AuditLog(engine).record(connection, Entry(PLATFORM, "system", "test.done", "test:1"))
        seen = await connection.execute(sa.text("select tenant_id from audit_entries"))
        assert seen.all() == []
        assert (await connection.execute(sa.text("select count(*) from tenants"))).scalar_one() == 1


@pytest.mark.parametrize(
    "statement",
    ["update audit_entries set actor = 'x'", "delete from audit_entries", "truncate audit_entries"],
)
async def test_who_serves_cannot_change_what_is_written(engine: AsyncEngine, statement: str) -> None:
    tenant_id = await a_tenant(engine, 1)
    with pytest.raises(sa.exc.DBAPIError, match="permission denied"):
        async with open_transaction(engine, tenant_id) as connection:
            await connection.execute(sa.text(statement))


async def test_the_owner_cannot_either_while_the_trigger_stands(engines: Any, engine: AsyncEngine) -> None:
    tenant_id = await a_tenant(engine, 1)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        async with as_owner(engines, tenant_id, disarmed=False) as connection:
            await connection.execute(sa.text("update audit_entries set actor = 'x'"))


@pytest.mark.parametrize(
    ("statement", "number", "why"),
    [
        ("update audit_entries set actor = 'teammate:2' where number = 2", 2, "changed"),
        ("update audit_entries set at = at - interval '1 hour' where number = 3", 3, "changed"),
        ("delete from audit_entries where number = 2", 2, "missing"),
        ("delete from audit_entries where number = 1", 1, "missing"),
        ("delete from audit_entries where number >= 4", 4, "missing"),
        ("delete from audit_entries", 1, "missing"),
    ],
)
async def test_tampering_is_found(
    engines: Any, engine: AsyncEngine, statement: str, number: int, why: str
) -> None:
    tenant_id = await a_tenant(engine, 5)
    log = AuditLog(engine)
    await log.anchor()
    async with as_owner(engines, tenant_id) as connection:
        await connection.execute(sa.text(statement))
    found = await log.verify(tenant_id, Head())
    assert found.broken is not None
    assert (found.broken.number, found.broken.why) == (number, why)


async def test_a_chain_written_anew_with_fitting_hashes_is_found_by_its_anchor(
    engines: Any, engine: AsyncEngine
) -> None:
    tenant_id = await a_tenant(engine, 5)
    log = AuditLog(engine)
    await log.anchor()
    async with as_owner(engines, tenant_id) as connection:
        await connection.execute(sa.text("delete from audit_entries where number >= 4"))
    for n in (40, 50, 60):
        await log.write(an_entry(tenant_id, n))
    found = await log.verify(tenant_id, Head())
    assert found.broken is not None and (found.broken.number, found.broken.why) == (5, "replaced")


async def test_a_long_chain_is_checked_part_by_part(engine: AsyncEngine) -> None:
    tenant_id = await a_tenant(engine, 5)
    log = AuditLog(engine)
    first = await log.verify(tenant_id, Head(), limit=3)
    assert (first.reached.number, first.complete) == (3, False)
    rest = await log.verify(tenant_id, first.reached, limit=3)
    assert (rest.reached.number, rest.complete, rest.broken) == (5, True, None)


@pytest.mark.parametrize(
    "after",
    [
        {"name": "bob@shop.example"},
        {"names": ["a", "call 0912-345-678"]},
        {"rule": {"value": "+886 912 345 678"}},
        {"bob@shop.example": 1},
    ],
)
async def test_what_looks_like_a_customers_address_is_not_kept(
    engine: AsyncEngine, after: dict[str, object]
) -> None:
    tenant_id = await a_tenant(engine, 0)
    with pytest.raises(LooksPersonal):
        await AuditLog(engine).write(Entry(tenant_id, "teammate:1", "key.made", "key:1", after=after))


async def test_a_teammates_address_ids_times_and_counts_are_kept(engine: AsyncEngine) -> None:
    tenant_id = await a_tenant(engine, 0)
    after = {
        "teammate_email": "lin@shop.example",
        "id": "01234567-0123-4123-8123-012345678901",
        "at": "2026-11-22T09:00:00+00:00",
        "rows": 912345678,
        "hash": "00912345678a",
    }
    await AuditLog(engine).write(
        Entry(tenant_id, "teammate:1", "teammate.invited", "teammate:1", after=after)
    )
    assert (await AuditLog(engine).verify(tenant_id, Head())).reached.number == 1
