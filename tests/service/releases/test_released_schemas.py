"""Yesterday's data open after an upgrade: each released schema migrates to today's with its rows intact."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.clickhouse import migrate_clickhouse, open_clickhouse
from chassis.database import SET_TENANT, async_url, migrate
from services.insight.backfill import Backfill
from services.insight.store.detail_backfill import DetailBackfill
from tests.conftest import ROOT, Engines

RELEASES = ROOT / "tests/fixtures/releases"
VERSIONS = sorted(path.name for path in RELEASES.iterdir() if path.is_dir())
SERVICES = ["campaign", "gateway", "identity", "insight", "recommender"]
# What the fixture's events (tools/release_fixture.py) come to, counted by hand.
_COUNTED = {
    "identity": {"select count(*) from identifiers": 3, "select counted from intakes": 6},
    "gateway": {"select count(*) from bad_rows": 1, "select count(*) from tenants": 1},
    "insight": {"select count(*) from tenants where currency = 'TWD'": 1},
    "recommender": {"select events from followed": 6},
    "campaign": {"select events from followed": 6},
}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """Engines of this module's own: the shared ones have today's tables already."""
    folder = tmp_path_factory.mktemp("releases")
    for above in (folder, *folder.parents[:2]):
        above.chmod(0o755)
    engines = Engines(folder)
    try:
        engines.start()
        yield engines
    finally:
        engines.stop()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("service", SERVICES)
async def test_a_released_database_migrates_with_its_rows(empty: Engines, version: str, service: str) -> None:
    fixture = RELEASES / version
    url = await asyncio.to_thread(_load, empty, service, fixture / f"{service}.sql")
    with ThreadPoolExecutor(1) as pool:  # the migration runs an event loop of its own
        pool.submit(migrate, empty.postgres.owner_url(service), _migrations(service)).result()

    tenant_id = (fixture / "tenant.txt").read_text().strip()
    engine = create_async_engine(async_url(url))
    try:
        async with engine.begin() as connection:
            await connection.execute(SET_TENANT, {"tenant_id": tenant_id})
            found = {question: await connection.scalar(sa.text(question)) for question in _COUNTED[service]}
    finally:
        await engine.dispose()
    assert found == _COUNTED[service]


def _migrations(service: str) -> Path:
    return ROOT / "services" / service / "migrations"


def _load(engines: Engines, service: str, dump: Path) -> str:
    """The released database, in place of one that another version left."""
    engines.postgres.drop_database(service)
    engines.migration_url(service)
    engines.postgres.load(service, dump.read_text("utf-8"))
    return engines.postgres.url(service)


@pytest.fixture(params=VERSIONS)
async def event_store(empty: Engines, request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    """insight's ClickHouse database as released, migrated."""
    async with open_clickhouse(empty.clickhouse_url("insight")) as clickhouse:
        tables = await clickhouse.fetch_unscoped(
            "select name from system.tables where database = currentDatabase()"
        )
        for (table,) in tables.rows:
            await clickhouse.command(f"drop table {table}")
        script = (RELEASES / request.param / "insight.clickhouse.sql").read_text("utf-8")
        for statement in script.removesuffix(";\n").split(";\n\n"):
            await clickhouse.command(statement)
        await migrate_clickhouse(clickhouse, _migrations("insight") / "clickhouse", replicated=False)
        yield clickhouse


async def test_a_released_event_store_migrates_with_its_rows(event_store: Any) -> None:
    answer = await event_store.fetch_unscoped(
        "select (select count() from events), (select sum(value) from order_facts), "
        "(select count() from traits), (select count() from erased_nids)"
    )
    events, revenue, traits, erased = answer.rows[0]
    assert (events, str(revenue), traits, erased) == (6, "37.5000", 1, 0)


async def test_events_of_a_release_without_details_get_them(event_store: Any) -> None:
    store = DetailBackfill(event_store)
    progress = await store.begin(2)
    # Of the fixture's events only the viewed product says more than its name; the orders name no lines.
    assert (progress.boundary, await store.left(progress)) == (2, 5)
    await Backfill(store, progress, lambda: 2, asyncio.Lock()).run()
    answer = await event_store.fetch_unscoped("select nid, name, position, row from event_details")
    assert [tuple(row) for row in answer.rows] == [(3, "product_viewed", 2, 5)]
    assert (await store.begin(7)).done
