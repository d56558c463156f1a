"""PostgreSQL away: what is known goes on, what cannot be known is said to be unknown."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from services.gateway.settings import Settings
from tests.service.gateway.conftest import Shop, free_port, running_gateway
from tests.service.gateway.test_bad_rows import BAD_TIME, bad_rows, until

UNKNOWN_KEY = "pk_live_" + "0" * 32


class Wire:
    """Between the gateway and PostgreSQL; can be cut."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._open: set[asyncio.StreamWriter] = set()
        self.cut = False

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.cut:
            writer.close()
            return
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        self._open |= {writer, far_writer}
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))

    def break_all(self) -> None:
        self.cut = True
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def wire_to(url: str) -> AsyncIterator[tuple[Wire, str]]:
    """The wire, and the address that leads through it."""
    parts = urlsplit(url)
    wire = Wire(parts.hostname or "", parts.port or 0)
    port = free_port()
    server = await asyncio.start_server(wire.carry, "127.0.0.1", port)
    try:
        yield wire, url.replace(f":{parts.port}/", f":{port}/")
    finally:
        wire.break_all()
        server.close()


async def test_events_are_accepted_while_the_database_is_away_and_bad_rows_follow(engines: Any) -> None:
    async with (
        wire_to(engines.postgres_url("gateway")) as (wire, url),
        running_gateway(engines, database_url=url) as gateway,
    ):
        shop: Shop = await gateway.make_tenant()
        wire.break_all()
        await shop.send({"type": "track", "event": "x", "userId": "u"}, BAD_TIME)
        async with shop.client() as client:
            away = await client.get("/v1/bad-rows")
        assert (away.status_code, away.json()["code"]) == (503, "DATABASE_UNAVAILABLE")
        # Long enough that a new key may have been made meanwhile.
        await asyncio.sleep(6)
        async with gateway.client(UNKNOWN_KEY) as client:
            unsure = await client.post("/v1/track", json={"event": "x", "userId": "u"})
        assert unsure.status_code == 503
        await shop.send({"type": "track", "event": "x", "userId": "u"})
        wire.cut = False
        await until(lambda: bad_rows(shop), lambda rows: len(rows) == 1)
        async with gateway.client(UNKNOWN_KEY) as client:

            async def status() -> int:
                sent = await client.post("/v1/track", json={"event": "x", "userId": "u"})
                return sent.status_code

            await until(status, lambda status: status == 401)


PUBLIC_URL = "https://shop.example"


async def test_production_starts_only_when_it_can_see_that_the_bus_is_durable(engines: Any) -> None:
    async with running_gateway(
        engines, environment="production", public_url=PUBLIC_URL, bus_system_url=engines.system_bus_url
    ) as gateway:
        assert isinstance(gateway.settings, Settings)
        async with gateway.client() as client:
            assert (await client.get("/v1/health")).json() == {"status": "ok", "bus": "connected"}
    assert "GATEWAY_BUS_SYSTEM_URL" in await _refusal(engines, public_url=PUBLIC_URL)


async def test_production_starts_only_when_browsers_reach_it_over_https(engines: Any) -> None:
    assert "GATEWAY_PUBLIC_URL" in await _refusal(engines, bus_system_url=engines.system_bus_url)


async def _refusal(engines: Any, **settings: Any) -> str:
    try:
        async with running_gateway(engines, environment="production", **settings):
            return ""
    except SystemExit as stopped:
        return str(stopped)
