"""The bus as we run it: durable, and each service speaks and hears only what is its own."""

import asyncio
import signal
from pathlib import Path
from uuid import uuid4

import nats
import nats.errors
import pytest

from chassis.bus import BusNotDurable, connect_bus, require_durable
from engines.credentials import new_credentials
from engines.nats import GRANTS, Nats
from engines.processes import launch, stop, wait_ready
from tests.conftest import Engines, free_port

FORBIDDEN = [
    ("insight", "identity.events.resolved.v1.t"),
    ("identity", "gateway.events.accepted.v1.t"),
    ("gateway", "identity.profile.remapped.v1.t"),
    ("campaign", "$JS.API.STREAM.DELETE.IDENTITY"),
    ("recommender", "$JS.API.STREAM.PURGE.IDENTITY"),
    ("insight", "$KV.positions.IDENTITY.campaign"),
    ("identity", "$JS.API.CONSUMER.CREATE.REJECTED"),
    ("gateway", "$SYS.REQ.SERVER.PING.JSZ"),
]


async def refusals(url: str, act: str, subject: str) -> list[str]:
    """What the server says to one publish or subscribe."""
    said: list[str] = []

    async def note(error: Exception) -> None:
        said.append(str(error))

    client = await nats.connect(url, error_cb=note)
    try:
        if act == "publish":
            await client.publish(subject, b"x")
        else:
            await client.subscribe(subject)
        await client.flush()
        await asyncio.sleep(0.05)
    finally:
        await client.close()
    return said


@pytest.mark.parametrize(("service", "subject"), FORBIDDEN)
async def test_a_service_cannot_say_what_is_anothers(engines: Engines, service: str, subject: str) -> None:
    assert (
        "permissions violation" in str(await refusals(engines.bus_url(service), "publish", subject)).lower()
    )


@pytest.mark.parametrize("service", GRANTS)
async def test_a_service_cannot_hear_everything(engines: Engines, service: str) -> None:
    for subject in (">", "_INBOX.>", "_INBOX_stranger.>", "gateway.events.accepted.v1.*", "gateway.>"):
        said = await refusals(engines.bus_url(service), "subscribe", subject)
        assert "permissions violation" in str(said).lower()


async def test_nobody_enters_without_a_password(engines: Engines) -> None:
    address = engines.bus_url("insight").rpartition("@")[2]
    with pytest.raises(nats.errors.Error):
        await nats.connect(f"nats://{address}", connect_timeout=1, allow_reconnect=False)


async def test_events_travel_from_the_gateway_to_every_reader(engines: Engines) -> None:
    tenant = str(uuid4())
    async with (
        connect_bus(engines.bus_url("gateway"), name="gateway") as gateway,
        connect_bus(engines.bus_url("identity"), name="identity") as identity,
    ):
        await gateway.ensure_stream("ACCEPTED", ["gateway.events.accepted.v1"], max_bytes=10**8)
        await gateway.ensure_stream("REJECTED", ["gateway.events.rejected.v1"], max_bytes=10**8)
        await identity.ensure_stream(
            "IDENTITY", ["identity.events.resolved.v1", "identity.profile.remapped.v1"], max_bytes=10**8
        )
        place = await gateway.publish(f"gateway.events.accepted.v1.{tenant}", b"raw", message_id=str(uuid4()))
        async for group in identity.read("ACCEPTED", after=place - 1):
            assert [message.data for message in group] == [b"raw"]
            break
        await identity.report_position("ACCEPTED", "identity", place)
        assert await gateway.purge_read("ACCEPTED", ["identity"]) == place
        subject = f"identity.events.resolved.v1.{tenant}"
        resolved = await identity.publish(subject, b"resolved", message_id=str(uuid4()))
        last = await identity.last_message("IDENTITY", subject)
        assert last is not None
        assert last.seq == resolved
        for reader in ("insight", "recommender", "campaign"):
            async with connect_bus(engines.bus_url(reader), name=reader) as bus:
                async for group in bus.read("IDENTITY", after=resolved - 1):
                    assert group[0].data == b"resolved"
                    break
                await bus.report_position("IDENTITY", reader, resolved)
                await bus.publish(f"gateway.events.rejected.v1.{tenant}", b"bad", message_id=str(uuid4()))


async def test_the_server_syncs_before_it_acknowledges(engines: Engines) -> None:
    await require_durable(engines.system_bus_url)


async def test_a_server_that_acknowledges_before_it_syncs_is_refused(tmp_path: Path) -> None:
    server = Nats(tmp_path, free_port(), new_credentials().nats, sync="2m")
    server.create()
    part, log_path = server.part(), tmp_path / "log"
    process = launch(part, log_path)
    try:
        wait_ready(part, process, log_path, 10)
        with pytest.raises(BusNotDurable):
            await require_durable(server.url("system"))
    finally:
        stop(process, signal.SIGTERM, 10)
