"""Promises of the bus, against a real server that is killed, filled and purged."""

import asyncio
import contextlib
import random
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.bus import Bus, BusUnavailable, Message, MessageTooLarge, StreamTooShort, connect_bus
from tests.service.chassis.nats_server import NatsServer, nats_server

TENANT = "0b0e1b62-9f5c-4d5a-8a53-4f5f6e0f0001"
TOPIC = "test.things.happened.v1"
SUBJECT = f"{TOPIC}.{TENANT}"


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[NatsServer]:
    async with nats_server(tmp_path) as server:
        yield server


@pytest.fixture
async def bus(server: NatsServer) -> AsyncIterator[Bus]:
    async with connect_bus(server.url, name="test") as bus:
        await bus.ensure_stream("THINGS", [TOPIC], max_bytes=64_000_000)
        yield bus


async def publish(bus: Bus, numbers: range) -> None:
    for number in numbers:
        await bus.publish(SUBJECT, str(number).encode(), message_id=f"m{number}")


async def read(bus: Bus, until: int, *, after: int = 0, **options: int) -> list[list[Message]]:
    groups = []
    async with contextlib.aclosing(bus.read("THINGS", after=after, **options)) as messages:
        async for group in messages:
            groups.append(group)
            if group[-1].seq >= until:
                return groups
    raise AssertionError("unreachable")


def flat(groups: list[list[Message]]) -> list[int]:
    return [int(message.data) for group in groups for message in group]


async def test_a_reader_sees_every_message_once_and_in_order(bus: Bus) -> None:
    await publish(bus, range(200))
    groups = await read(bus, 200, max_messages=7)
    assert flat(groups) == list(range(200))
    assert max(len(group) for group in groups) == 7


async def test_a_reader_starts_behind_its_position(bus: Bus) -> None:
    await publish(bus, range(10))
    assert flat(await read(bus, 10, after=6)) == [6, 7, 8, 9]


async def test_a_waiting_reader_gets_a_message_at_once(bus: Bus) -> None:
    reading = asyncio.create_task(read(bus, 1))
    await asyncio.sleep(0.3)
    started = asyncio.get_running_loop().time()
    await publish(bus, range(1))
    assert flat(await reading) == [0]
    assert asyncio.get_running_loop().time() - started < 0.2


async def test_the_same_message_id_is_stored_once(bus: Bus) -> None:
    places = {await bus.publish(SUBJECT, b"1", message_id="same") for _ in range(3)}
    assert places == {1}
    assert await bus.bounds("THINGS") == (1, 1)


async def test_large_messages_come_back_whole_in_groups_of_bounded_size(bus: Bus) -> None:
    sent = [random.Random(n).randbytes(700_000) for n in range(6)]
    for number, data in enumerate(sent):
        await bus.publish(SUBJECT, data, message_id=f"large-{number}")
    groups = await read(bus, 6, max_bytes=1_500_000)
    assert [message.data for group in groups for message in group] == sent
    assert max(len(group) for group in groups) <= 2


async def test_a_message_that_can_never_be_stored_is_refused_at_once(bus: Bus) -> None:
    with pytest.raises(MessageTooLarge):
        await bus.publish(SUBJECT, random.Random(0).randbytes(9_000_000), message_id="huge")


async def test_a_full_stream_refuses_at_once_and_takes_messages_again_after_a_purge(bus: Bus) -> None:
    await bus.ensure_stream("THINGS", [TOPIC], max_bytes=20_000)
    noise = random.Random(1).randbytes(900)
    with pytest.raises(BusUnavailable):
        for number in range(40):
            await bus.publish(SUBJECT, noise, message_id=f"n{number}", give_up_after_seconds=1)
    _, last = await bus.bounds("THINGS")
    await bus.report_position("THINGS", "one", last)
    await bus.report_position("THINGS", "two", last - 3)
    assert await bus.purge_read("THINGS", ["one", "two"]) == last - 3
    assert await bus.bounds("THINGS") == (last - 2, last)
    await bus.publish(SUBJECT, noise, message_id="again")


async def test_a_reader_that_never_reported_holds_the_purge_back(bus: Bus) -> None:
    await publish(bus, range(5))
    await bus.report_position("THINGS", "one", 5)
    assert await bus.purge_read("THINGS", ["one", "new"]) == 0
    assert await bus.bounds("THINGS") == (1, 5)


async def test_a_reader_goes_on_when_what_it_has_read_is_purged(bus: Bus) -> None:
    seen: list[int] = []
    async with contextlib.aclosing(bus.read("THINGS", after=0, max_messages=10)) as messages:
        await publish(bus, range(50))
        async for group in messages:
            seen += [int(message.data) for message in group]
            await bus.report_position("THINGS", "one", group[-1].seq)
            await bus.purge_read("THINGS", ["one"], keep=2)
            if len(seen) == 50:
                break
    assert seen == list(range(50))


async def test_an_idle_reader_is_told_so(bus: Bus) -> None:
    async with contextlib.aclosing(bus.read("THINGS", after=0, idle=True, max_wait_seconds=0.1)) as messages:
        assert await anext(messages) == []


async def test_a_reader_ahead_of_its_stream_says_so_instead_of_skipping(bus: Bus) -> None:
    await publish(bus, range(3))
    with pytest.raises(StreamTooShort):
        await anext(bus.read("THINGS", after=4))


async def test_a_reader_whose_consumer_is_deleted_goes_on(bus: Bus, server: NatsServer) -> None:
    await publish(bus, range(3))
    seen: list[int] = []
    async with contextlib.aclosing(bus.read("THINGS", after=0)) as messages:
        seen += flat([await anext(messages)])
        jetstream = bus._jetstream
        for consumer in await jetstream.consumers_info("THINGS"):
            await jetstream.delete_consumer("THINGS", consumer.name)
        await publish(bus, range(3, 6))
        while len(seen) < 6:
            seen += flat([await asyncio.wait_for(anext(messages), 10)])
    assert seen == list(range(6))


@pytest.mark.parametrize("seed", [1, 2])
async def test_nothing_is_lost_or_repeated_while_the_server_is_killed(
    bus: Bus, server: NatsServer, seed: int
) -> None:
    """Publisher and reader go on over four kills; every acknowledged message is read exactly once."""
    chance, acknowledged, seen = random.Random(seed), set[int](), list[int]()
    stop = asyncio.Event()

    async def write() -> None:
        number = 0
        while not stop.is_set():
            with contextlib.suppress(BusUnavailable):
                await bus.publish(SUBJECT, str(number).encode(), message_id=f"k{number}")
                acknowledged.add(number)
            number += 1

    async def follow() -> None:
        async with contextlib.aclosing(bus.read("THINGS", after=0, max_messages=16)) as messages:
            async for group in messages:
                seen.extend(int(message.data) for message in group)

    writer, reader = asyncio.create_task(write()), asyncio.create_task(follow())
    for _ in range(4):
        await asyncio.sleep(chance.uniform(0.3, 0.8))
        await server.kill()
        await asyncio.sleep(chance.uniform(0, 0.5))
        await server.start()
    await asyncio.sleep(0.5)
    stop.set()
    await writer
    _, last = await bus.bounds("THINGS")
    async with asyncio.timeout(20):
        while len(seen) < last:
            await asyncio.sleep(0.05)
    reader.cancel()
    assert len(acknowledged) > 100
    assert len(seen) == len(set(seen)) == last
    assert acknowledged <= set(seen)


async def test_a_message_that_cannot_be_unpacked_is_handed_on_as_it_is(bus: Bus) -> None:
    await bus.publish(SUBJECT, b"no zstd", message_id="m", headers={"Content-Encoding": "zstd"})
    await publish(bus, range(1))
    groups = await read(bus, 2)
    assert [message.data for group in groups for message in group] == [b"no zstd", b"0"]


async def test_positions_of_a_stream_that_was_replaced_purge_nothing_of_the_new_one(bus: Bus) -> None:
    await publish(bus, range(10))
    await bus.report_position("THINGS", "one", 50)
    await bus.purge_read("THINGS", ["one"])
    assert await bus.bounds("THINGS") == (1, 10)


async def test_a_position_is_of_the_stream_that_was_read_and_not_of_one_with_its_name(
    bus: Bus, server: NatsServer
) -> None:
    """The other stream is longer, so that its numbers alone would look right."""
    await publish(bus, range(10))
    await bus.report_position("THINGS", "one", 8)
    assert await bus.reported_position("THINGS", "one") == 8
    async with connect_bus(server.url, name="other") as other:
        await other._jetstream.delete_stream("THINGS")
        await other.ensure_stream("THINGS", [TOPIC], max_bytes=64_000_000)
        await publish(other, range(100, 120))
        assert await other.reported_position("THINGS", "one") == 0
        await other.purge_read("THINGS", ["one"])
        assert await other.bounds("THINGS") == (1, 20)
        # The old reader goes on saying what it has read of the old one.
        await bus.report_position("THINGS", "one", 9)
        await other.purge_read("THINGS", ["one"])
        assert await other.bounds("THINGS") == (1, 20)
        await other.report_position("THINGS", "one", 5)
        await other.purge_read("THINGS", ["one"])
        assert await other.bounds("THINGS") == (6, 20)


async def test_what_is_old_is_dropped_though_it_would_be_kept_but_never_unread(bus: Bus) -> None:
    await publish(bus, range(10))
    await bus.report_position("THINGS", "one", 7)
    await asyncio.sleep(1.0)
    await publish(bus, range(10, 15))
    await bus.purge_read("THINGS", ["one"], keep=100, keep_seconds=60)
    assert await bus.bounds("THINGS") == (1, 15)
    await bus.purge_read("THINGS", ["one"], keep=100, keep_seconds=0.5)
    assert await bus.bounds("THINGS") == (8, 15)
    await bus.report_position("THINGS", "one", 15)
    await bus.purge_read("THINGS", ["one"], keep=100, keep_seconds=0.5)
    assert await bus.bounds("THINGS") == (11, 15)


async def test_a_stream_of_the_newest_only_keeps_one_message_a_subject(bus: Bus) -> None:
    await bus.ensure_stream("NEWEST", ["test.newest.v1"], max_bytes=1_000_000, newest_only=True)
    for number in range(5):
        for tenant in ("a", "b"):
            await bus.publish(
                f"test.newest.v1.{tenant}", str(number).encode(), message_id=f"{tenant}{number}"
            )
    last = await bus.last_message("NEWEST", "test.newest.v1.a")
    assert last is not None and last.data == b"4"
    assert (await bus._jetstream.stream_info("NEWEST")).state.messages == 2


async def test_a_connection_that_the_server_closes_for_good_ends_the_process(bus: Bus) -> None:
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    try:
        # What the client does when the server revokes its credentials.
        await bus._client._process_err("'User Authentication Revoked'")
        async with asyncio.timeout(5):
            await told.wait()
    finally:
        asyncio.get_running_loop().remove_signal_handler(signal.SIGTERM)
