"""The chassis' ClickHouse client against a real endpoint: tenants, values, migrations, absence."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from chassis.clickhouse import ClickHouse, ClickHouseUnavailable, Query, migrate_clickhouse, open_clickhouse
from tests.service.engines.clickhouse_endpoint import Endpoint

ONE, OTHER = str(uuid.uuid4()), str(uuid.uuid4())
NAMES = ("tenant_id", "name", "tags", "price", "at")
TYPES = ("UUID", "String", "Array(String)", "Decimal(38, 4)", "DateTime64(3, 'UTC')")
AT = datetime(2026, 2, 28, 23, 59, 59, 999000, tzinfo=UTC)


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    running = Endpoint(tmp_path_factory.mktemp("clickhouse"))
    try:
        running.wait_ready()
        yield running
    finally:
        running.kill()


@pytest.fixture
async def clickhouse(endpoint: Endpoint) -> AsyncIterator[ClickHouse]:
    async with open_clickhouse(endpoint.url(), wait_seconds=5) as connected:
        columns = ", ".join(f"{name} {type}" for name, type in zip(NAMES, TYPES, strict=True))
        await connected.command("drop table if exists items")
        await connected.command(
            f"create table items ({columns}) engine = MergeTree order by (tenant_id, name)"
        )
        rows = [
            [ONE, OTHER],
            ['it\'s \\ "漢字" 🎁', "theirs"],
            [["a'b", "漢\\"], []],
            [Decimal("9.1234"), 1],
            [AT, AT],
        ]
        await connected.insert_columns("items", NAMES, TYPES, rows)
        yield connected


async def test_a_query_sees_its_tenants_rows_only(clickhouse: ClickHouse) -> None:
    for sql in (
        "select name from {{items}}",
        "select name from (select * from {{items}} as i) as j",
        "with mine as (select name from {{items}}) select name from mine",
        "select a.name from {{items}} a, {{items}} as b where a.name = b.name",
        "select name from {{items}} left array join tags as tag limit 1",
        "select name from {{items}} where name in (select name from {{items}})",
        "select name from {{items}} where tenant_id = tenant_id or 1",
    ):
        assert (await clickhouse.fetch(Query(sql), OTHER)).rows == [("theirs",)], sql
    assert (await clickhouse.fetch(Query("select name from {{items}}"), str(uuid.uuid4()))).rows == []


async def test_values_are_bound_and_come_back_as_they_went(clickhouse: ClickHouse) -> None:
    found = await clickhouse.fetch(
        Query(
            "select name, tags, price, at from {{items}} where name = {name:String} "
            "and tags = {tags:Array(String)} and price = {price:Decimal(38, 4)} and at = {at:DateTime64(3)}"
        ),
        ONE,
        name='it\'s \\ "漢字" 🎁',
        tags=["a'b", "漢\\"],
        price=Decimal("9.1234"),
        at=AT,
    )
    assert found.dicts() == [
        {"name": 'it\'s \\ "漢字" 🎁', "tags": ["a'b", "漢\\"], "price": Decimal("9.1234"), "at": AT}
    ]
    hostile = "x' or 1=1 --"
    assert (await clickhouse.fetch(Query("select {x:String} from {{items}}"), ONE, x=hostile)).rows == [
        (hostile,)
    ]


async def test_a_wrong_query_is_a_bug_and_not_an_absence(clickhouse: ClickHouse) -> None:
    with pytest.raises(DatabaseError) as failure:
        await clickhouse.fetch(Query("select missing from {{items}}"), ONE)
    assert failure.value.code == 47


async def test_an_insert_with_a_value_that_does_not_fit_stores_nothing(clickhouse: ClickHouse) -> None:
    with pytest.raises(InvalidOperation):
        await clickhouse.insert_columns("items", NAMES, TYPES, [[ONE], ["x"], [[]], ["not a price"], [AT]])
    assert (await clickhouse.fetch(Query("select count() from {{items}}"), ONE)).rows == [(1,)]


async def test_a_wrong_password_is_told_at_once(endpoint: Endpoint) -> None:
    began = time.monotonic()
    with pytest.raises(DatabaseError):
        async with open_clickhouse(endpoint.url().replace("first", "wrong"), wait_seconds=60):
            pass
    assert time.monotonic() - began < 20


async def test_a_cancelled_caller_does_not_block_the_next(clickhouse: ClickHouse) -> None:
    slow = Query("select count() from numbers(400000000000) where cityHash64(number) = 1")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(clickhouse.fetch(slow, ONE, settings={"max_execution_time": 50}), 0.2)
    async with asyncio.timeout(20):
        assert (await clickhouse.fetch(Query("select count() from {{items}}"), ONE)).rows == [(1,)]


async def test_a_script_runs_once(clickhouse: ClickHouse, tmp_path: Path) -> None:
    for leftover in ("migrations", "steps"):
        await clickhouse.command(f"drop table if exists {leftover}")
    (tmp_path / "0001_steps.sql").write_text(
        "create table if not exists steps (s String default ';') engine = {engine:Replacing} order by s;\n"
        "-- the first one;\ninsert into steps values ('first');\n"
    )
    for _ in range(2):
        await migrate_clickhouse(clickhouse, tmp_path, replicated=False)
    (tmp_path / "0002_more.sql").write_text("insert into steps values ('second')")
    await migrate_clickhouse(clickhouse, tmp_path, replicated=False)
    found = await clickhouse.fetch_unscoped("select s from steps order by s")
    assert found.rows == [("first",), ("second",)]


async def test_a_script_that_fails_halfway_runs_again(clickhouse: ClickHouse, tmp_path: Path) -> None:
    await clickhouse.command("drop table if exists migrations")
    script = tmp_path / "0001_broken.sql"
    script.write_text(
        "create table if not exists half (a UInt8) engine = {engine:} order by a;\nselect nothing"
    )
    with pytest.raises(DatabaseError):
        await migrate_clickhouse(clickhouse, tmp_path, replicated=False)
    script.write_text("create table if not exists half (a UInt8) engine = {engine:} order by a;")
    await migrate_clickhouse(clickhouse, tmp_path, replicated=False)


async def test_absence_is_told_and_ends(tmp_path: Path) -> None:
    endpoint = Endpoint(tmp_path)
    try:
        async with open_clickhouse(endpoint.url(), wait_seconds=60) as clickhouse:  # still starting
            await clickhouse.command("create table t (tenant_id UUID) engine = MergeTree order by tenant_id")
            await clickhouse.insert_columns("t", ["tenant_id"], ["UUID"], [[ONE]])
            count = Query("select count() from {{t}}")
            running = asyncio.create_task(
                clickhouse.fetch(Query("select max(sipHash64(number)) from numbers(9000000000)"), ONE)
            )
            await asyncio.sleep(0.3)
            endpoint.kill()
            for act in (
                running,
                clickhouse.fetch(count, ONE),
                clickhouse.insert("t", ["tenant_id"], b"", format="CSV"),
            ):
                with pytest.raises(ClickHouseUnavailable):
                    await act
            await asyncio.to_thread(endpoint.restart)
            assert (await clickhouse.fetch(count, ONE)).rows == [(1,)]
    finally:
        endpoint.kill()


async def test_an_endpoint_that_never_comes_is_given_up() -> None:
    with pytest.raises(ClickHouseUnavailable):
        async with open_clickhouse("http://a:b@127.0.0.1:1/x", wait_seconds=0.5):
            pass


async def test_a_long_answer_comes_block_by_block_and_an_empty_one_not_at_all(
    clickhouse: ClickHouse,
) -> None:
    blocks: list[list[int]] = []
    numbers = Query(
        "select number from numbers({n:UInt64}) where (select count() from {{items}}) = 1 "
        "settings max_block_size = 1000"
    )
    for n_rows in (2500, 0):
        blocks.clear()
        await clickhouse.read(
            numbers, ONE, lambda block: blocks.append(block.column(0).to_pylist()), n=n_rows
        )
        assert sorted(number for block in blocks for number in block) == list(range(n_rows))
        assert (len(blocks) > 1) == (n_rows > 0)


async def test_what_is_wrong_with_a_long_question_is_said(clickhouse: ClickHouse) -> None:
    with pytest.raises(DatabaseError):
        await clickhouse.read(Query("select nothing from {{items}}"), ONE, lambda block: None)


async def test_a_question_ends_when_nobody_waits_for_it_any_more(clickhouse: ClickHouse) -> None:
    slow = Query("select count() from numbers(1000000000000) where cityHash64(number) = 1")
    # More than there are threads: what went on would hold up all that follows.
    asked = [asyncio.create_task(clickhouse.fetch(slow, ONE)) for _ in range(6)]
    await asyncio.sleep(0.5)
    for task in asked:
        task.cancel()
    ended = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(one, asyncio.CancelledError) for one in ended)
    async with asyncio.timeout(20):
        assert (await clickhouse.fetch(Query("select name from {{items}}"), ONE)).rows
        # Whatever asked on the same connections before.
        for _ in range(5):
            assert (await clickhouse.fetch(Query("select name from {{items}}"), OTHER)).rows


async def test_an_insert_goes_on_when_nobody_waits_for_it_any_more(clickhouse: ClickHouse) -> None:
    columns: list[list[Any]] = [
        [ONE] * 20_000,
        [f"n{number}" for number in range(20_000)],
        [[]] * 20_000,
        [Decimal(1)] * 20_000,
        [AT] * 20_000,
    ]
    task = asyncio.create_task(clickhouse.insert_columns("items", NAMES, TYPES, columns))
    await asyncio.sleep(0.02)
    task.cancel()
    count = Query("select count() from {{items}}")
    async with asyncio.timeout(20):
        while (await clickhouse.fetch(count, ONE)).rows[0][0] <= 1:
            await asyncio.sleep(0.05)
    assert (await clickhouse.fetch(count, ONE)).rows[0][0] == 20_001
