"""Calls between services over a real socket: tenants, promised failures, waiting, draining."""

import asyncio
import json
import socket
from typing import Any

import pytest
from contracts.recommender.v1 import recommender_service_pb2 as pb
from contracts.recommender.v1 import recommender_service_pb2_grpc as pb_grpc
from grpc import StatusCode

from chassis.errors import Conflict, ExpectedError
from chassis.rpc import caller, rpc_client, serve, tenant
from chassis.tenancy import Caller, TokenSigner, TokenVerifier, new_signing_key

TENANT = "0b0e1b62-9f5c-4d5a-8a53-4f5f6e0f0001"
PRIVATE, PUBLIC = new_signing_key()


class SlotTaken(Conflict):
    reason = "SLOT_TAKEN"


class Api(pb_grpc.RecommenderServiceServicer):
    """Does what a test says in its one method."""

    service_name = "contracts.recommender.v1.RecommenderService"

    def __init__(self, act: Any) -> None:
        self._act = act
        self.entered = asyncio.Event()

    def add_to(self, server: Any) -> None:
        pb_grpc.add_RecommenderServiceServicer_to_server(self, server)

    async def GetWatermark(self, request: Any, context: Any) -> Any:
        self.entered.set()
        return pb.GetWatermarkResponse(events=await self._act())


def served(api: Api, listen: str = "127.0.0.1:0") -> Any:
    return serve(listen, [api], TokenVerifier("recommender", {"gateway": PUBLIC}), drain_seconds=5)


async def ask(address: str, timeout_seconds: float = 10) -> Any:
    async with rpc_client(address, "recommender", TokenSigner("gateway", PRIVATE)) as client:
        stub = pb_grpc.RecommenderServiceStub(client.channel)
        return await client.call(
            stub.GetWatermark, pb.GetWatermarkRequest(), tenant_id=TENANT, timeout_seconds=timeout_seconds
        )


async def test_a_method_knows_its_caller_and_tenant() -> None:
    known: list[object] = []

    async def act() -> int:
        known.extend([caller(), tenant()])
        return 1

    async with served(Api(act)) as port:
        assert (await ask(f"127.0.0.1:{port}")).events == 1
    assert known == [Caller("gateway", TENANT), TENANT]


async def test_a_promised_failure_arrives_with_its_reason_and_facts() -> None:
    async def act() -> int:
        raise SlotTaken("That slot is taken.", slot="首頁")

    async with served(Api(act)) as port:
        with pytest.raises(ExpectedError) as failed:
            await ask(f"127.0.0.1:{port}")
    assert (failed.value.reason, failed.value.facts) == ("SLOT_TAKEN", {"slot": "首頁"})
    assert failed.value.status is StatusCode.FAILED_PRECONDITION


async def test_a_bug_arrives_without_its_text() -> None:
    async def act() -> int:
        raise ValueError("secret of somebody@example.com")

    async with served(Api(act)) as port:
        with pytest.raises(ExpectedError) as failed:
            await ask(f"127.0.0.1:{port}")
    assert failed.value.reason == "INTERNAL"
    assert "secret" not in json.dumps([failed.value.message, failed.value.facts])


async def test_a_call_in_progress_is_answered_while_the_server_drains() -> None:
    async def act() -> int:
        await asyncio.sleep(0.5)
        return 7

    api = Api(act)
    async with served(api) as port:
        asking = asyncio.create_task(ask(f"127.0.0.1:{port}"))
        await api.entered.wait()
    assert (await asking).events == 7


async def test_a_call_waits_for_a_server_that_is_starting() -> None:
    async def act() -> int:
        return 3

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    asking = asyncio.create_task(ask(address))
    await asyncio.sleep(0.5)
    async with served(Api(act), address):
        assert (await asking).events == 3


async def test_a_call_that_takes_too_long_fails_in_time_and_stops_the_work() -> None:
    stopped = asyncio.Event()

    async def act() -> int:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            stopped.set()
            raise
        return 0

    async with served(Api(act)) as port:
        with pytest.raises(ExpectedError) as failed:
            await ask(f"127.0.0.1:{port}", timeout_seconds=0.3)
        await asyncio.wait_for(stopped.wait(), 30)
    assert failed.value.status is StatusCode.DEADLINE_EXCEEDED
