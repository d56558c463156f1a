"""A stream or a database that is not the one it was: nothing is skipped, repeated or numbered twice."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from chassis.bus import connect_bus
from services.identity.main import service
from tests.service.identity.cell import ROOT, Cell, Event, Gateway, eventually, gateway_side


@pytest.fixture(scope="module")
def own_cell() -> Iterator[Cell]:
    """Its streams are short, so that another can be longer."""
    folder = Path(tempfile.mkdtemp(prefix="nexus-lost-"))
    running = Cell(folder)
    try:
        running.create()
        yield running
    finally:
        running.remove()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
async def side(own_cell: Cell) -> AsyncIterator[Gateway]:
    async with gateway_side(own_cell) as side:
        yield side


def adopt(cell: Cell, stream: str) -> None:
    """What the operator types."""
    environment = {
        f"IDENTITY_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
        for name, value in cell.environment().items()
    }
    command = [sys.executable, "-m", "services", "identity", "adopt", stream]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=True)


@pytest.mark.parametrize("longer", [False, True])
async def test_another_stream_of_the_same_name_is_not_read_before_the_operator_says_so(
    own_cell: Cell, side: Gateway, longer: bool
) -> None:
    old = [Event(f"m{number}", anonymous_id=f"b{number}") for number in range(5)]
    new = [Event(f"n{number}", anonymous_id=f"b{number}") for number in range(5)]
    tenant_id = side.tenant_id
    async with service(own_cell.settings()):
        for event in old:
            place = await side.accept(event)
        await side.received(5)
    await asyncio.to_thread(own_cell.lose_stream, "ACCEPTED")
    async with gateway_side(own_cell) as side:
        side.tenant_id = tenant_id
        while longer and await side.accept() <= place:
            pass
        await side.accept(*old, *new)
        async with service(own_cell.settings()):
            # The other lane goes on meanwhile.
            await side.import_(Event("i1", anonymous_id="b1"))
            await side.received(6)
            await asyncio.sleep(2.5)
            assert (await side.intake()).received == 6
            await asyncio.to_thread(adopt, own_cell, "ACCEPTED")
            intake = await side.received(16)
            assert (intake.counted, intake.duplicates) == (11, 5)
            wanted = sorted([*(event.message_id for event in (*old, *new)), "i1"])

            async def published() -> bool:
                return sorted(await side.counted_ids()) == wanted

            await eventually(published, 10)
        # Once adopted, it is the one.
        async with service(own_cell.settings()):
            await side.accept(Event("last", anonymous_id="b1"))
            await side.received(17)


async def nids(side: Gateway) -> dict[str, int]:
    return {
        message_id: nid
        for message in await side.resolved()
        for message_id, nid in zip(message.events.message_ids, message.nids, strict=True)
    }


async def forget_everything(cell: Cell, tenant_id: str, place: int) -> None:
    """As the restore of a copy that was made before the tenant came."""
    connection = await asyncpg.connect(cell.postgres.url("identity"))
    try:
        async with connection.transaction():
            await connection.execute("select set_config('app.tenant', $1, true)", tenant_id)
            for table in ("identifiers", "links", "ledger", "seen_log", "decisions", "intakes"):
                await connection.execute(f"delete from {table}")
            await connection.execute(
                "update positions set accepted_to = $1, tenants = '{}' where lane = 'live'", place
            )
    finally:
        await connection.close()


async def test_a_restored_database_gives_no_number_again_though_the_bus_holds_no_event_any_more(
    own_cell: Cell, side: Gateway
) -> None:
    before = await side.accept()
    first = [Event(f"m{number}", anonymous_id=f"b{number}") for number in range(20)]
    async with service(own_cell.settings()):
        await side.accept(*first)
        await side.received(20)
    used = set((await nids(side)).values())
    assert used == set(range(1, 21))
    # An ordinary start leaves no gap.
    async with service(own_cell.settings()):
        await side.accept(Event("next", anonymous_id="next"))
        await side.received(21)
        assert (await nids(side))["next"] == 21
    await side.reader._jetstream.purge_stream("IDENTITY")
    await side.bus._jetstream.purge_stream("ACCEPTED")
    await forget_everything(own_cell, side.tenant_id, before)
    async with service(own_cell.settings()):
        await side.accept(Event("new", anonymous_id="new"))
        await side.received(1)
        newest = (await nids(side))["new"]
    assert newest > 21
    # Skipped once, and not again.
    async with service(own_cell.settings()):
        await side.accept(Event("newer", anonymous_id="newer"))
        await side.received(2)
        assert (await nids(side))["newer"] == newest + 1


async def test_what_all_have_read_leaves_the_bus_by_its_age_and_what_one_has_not_read_stays(
    own_cell: Cell, side: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.identity.writer._PURGE_SECONDS", 0.2)
    async with service(own_cell.settings(keep_days=0.5 / 86_400)):
        await side.accept(Event("m1", anonymous_id="a"))
        await side.received(1)
        _, last = await side.reader.bounds("IDENTITY")
        for reader in ("insight", "recommender"):
            async with connect_bus(own_cell.nats.url(reader), name=reader) as bus:
                await bus.report_position("IDENTITY", reader, last)
        await asyncio.sleep(1.5)
        assert await side.counted_ids() == ["m1"]
        async with connect_bus(own_cell.nats.url("campaign"), name="campaign") as bus:
            await bus.report_position("IDENTITY", "campaign", last)

        async def gone() -> bool:
            first, _ = await side.reader.bounds("IDENTITY")
            return first > last

        await eventually(gone, 10)
    # What is gone is not taken for missing.
    async with service(own_cell.settings()):
        await side.accept(Event("m2", anonymous_id="a"))
        await side.received(2)
    assert await side.counted_ids() == ["m2"]
