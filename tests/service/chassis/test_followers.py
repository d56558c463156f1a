"""What every service that follows identity promises: each event once, whatever is killed, and a watermark."""

import asyncio
import signal
import uuid
from collections.abc import AsyncIterator
from importlib import import_module
from typing import Any

import pytest
from contracts.gateway.v1 import events_pb2 as gateway_pb2
from contracts.identity.v1 import events_pb2 as identity_pb2

from chassis.bus import Bus, connect_bus
from chassis.rpc import RpcClient
from tests.service_process import running

FOLLOWERS = ["recommender", "campaign"]
TOPICS = ["identity.events.resolved.v1", "identity.profile.remapped.v1"]


@pytest.fixture(params=FOLLOWERS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def identity_bus(engines: Any) -> AsyncIterator[Bus]:
    """Speaks as identity."""
    async with connect_bus(engines.bus_url("identity"), name="identity") as bus:
        await bus.ensure_stream("IDENTITY", TOPICS, max_bytes=256_000_000)
        yield bus


def resolved(*received_at_ms: int) -> bytes:
    events = gateway_pb2.AcceptedEvents(received_at_ms=received_at_ms)
    return identity_pb2.ResolvedEvents(events=events, nids=[1] * len(received_at_ms)).SerializeToString()


async def publish(bus: Bus, tenant_id: str, *received_at_ms: int) -> int:
    return await bus.publish(
        f"{TOPICS[0]}.{tenant_id}", resolved(*received_at_ms), message_id=uuid.uuid4().hex
    )


async def watermark(client: RpcClient, name: str, tenant_id: str) -> Any:
    pb = import_module(f"contracts.{name}.v1.{name}_service_pb2")
    stub = getattr(
        import_module(f"contracts.{name}.v1.{name}_service_pb2_grpc"), f"{name.title()}ServiceStub"
    )(client.channel)
    return await client.call(
        stub.GetWatermark, pb.GetWatermarkRequest(), tenant_id=tenant_id, timeout_seconds=120
    )


async def until_at(client: RpcClient, name: str, tenant_id: str, position: int) -> Any:
    async with asyncio.timeout(120):
        while (answer := await watermark(client, name, tenant_id)).position < position:
            await asyncio.sleep(0.05)
    return answer


async def test_a_watermark_says_how_far_a_tenant_is(engines: Any, name: str, identity_bus: Bus) -> None:
    mine, other, none = (str(uuid.uuid4()) for _ in range(3))
    await publish(identity_bus, mine, 1_700_000_000_000, 1_700_000_001_000)
    last = await publish(identity_bus, mine, 1_700_000_000_500)
    others = await publish(identity_bus, other, 1_600_000_000_000)
    async with running(engines, name) as process:
        async with process.client() as client:
            theirs = await until_at(client, name, other, others)
            ours = await until_at(client, name, mine, last)
            nobodys = await watermark(client, name, none)
        assert await process.stop() == 0
    assert (ours.events, ours.as_of.ToMilliseconds()) == (3, 1_700_000_001_000)
    assert (theirs.events, theirs.as_of.ToMilliseconds()) == (1, 1_600_000_000_000)
    # The place is that of the stream: a tenant that sends nothing is as far as all others.
    assert nobodys.position >= others
    assert (nobodys.events, nobodys.HasField("as_of")) == (0, False)


async def test_a_broken_message_does_not_hold_up_those_behind_it(
    engines: Any, name: str, identity_bus: Bus
) -> None:
    tenant_id = str(uuid.uuid4())
    await identity_bus.publish(f"{TOPICS[0]}.{tenant_id}", b"\xff\xff\xff", message_id=uuid.uuid4().hex)
    await identity_bus.publish(f"{TOPICS[0]}.nobody", resolved(1), message_id=uuid.uuid4().hex)
    await identity_bus.publish(f"{TOPICS[1]}.{tenant_id}", b"", message_id=uuid.uuid4().hex)
    last = await publish(identity_bus, tenant_id, 1_700_000_000_000)
    async with running(engines, name) as process, process.client() as client:
        answer = await until_at(client, name, tenant_id, last)
    assert answer.events == 1


async def test_each_event_counts_once_though_the_service_is_killed(
    engines: Any, name: str, identity_bus: Bus
) -> None:
    tenants = [str(uuid.uuid4()) for _ in range(3)]
    async with running(engines, name) as process, process.client() as client:
        await until_at(client, name, tenants[0], 0)
        for round_number in range(3):
            sending = asyncio.gather(
                *(publish(identity_bus, tenants[n % 3], *[1_700_000_000_000 + n] * 4) for n in range(300))
            )
            await asyncio.sleep(0.1 + 0.15 * round_number)
            await process.stop(signal.SIGKILL)
            await process.start()
            await sending
        last = [await publish(identity_bus, tenant_id, 1_700_000_001_000) for tenant_id in tenants]
        answers = [
            await until_at(client, name, tenant_id, place)
            for tenant_id, place in zip(tenants, last, strict=True)
        ]
    assert [answer.events for answer in answers] == [3 * 100 * 4 + 1] * 3
