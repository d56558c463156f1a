"""Imports under way: killed, cancelled, refused, cleared away; every row counted once whatever happens."""

import asyncio
import gzip
import io
import os
import signal
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import psutil
import pyarrow as pa
import pytest
from pyarrow import parquet

from chassis.database import open_engine
from chassis.jobs import StoredJobs
from services.gateway.files import Files
from services.gateway.imports.clearing import Clearing
from services.gateway.store.duties import Duty
from tests.service.gateway.conftest import PATIENCE_SECONDS, Gateway, Shop, running_gateway
from tests.service.gateway.importing import ImportOf, imported

# A few seconds of work, so that there is a middle of it.
ROWS = 300_000


@pytest.fixture
async def client(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    async with shop.client(timeout=60) as client:
        yield client


def history(rows: int = ROWS) -> bytes:
    """Every hundredth row has no time."""
    lines = (
        f"m{number % 500},Viewed,{'' if number % 100 == 99 else '2025-01-01'} 10:{number % 60:02d},P{number}"
        for number in range(rows)
    )
    return ("member,event,time,product_id\n" + "\n".join(lines) + "\n").encode()


async def ready(client: httpx.AsyncClient, data: bytes) -> ImportOf:
    made = await ImportOf.made(client, "events")
    answer = await made.send(data)
    assert answer.status_code == 202, answer.text
    await made.map_as_suggested()
    return made


async def under_way(made: ImportOf) -> str:
    """The id of its job, once it has stored something and has more to do."""
    assert (await made.post("start")).status_code == 202
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        progress = (await made.facts())["progress"]
        assert progress["state"] in ("queued", "running"), progress
        if 0 < progress["rows"] < ROWS:
            return str(progress["job_id"])
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def process_of(job_id: str) -> int:
    return next(
        process.pid for process in psutil.Process().children(recursive=True) if job_id in process.cmdline()
    )


async def test_a_killed_import_goes_on_and_counts_every_row_once(
    shop: Shop, client: httpx.AsyncClient
) -> None:
    made = await ready(client, history())
    job_id = await under_way(made)
    os.kill(process_of(job_id), signal.SIGKILL)
    done = await made.until("succeeded", "failed")
    assert done["state"] == "succeeded"
    progress = done["progress"]
    assert (progress["rows"], progress["accepted"], progress["rejected"]) == (
        ROWS,
        ROWS * 99 // 100,
        ROWS // 100,
    )
    # What was sent twice has the same ids on the bus, which keeps one of them.
    ids = [message_id for message in await imported(shop) for message_id in message.message_ids]
    assert len(ids) == len(set(ids)) == ROWS * 99 // 100
    assert [row["line"] for row in await made.rejected()] == list(range(101, ROWS + 2, 100))


async def test_a_cancelled_import_stops_and_another_brings_only_what_is_missing(
    shop: Shop, client: httpx.AsyncClient
) -> None:
    made = await ready(client, history())
    await under_way(made)
    began = time.monotonic()
    await made.post("cancel")
    stopped = await made.until("cancelled", "succeeded")
    assert stopped["state"] == "cancelled"
    assert time.monotonic() - began < 60
    progress = stopped["progress"]
    assert progress["rows"] == progress["accepted"] + progress["rejected"] < ROWS
    again = await ready(client, history())
    assert (await again.run())["progress"]["accepted"] == ROWS * 99 // 100
    assert len({message_id for message in await imported(shop) for message_id in message.message_ids}) == (
        ROWS * 99 // 100
    )


async def test_what_is_no_table_is_refused_before_anybody_reads_it(
    shop: Shop, client: httpx.AsyncClient
) -> None:
    made = await ImportOf.made(client, "events")
    for data, wanted in (
        (b"PK\x03\x04" + b"x" * 100, "Excel"),
        (b"", "empty"),
        (gzip.compress(b"a,b\n1,2\n")[:-4], "ends too early"),
        (b"\x1f\x8bnot gzip at all", "damaged"),
    ):
        answer = await made.send(data)
        assert (answer.status_code, answer.json()["code"]) == (400, "FILE_NOT_TAKEN"), wanted
        assert wanted in answer.json()["detail"]
    assert (await made.facts())["state"] == "waiting_for_file"


async def test_gzip_is_unpacked_and_bombs_are_refused(shop: Shop, client: httpx.AsyncClient) -> None:
    made = await ImportOf.made(client, "events")
    two_members = gzip.compress(b"member,event,time\n") + gzip.compress(b"m1,view,2026-11-20\n")
    assert (await made.send(two_members, **{"content-encoding": "gzip"})).status_code == 202
    await made.map_as_suggested()
    assert (await made.run())["progress"]["accepted"] == 1
    other = await ImportOf.made(client, "events")
    answer = await other.send(gzip.compress(b"0" * 100_000_000))
    assert (answer.status_code, answer.json()["code"]) == (400, "FILE_NOT_TAKEN")


async def test_a_damaged_parquet_file_harms_nobody(shop: Shop, client: httpx.AsyncClient) -> None:
    file = io.BytesIO()
    parquet.write_table(pa.table({"member": ["m1"] * 1000, "event": ["x"] * 1000}), file)
    sound = file.getvalue()
    damaged = sound[:40] + b"\xff" * 60 + sound[100:]
    endless = sound[:-8] + (2**31 - 1).to_bytes(4, "little") + b"PAR1"
    for data in (damaged, endless, sound[:-4], b"PAR1" + b"\0" * 40 + b"PAR1"):
        made = await ImportOf.made(client, "events")
        await made.send(data)
        facts = await made.read()
        assert facts["state"] == "unreadable"
        assert "Parquet" in facts["problem"]


async def test_a_file_beyond_the_limit_is_refused_as_it_comes(engines: object) -> None:
    async def unannounced() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 1_000_000

    async with running_gateway(engines, import_max_bytes=5_000_000) as small:
        shop = await small.make_tenant()
        async with shop.client(timeout=60) as client:
            made = await ImportOf.made(client, "events")
            packed = gzip.compress(os.urandom(1000) * 6000)
            for data in (unannounced(), b"x" * 5_000_001, packed):
                answer = await made.send(data)
                assert (answer.status_code, answer.json()["code"]) == (413, "FILE_TOO_LARGE")
                assert answer.json()["facts"] == {"limit": "5000000"}
            assert (await made.facts())["state"] == "waiting_for_file"


async def test_files_that_nobody_starts_do_not_pile_up(shop: Shop, client: httpx.AsyncClient) -> None:
    for _ in range(20):
        await ImportOf.made(client, "events")
    answer = await client.post("/v1/imports", json={"kind": "events", "file_name": "x"})
    assert (answer.status_code, answer.json()["code"]) == (409, "TOO_MANY_IMPORTS")
    listed = await client.get("/v1/imports", params={"limit": 15})
    assert len(listed.json()["imports"]) == 15
    rest = await client.get("/v1/imports", params={"cursor": listed.json()["next_cursor"]})
    assert len(rest.json()["imports"]) == 5


async def test_a_file_is_gone_after_its_days(gateway: Gateway, shop: Shop, client: httpx.AsyncClient) -> None:
    made = await ready(client, history(300))
    done = await made.run()
    assert done["progress"]["rejected"] == 3
    files = Files(gateway.settings.files_url)
    async with open_engine(gateway.settings.database_url.get_secret_value()) as engine:
        jobs = StoredJobs(engine, asyncio.Event())
        duty = Duty(shop.id, "", "clear_import", {"import_id": made.id}, 0, datetime.now(UTC))
        assert await Clearing(engine, jobs, files, 7).clear(duty) is not None
        assert (await made.facts())["file_deleted_at"] is None
        assert await Clearing(engine, jobs, files, 0).clear(duty) is None
    facts = await made.facts()
    assert facts["file_deleted_at"] is not None
    assert (facts["columns"], facts["progress"]["rows"]) == ([], 300)
    gone = await client.get(f"/v1/imports/{made.id}/rejected")
    assert (gone.status_code, gone.json()["code"]) == (404, "FILE_NOT_THERE")
    assert await files.delete_tenant(shop.id) == 0
