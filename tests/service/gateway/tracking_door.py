"""The tracking API behind its real HTTP server and on a real stream, with keys that live in memory."""

import contextlib
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from contracts.gateway.v1 import events_pb2

from chassis.bus import Bus, Message, connect_bus
from chassis.database import DatabaseUnavailable
from services.gateway.domain.keys import KeyKind, WriteKey
from services.gateway.http_server import serve_http
from services.gateway.publisher import ACCEPTED_TOPIC, REJECTED_TOPIC, open_publisher
from services.gateway.tracking import TrackingApp
from tests.conftest import free_port
from tests.service.chassis.nats_server import nats_server


@dataclass
class Keys:
    """A key ring that can be cut off from its database."""

    keys: dict[str, WriteKey] = field(default_factory=dict)
    cut_off: bool = False

    def find(self, key: str) -> WriteKey | None:
        found = self.keys.get(key)
        if found is None and self.cut_off:
            raise DatabaseUnavailable("away")
        return found

    def add(self, kind: KeyKind, *, origins: tuple[str, ...] = (), rate: float = 1e6) -> str:
        """A key of a tenant of its own."""
        key = f"{'pk' if kind == 'browser' else 'sk'}_live_{uuid.uuid4().hex}"
        self.keys[key] = WriteKey(str(uuid.uuid4()), str(uuid.uuid4()), kind, origins, rate)
        return key


class Stored:
    """What a stream holds of each subject; reads on where it stopped."""

    def __init__(self, bus: Bus, stream: str) -> None:
        self._bus = bus
        self._stream = stream
        self._after = 0
        self._found: dict[str, list[Message]] = {}

    async def of(self, subject: str) -> list[Message]:
        """In order."""
        for message in await stored(self._bus, self._stream, self._after):
            self._found.setdefault(message.subject, []).append(message)
            self._after = message.seq
        return self._found.get(subject, [])


class Door:
    """What a test sends through, and what it finds in the streams afterwards."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        keys: Keys,
        accepted: Stored,
        rejected: Stored,
        counted: list[tuple[str, int, int, int]],
    ) -> None:
        self.client = client
        self.keys = keys
        # What the meter was told: tenant, events, set aside, bytes.
        self.counted = counted
        self.url = str(client.base_url)
        self._accepted = accepted
        self._rejected = rejected

    async def accepted(self, key: str) -> list[events_pb2.AcceptedEvents]:
        """The tenant's messages, in order."""
        found = await self._accepted.of(f"{ACCEPTED_TOPIC}.{self.keys.keys[key].tenant_id}")
        return [events_pb2.AcceptedEvents.FromString(message.data) for message in found]

    async def rejected(self, key: str) -> list[events_pb2.RejectedEvent]:
        """The tenant's bad rows, in order."""
        found = await self._rejected.of(f"{REJECTED_TOPIC}.{self.keys.keys[key].tenant_id}")
        return [row for one in found for row in events_pb2.RejectedEvents.FromString(one.data).events]


async def stored(bus: Bus, stream: str, after: int = 0) -> list[Message]:
    """What a stream holds behind a place."""
    _, last = await bus.bounds(stream)
    found: list[Message] = []
    if last <= after:
        return found
    async with contextlib.aclosing(bus.read(stream, after=after)) as groups:
        async for group in groups:
            found += group
            if group[-1].seq >= last:
                return found
    return found


@asynccontextmanager
async def open_door(folder: Path) -> AsyncIterator[Door]:
    """A running server on a bus of its own, from which nobody purges what a test wants to see."""
    keys = Keys()
    listen = f"127.0.0.1:{free_port()}"
    async with nats_server(folder) as server, connect_bus(server.url, name="gateway") as bus:
        await bus.ensure_stream("ACCEPTED", [ACCEPTED_TOPIC], max_bytes=1_000_000_000)
        await bus.ensure_stream("REJECTED", [REJECTED_TOPIC], max_bytes=1_000_000_000)
        accepted, rejected = Stored(bus, "ACCEPTED"), Stored(bus, "REJECTED")
        counted: list[tuple[str, int, int, int]] = []
        async with (
            open_publisher(bus) as publisher,
            serve_http(
                TrackingApp(keys, publisher, lambda *counts: counted.append(counts), lambda _: None),
                listen=listen,
                listen_fd=None,
                drain_seconds=5,
            ),
            httpx.AsyncClient(base_url=f"http://{listen}", timeout=30) as client,
        ):
            yield Door(client, keys, accepted, rejected, counted)
