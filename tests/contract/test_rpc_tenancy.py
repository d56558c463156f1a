"""Every RPC of every service refuses a call that does not prove its caller, its audience and its tenant."""

import contextlib
import json
import time
from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.descriptor import MethodDescriptor
from grpc import StatusCode
from joserfc import jwt
from joserfc.jwk import OKPKey

from chassis.tenancy import TokenSigner, new_signing_key
from tests.service_process import PRIVATE, running

CONTRACTS = Path(__file__).parents[2] / "proto" / "contracts"
# Callable without a token; they say nothing about any tenant.
OPEN = ["/grpc.health.v1.Health/Check", "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"]
FEWEST_RPCS = 10
TENANT = "0b0e1b62-9f5c-4d5a-8a53-4f5f6e0f0001"


def rpcs() -> Iterator[tuple[str, MethodDescriptor]]:
    """(service name, method) of everything in the contracts."""
    for path in sorted(CONTRACTS.glob("*/v1/*_service.proto")):
        owner = path.parts[-3]
        module = import_module(f"contracts.{owner}.v1.{path.stem}_pb2")
        for service in module.DESCRIPTOR.services_by_name.values():
            for method in service.methods:
                yield owner, method


METHODS = list(rpcs())


def forged(**changes: object) -> str:
    claims = {"iss": "gateway", "aud": "", "tenant": TENANT, "iat": int(time.time())}
    claims |= {"exp": int(time.time()) + 60} | changes
    key = changes.pop("key", PRIVATE)
    claims.pop("key", None)
    return jwt.encode(
        {"alg": "Ed25519", "typ": "nexus-call+jwt"},
        claims,
        OKPKey.import_key(json.loads(str(key))),
        algorithms=["Ed25519"],
    )


def refused_headers(owner: str) -> dict[str, list[tuple[str, str]]]:
    def bearer(token: str) -> list[tuple[str, str]]:
        return [("authorization", f"Bearer {token}")]

    return {
        "no token": [],
        "not a bearer": [("authorization", "Basic abc")],
        "an empty token": bearer(""),
        "a tenant header instead": [("x-tenant-id", TENANT)],
        "another audience": bearer(TokenSigner("gateway", PRIVATE).token("somebody-else", TENANT)),
        "expired": bearer(forged(aud=owner, exp=int(time.time()) - 1)),
        "no tenant": bearer(forged(aud=owner, tenant=None)),
        "signed by a stranger": bearer(forged(aud=owner, key=new_signing_key()[0])),
        "an unknown caller": bearer(forged(aud=owner, iss="stranger")),
    }


@pytest.fixture(scope="module")
async def addresses(engines: Any) -> AsyncIterator[dict[str, str]]:
    """Where each service that has RPCs answers: the real processes."""
    async with contextlib.AsyncExitStack() as stack:
        started = [
            await stack.enter_async_context(running(engines, owner))
            for owner in sorted({owner for owner, _ in METHODS})
        ]
        yield {process.name: process.address for process in started}


async def call(address: str, path: str, headers: list[tuple[str, str]], request: bytes = b"") -> None:
    async with grpc.aio.insecure_channel(address) as channel:
        await channel.unary_unary(path)(request, metadata=headers, timeout=60, wait_for_ready=True)


def path_of(method: MethodDescriptor) -> str:
    return f"/{method.containing_service.full_name}/{method.name}"


def test_no_rpc_has_slipped_out_of_this_test() -> None:
    assert len(METHODS) >= FEWEST_RPCS
    assert {owner for owner, _ in METHODS} == {"identity", "insight", "recommender", "campaign"}


@pytest.mark.parametrize(("owner", "method"), METHODS, ids=[method.full_name for _, method in METHODS])
async def test_every_rpc_refuses_a_call_that_proves_nothing(
    addresses: dict[str, str], owner: str, method: MethodDescriptor
) -> None:
    for case, headers in refused_headers(owner).items():
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call(addresses[owner], path_of(method), headers)
        assert refused.value.code() is StatusCode.UNAUTHENTICATED, case


@pytest.mark.parametrize(("owner", "method"), METHODS, ids=[method.full_name for _, method in METHODS])
async def test_every_rpc_exists_and_lets_a_proven_call_in(
    addresses: dict[str, str], owner: str, method: MethodDescriptor
) -> None:
    token = TokenSigner("gateway", PRIVATE).token(owner, TENANT)
    try:
        await call(addresses[owner], path_of(method), [("authorization", f"Bearer {token}")])
    except grpc.aio.AioRpcError as error:
        # An empty request may be refused for what it says, never for who says it.
        assert error.code() in (
            StatusCode.INVALID_ARGUMENT,
            StatusCode.NOT_FOUND,
            StatusCode.FAILED_PRECONDITION,
        ), error.details()


@pytest.mark.parametrize("path", OPEN)
async def test_only_health_and_reflection_answer_anybody(addresses: dict[str, str], path: str) -> None:
    for address in addresses.values():
        async with grpc.aio.insecure_channel(address) as channel:
            if path.endswith("Info"):
                stream = channel.stream_stream(path)(iter([b""]), timeout=60, wait_for_ready=True)
                assert [reply async for reply in stream]
            else:
                await channel.unary_unary(path)(b"", timeout=60, wait_for_ready=True)
