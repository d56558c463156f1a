"""Promises of storing: nothing acknowledged is lost, nothing half taken, whatever stops or stalls."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from contracts.gateway.v1 import events_pb2

from chassis.bus import Bus, connect_bus
from services.gateway.domain.events import AcceptedRows, Intake
from services.gateway.domain.keys import WriteKey
from services.gateway.errors.requests import StreamBusy
from services.gateway.http_server import serve_http
from services.gateway.publisher import (
    ACCEPTED_TOPIC,
    MAX_MESSAGE_BYTES,
    MAX_MESSAGE_EVENTS,
    REJECTED_TOPIC,
    Publisher,
    open_publisher,
)
from services.gateway.tracking import TrackingApp
from tests.service.chassis.nats_server import NatsServer, nats_server
from tests.service.gateway.tracking_door import Keys, stored

TENANT = "0b0e1b62-9f5c-4d5a-8a53-4f5f6e0f0002"
KEY = WriteKey(TENANT, "k1", "browser", (), 1e6)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[NatsServer]:
    async with nats_server(tmp_path) as server:
        yield server


@pytest.fixture
async def bus(server: NatsServer) -> AsyncIterator[Bus]:
    async with connect_bus(server.url, name="test") as bus:
        await bus.ensure_stream("ACCEPTED", [ACCEPTED_TOPIC], max_bytes=64_000_000)
        await bus.ensure_stream("REJECTED", [REJECTED_TOPIC], max_bytes=64_000_000)
        yield bus


def intake(name: str, *, events: int = 1, payload: bytes = b"{}") -> Intake:
    ids = [f"{name}.{number}" for number in range(events)]
    columns = (["e"] * events, [1] * events, ids, [""] * events, ids, [payload] * events)
    return Intake(AcceptedRows([1] * events, *columns), [])


async def messages(bus: Bus) -> list[events_pb2.AcceptedEvents]:
    found = await stored(bus, "ACCEPTED")
    return [events_pb2.AcceptedEvents.FromString(message.data) for message in found]


async def test_requests_at_once_share_messages_and_none_is_cut_in_two(bus: Bus) -> None:
    async with open_publisher(bus) as publisher:
        await asyncio.gather(*(publisher.store(KEY, intake(f"r{n}", events=7), 1) for n in range(1_000)))
    found = await messages(bus)
    assert len(found) < 20
    assert max(len(message.kinds) for message in found) <= MAX_MESSAGE_EVENTS
    ids = [one for message in found for one in message.message_ids]
    assert sorted(ids) == sorted(f"r{n}.{number}" for n in range(1_000) for number in range(7))
    for message in found:
        assert len({one.partition(".")[0] for one in message.message_ids}) * 7 == len(message.kinds)


async def test_messages_are_bounded_in_bytes(bus: Bus) -> None:
    async with open_publisher(bus) as publisher:
        requests = [publisher.store(KEY, intake(f"r{n}", payload=os.urandom(32_000)), 1) for n in range(100)]
        await asyncio.gather(*requests)
    found = await messages(bus)
    assert sum(len(message.kinds) for message in found) == 100
    assert max(message.ByteSize() for message in found) <= MAX_MESSAGE_BYTES


async def test_each_source_of_a_message_keeps_its_events(bus: Bus) -> None:
    other = WriteKey(TENANT, "k2", "server", (), 1e6)
    async with open_publisher(bus) as publisher:
        await asyncio.gather(
            *(publisher.store((KEY, other)[n % 2], intake(f"{'ab'[n % 2]}{n}"), 1) for n in range(50))
        )
    for message in await messages(bus):
        for row, message_id in enumerate(message.message_ids):
            source = message.sources[message.source_rows[row]]
            assert source.key_id == {"a": "k1", "b": "k2"}[message_id[0]]


async def test_leaving_stores_what_is_waiting(bus: Bus) -> None:
    async with open_publisher(bus) as publisher:
        waiting = [asyncio.create_task(publisher.store(KEY, intake(f"r{n}"), 1)) for n in range(100)]
        await asyncio.sleep(0)
    assert all(task.done() and task.exception() is None for task in waiting)
    assert sum(len(message.kinds) for message in await messages(bus)) == 100


async def test_more_than_memory_allows_is_refused_at_once_and_the_rest_is_kept(
    server: NatsServer, bus: Bus
) -> None:
    publisher = Publisher(bus)
    await server.kill()
    requests = [publisher.store(KEY, intake(f"r{n}", payload=b"x" * 400_000), 1) for n in range(60)]
    waiting = asyncio.gather(*requests, return_exceptions=True)
    await asyncio.sleep(0.2)
    await server.start()
    outcomes = await waiting
    assert sum(isinstance(outcome, StreamBusy) for outcome in outcomes) in range(15, 30)
    assert sum(outcome is None for outcome in outcomes) == 60 - sum(o is not None for o in outcomes)
    assert sum(len(message.kinds) for message in await messages(bus)) == outcomes.count(None)


@asynccontextmanager
async def serving(bus: Bus, keys: Keys, listener: socket.socket) -> AsyncIterator[None]:
    async with (
        open_publisher(bus) as publisher,
        serve_http(
            TrackingApp(keys, publisher, lambda *_: None, lambda _: None),
            listen="",
            listen_fd=os.dup(listener.fileno()),
            drain_seconds=5,
        ),
    ):
        yield


async def test_a_stream_that_is_away_is_a_503_and_its_return_needs_no_restart(
    server: NatsServer, bus: Bus
) -> None:
    keys = Keys()
    key = keys.add("browser")
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1/track"
    event = {"userId": "u", "event": "Seen", "writeKey": key}
    async with serving(bus, keys, listener), httpx.AsyncClient(timeout=20) as client:
        await server.kill()
        answer = await client.post(url, json=event)
        assert (answer.status_code, answer.json()["code"]) == (503, "BUS_UNAVAILABLE")
        assert int(answer.headers["retry-after"]) >= 1
        await server.start()
        assert (await client.post(url, json=event)).status_code == 200
    listener.close()


async def test_restarts_under_load_fail_no_request(bus: Bus) -> None:
    keys = Keys()
    key = keys.add("browser")
    keys.keys[key] = WriteKey(TENANT, "k1", "browser", (), 1e6)
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1/track"
    ended = asyncio.Event()
    sent: list[str] = []

    async def send(sender: int, pause_seconds: float) -> None:
        async with httpx.AsyncClient(timeout=20) as client:
            while not ended.is_set():
                message_id = f"{sender}-{len(sent)}"
                event = {"userId": "u", "event": "Seen", "messageId": message_id, "writeKey": key}
                answer = await client.post(url, json=event)
                assert answer.status_code == 200
                sent.append(message_id)
                await asyncio.sleep(pause_seconds)

    senders = [asyncio.create_task(send(n, 0.0 if n % 2 else 0.4)) for n in range(16)]
    for _ in range(3):
        async with serving(bus, keys, listener):
            await asyncio.sleep(1)
    async with serving(bus, keys, listener):
        ended.set()
        await asyncio.gather(*senders)
    listener.close()
    ids = [one for message in await messages(bus) for one in message.message_ids]
    assert sorted(ids) == sorted(sent)
    assert len(sent) > 100
