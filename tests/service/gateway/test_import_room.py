"""An import has a lot waiting while nobody sends, and little beside live events."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from chassis.bus import Bus, connect_bus
from services.gateway.imports.room import Room
from tests.service.chassis.nats_server import nats_server


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[Bus]:
    """Speaks as the gateway, on a server of its own."""
    async with nats_server(tmp_path) as server, connect_bus(server.url, name="gateway") as connected:
        await connected.ensure_stream("ACCEPTED", ["gateway.events.accepted.v1"], max_bytes=1_000_000)
        await connected.ensure_stream("IMPORTED", ["gateway.events.imported.v1"], max_bytes=1_000_000)
        yield connected


class Import:
    """Stores messages as long as there is room; time passes as told."""

    def __init__(self, bus: Bus) -> None:
        self.bus = bus
        self.seconds = 0.0
        self.stored = 0
        self.room = Room(bus, now=lambda: self.seconds)

    async def store(self, most: int) -> int:
        """How many of `most` there was room for."""
        begun = self.stored
        while self.stored < begun + most and await self.room.take(1):
            self.stored += 1
            await self.bus.publish(
                "gateway.events.imported.v1.t", b"rows", message_id=f"import-{self.stored}"
            )
        return self.stored - begun

    async def live(self) -> None:
        await self.bus.publish("gateway.events.accepted.v1.t", b"event", message_id=f"live-{self.seconds}")


async def test_few_messages_wait_while_live_events_come_and_many_afterwards(bus: Bus) -> None:
    one = Import(bus)
    # Nothing is known yet: as if somebody sent.
    assert await one.store(50) == 8
    for _ in range(6):
        one.seconds += 1.0
        await one.live()
        assert await one.store(50) == 0
    # Identity has taken five of them.
    await bus.report_position("IMPORTED", "identity", 5)
    one.seconds += 1.0
    await one.live()
    assert await one.store(50) == 5
    # The last live event was more than five seconds ago.
    for _ in range(7):
        one.seconds += 1.0
        await one.room.take(0)
    assert await one.store(50) == 50
