"""Imported events beside live ones: both exactly once, and live ones never wait for a file."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence

import pytest

from chassis.bus import connect_bus
from services.identity.main import service
from tests.service.identity.cell import (
    NOW_MS,
    Cell,
    Event,
    Gateway,
    eventually,
    forget_message_ids,
    gateway_side,
)


@pytest.fixture
async def side(cell: Cell) -> AsyncIterator[Gateway]:
    """The gateway's side alone; the test runs identity."""
    async with gateway_side(cell) as side:
        yield side


def visits(prefix: str, number: int, *, browsers: int = 50) -> list[Event]:
    return [
        Event(
            f"{prefix}{each}",
            anonymous_id=f"b{each % browsers}",
            user_id=f"u{each % 7}" if each % 5 == 0 else "",
        )
        for each in range(number)
    ]


async def test_imported_events_count_like_live_ones_and_a_copy_in_the_other_lane_counts_nothing(
    gateway: Gateway,
) -> None:
    await gateway.accept(Event("m1", anonymous_id="a"), Event("m2", anonymous_id="b"))
    await gateway.received(2)
    await gateway.import_(
        Event("m2", anonymous_id="b"),
        Event("m3", anonymous_id="a", user_id="u1", at_ms=NOW_MS - 86_400_000),
    )
    intake = await gateway.received(4)
    assert (intake.counted, intake.duplicates, intake.set_aside) == (3, 1, 0)
    assert await gateway.counted_ids("resolved") == ["m1", "m2"]
    assert await gateway.counted_ids("imported") == ["m3"]
    people = await gateway.people()
    assert people["m1"] == people["m3"] != people["m2"]


async def test_the_intake_names_the_place_of_live_events_only(gateway: Gateway) -> None:
    place = await gateway.accept(Event("m1", anonymous_id="a"))
    await gateway.received(1)
    for number in range(3):
        await gateway.import_(Event(f"i{number}", anonymous_id="a"))
    assert (await gateway.received(4)).accepted_to == place


async def test_a_faulty_imported_event_is_set_aside_alone(gateway: Gateway) -> None:
    await gateway.import_(Event("i1", anonymous_id="null"), Event("i2", anonymous_id="a"))
    intake = await gateway.received(2)
    assert (intake.counted, intake.set_aside) == (1, 1)
    assert [(each.message_id, each.reason) for each in await gateway.set_aside()] == [
        ("i1", "NO_USABLE_IDENTIFIER")
    ]


async def test_killed_again_and_again_both_lanes_count_each_event_once(cell: Cell, side: Gateway) -> None:
    chance = random.Random(21)
    live, old = visits("live", 4_000), visits("old", 4_000)
    process = cell.launch_service()
    try:

        async def send(events: Sequence[Event], lane: str) -> None:
            for start in range(0, len(events), 20):
                some = events[start : start + 20]
                await (side.accept(*some) if lane == "live" else side.import_(*some))
                await asyncio.sleep(0.02)

        load = asyncio.gather(send(live, "live"), send(old, "imported"))
        for _ in range(5):
            await asyncio.sleep(0.8 + chance.random())
            process.kill()
            process.wait()
            process = cell.launch_service()
        await load
        expected = {event.message_id for event in (*live, *old)}

        async def whole() -> bool:
            return set(await side.counted_ids()) == expected

        await eventually(whole)
        await asyncio.sleep(0.5)
        assert [each for each, times in Counter(await side.counted_ids()).items() if times > 1] == []
        intake = await side.received(8_000)
        assert (intake.received, intake.counted, intake.duplicates) == (8_000, 8_000, 0)
        versions = [each.map_version for each in await side.remaps()]
        assert versions == sorted(set(versions))
    finally:
        process.kill()
        process.wait()


async def test_live_events_do_not_wait_for_a_large_import(cell: Cell, side: Gateway) -> None:
    """A live event sent into the middle of an import of 60,000 rows is resolved as if there were none."""
    rows = visits("row", 60_000, browsers=5_000)
    for start in range(0, len(rows), 1_500):
        await side.import_(*rows[start : start + 1_500])
    waits = []
    async with service(cell.settings()):
        await side.received(1_500)
        number = 0
        while (await side.intake()).received - number < 60_000:
            number += 1
            started = time.monotonic()
            await side.accept(Event(f"now{number}", anonymous_id=f"n{number}"))
            # What listens sees it at once; asking the stream for all of it again would take longer.
            await eventually(lambda number=number: _last_live(side, f"now{number}"), 30)  # type: ignore[misc]
            waits.append(time.monotonic() - started)
            await asyncio.sleep(0.05)
    assert len(waits) >= 3, "the import was over too soon: a larger one is needed"
    assert sorted(waits)[len(waits) // 2] < 1.0, waits
    assert max(waits) < 3.0, waits


async def _last_live(side: Gateway, message_id: str) -> bool:
    last = await side.reader.last_message("IDENTITY", f"identity.events.resolved.v1.{side.tenant_id}")
    return last is not None and message_id.encode() in last.data


async def _received(side: Gateway, number: int) -> bool:
    return (await side.intake()).received >= number


@pytest.mark.parametrize("accepted_are_kept", [True, False])
async def test_an_import_of_long_ago_is_not_published_again_when_identity_dies(
    cell: Cell, side: Gateway, accepted_are_kept: bool
) -> None:
    """Live events came without a pause since, and everybody has read what the bus had of the import."""
    process = cell.launch_service()
    stop = asyncio.Event()

    async def press() -> int:
        sent = 0
        while not stop.is_set():
            await side.accept(Event(f"x{sent}", anonymous_id="p"))
            sent += 1
            await asyncio.sleep(0.02)
        return sent

    pressing = asyncio.create_task(press())
    try:
        place = await side.import_(Event("i1", anonymous_id="a", user_id="u1"))

        async def reported() -> bool:
            return await side.reader.reported_position("IMPORTED", "identity") == place

        await eventually(reported)
        await asyncio.sleep(0.5)
        process.kill()
        process.wait()
    finally:
        stop.set()
        sent = await pressing
        process.kill()
        process.wait()
    _, last = await side.reader.bounds("IDENTITY")
    async with connect_bus(cell.nats.url("insight"), name="insight") as insight:
        await insight.report_position("IDENTITY", "insight", last - 1)
    await side.reader.purge_read("IDENTITY", ["insight"])
    await forget_message_ids(cell)
    if not accepted_are_kept:
        await side.bus.purge_read("IMPORTED", ["identity"])
    async with service(cell.settings()):
        await side.accept(Event("last", anonymous_id="p"))
        assert (await side.received(sent + 2)).counted == sent + 2
        assert await side.counted_ids("imported") == []
        assert await side.remaps() == []


async def test_an_import_goes_on_while_live_events_never_stop(cell: Cell, side: Gateway) -> None:
    rows = visits("row", 6_000)
    for start in range(0, len(rows), 1_500):
        await side.import_(*rows[start : start + 1_500])
    stop = asyncio.Event()

    async def press() -> int:
        sent = 0
        while not stop.is_set():
            await side.accept(*(Event(f"x{sent + row}", anonymous_id=f"p{row}") for row in range(1_000)))
            sent += 1_000
        return sent

    pressing = asyncio.create_task(press())
    try:
        async with service(cell.settings()):
            await eventually(lambda: _imported(side, 6_000), 60)
            stop.set()
            sent = await pressing
            await eventually(lambda: _received(side, sent + 6_000), 120)
    finally:
        stop.set()
        await pressing


async def _imported(side: Gateway, number: int) -> bool:
    last = await side.reader.last_message("IDENTITY", f"identity.events.imported.v1.{side.tenant_id}")
    return last is not None and len(await side.counted_ids("imported")) == number
