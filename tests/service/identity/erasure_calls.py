"""Calls that erase, as a gateway makes them, and looks into the tables."""

import time
import uuid

import asyncpg
from contracts.gateway.v1 import events_pb2 as gateway_events
from contracts.identity.v1 import identity_service_pb2 as messages

from tests.service.identity.cell import Cell, Gateway

EMAIL = gateway_events.IDENTIFIER_KIND_EMAIL
USER = gateway_events.IDENTIFIER_KIND_USER_ID
ANONYMOUS = gateway_events.IDENTIFIER_KIND_ANONYMOUS_ID


def now_ms() -> int:
    return time.time_ns() // 1_000_000


async def erase(gateway: Gateway, **request: object) -> messages.Erasure:
    named = {"erasure_id": str(uuid.uuid4()), "actor": "teammate:t1", **request}
    answer = await gateway.client.call(
        gateway.stub.Erase,
        messages.EraseRequest(**named),  # type: ignore[arg-type]
        tenant_id=gateway.tenant_id,
        timeout_seconds=30,
    )
    return answer.erasure


async def erasure(gateway: Gateway, erasure_id: str) -> messages.Erasure:
    request = messages.GetErasureRequest(erasure_id=erasure_id)
    return (await gateway.client.call(gateway.stub.GetErasure, request, tenant_id=gateway.tenant_id)).erasure


def identifier(kind: int, value: str) -> messages.IdentifierName:
    return messages.IdentifierName(kind=kind, value=value)  # type: ignore[arg-type]


async def values(gateway: Gateway) -> set[str]:
    page = await gateway.search(page_size=200)
    return {each.value for profile in page.profiles for each in profile.identifiers}


async def rows_of(cell: Cell, gateway: Gateway, table: str) -> int:
    connection = await asyncpg.connect(cell.postgres.url("identity"))
    try:
        async with connection.transaction():
            await connection.execute("select set_config('app.tenant', $1, true)", gateway.tenant_id)
            return int(await connection.fetchval(f"select count(*) from {table}"))
    finally:
        await connection.close()
