"""A forgotten tenant has no row left in any table, whichever tables there will be."""

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from chassis.bus import Message
from chassis.database import SET_TENANT, async_url, open_engine
from services.campaign.store import Progress, Store
from services.campaign.subscriptions import forgotten_tenants

_TABLES = """
select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
where a.attname = 'tenant_id' and c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
"""
_FILLED = {
    "followed": "insert into followed values (:tenant_id, 1, now(), 1)",
}


async def count(connection: AsyncConnection, tenant_id: str) -> dict[str, int]:
    """Rows of the tenant by table."""
    await connection.execute(SET_TENANT, {"tenant_id": tenant_id})
    tables = sorted(await connection.scalars(sa.text(_TABLES)))
    counted = {}
    for table in tables:
        counted[table] = int(await connection.scalar(sa.text(f"select count(*) from {table}")) or 0)
    return counted


async def test_a_forgotten_tenant_leaves_no_row(engines: Any) -> None:
    url = engines.postgres_url("campaign")
    gone, stays = str(uuid.uuid4()), str(uuid.uuid4())
    watching = create_async_engine(async_url(url))
    try:
        async with open_engine(url) as engine:
            async with watching.begin() as connection:
                # A stream of this test's own, for the engines are shared.
                await connection.execute(
                    sa.text("insert into positions values (:stream, 0)"), {"stream": gone}
                )
            for tenant_id in (gone, stays):
                async with watching.begin() as connection:
                    before = await count(connection, tenant_id)
                    for statement in _FILLED.values():
                        await connection.execute(sa.text(statement), {"tenant_id": tenant_id})
                    filled = await count(connection, tenant_id)
                assert set(before.values()) == {0}
                assert set(filled.values()) == {1}, "a table that this test does not know"
            store = Store(engine)
            group = [Message(f"identity.tenant.forgotten.v1.{gone}", 1, b"")]
            await store.save(
                gone,
                start=0,
                end=1,
                progress={gone: Progress(1, None, 1)},
                forgotten=forgotten_tenants(group),
            )
        async with watching.begin() as connection:
            assert set((await count(connection, gone)).values()) == {0}
            assert set((await count(connection, stays)).values()) == {1}
    finally:
        await watching.dispose()


def test_a_subject_of_nobody_forgets_nobody() -> None:
    assert forgotten_tenants([Message("identity.tenant.forgotten.v1.everybody", 1, b"")]) == []
