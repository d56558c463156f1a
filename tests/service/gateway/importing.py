"""An import as a tenant makes one, and what of it is on the bus."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
from contracts.gateway.v1 import events_pb2

from chassis.bus import Message, connect_bus
from tests.service.gateway.conftest import PATIENCE_SECONDS, Shop

ORDERS = (
    "訂單編號,會員編號,訂單時間,商品編號,單價,數量\n"
    'A1,m1,2026/11/20 10:00,P1,"1,200",1\n'
    "A1,m1,2026/11/20 10:00,P2,50.50,2\n"
    "A2,m2,2026/11/21 11:30,P1,1200,1\n"
    "A3,m3,yesterday,P1,1200,1\n"
)


class ImportOf:
    """One import of a shop."""

    def __init__(self, client: httpx.AsyncClient, import_id: str) -> None:
        self.client = client
        self.id = import_id

    @classmethod
    async def made(cls, client: httpx.AsyncClient, kind: str, **asked: Any) -> "ImportOf":
        answer = await client.post("/v1/imports", json={"kind": kind, "file_name": "export.csv", **asked})
        assert answer.status_code == 201, answer.text
        return cls(client, answer.json()["id"])

    async def post(self, what: str, **body: Any) -> httpx.Response:
        return await self.client.post(f"/v1/imports/{self.id}/{what}", json=body)

    async def send(self, data: Any, **headers: str) -> httpx.Response:
        return await self.client.put(f"/v1/imports/{self.id}/file", content=data, headers=headers)

    async def read(self) -> dict[str, Any]:
        """Once its columns are known, or it is known that they cannot be."""
        return await self.until("ready", "unreadable")

    async def facts(self) -> dict[str, Any]:
        answer = await self.client.get(f"/v1/imports/{self.id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def until(self, *states: str) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (facts := await self.facts())["state"] not in states:
            assert time.monotonic() < deadline, facts
            await asyncio.sleep(0.05)
        return facts

    async def map(self, mapping: dict[str, Any]) -> httpx.Response:
        return await self.client.put(f"/v1/imports/{self.id}/mapping", json=mapping)

    async def map_as_suggested(self) -> dict[str, Any]:
        facts = await self.read()
        assert facts["state"] == "ready", facts["problem"]
        answer = await self.map(facts["suggested"])
        assert answer.status_code == 200, answer.text
        return dict(facts["suggested"])

    async def dry_run(self) -> dict[str, Any]:
        answer = await self.post("dry-run")
        assert answer.status_code == 202, answer.text
        while (tried := (await self.facts())["dry_run"])["state"] in ("queued", "running"):
            await asyncio.sleep(0.05)
        return dict(tried)

    async def run(self) -> dict[str, Any]:
        answer = await self.post("start")
        assert answer.status_code == 202, answer.text
        return await self.until("succeeded", "failed", "cancelled")

    async def rejected(self, limit: int = 200) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            path = f"/v1/imports/{self.id}/rejected"
            answer = await self.client.get(path, params={"limit": limit, "cursor": cursor})
            assert answer.status_code == 200, answer.text
            found += answer.json()["rejected"]
            cursor = answer.json()["next_cursor"] or ""
            if not cursor:
                return found


async def imported(shop: Shop) -> list[events_pb2.AcceptedEvents]:
    """Every message of the shop's imports, in the stream's order."""
    found = []
    async with connect_bus(shop.gateway.engines.bus_url("identity"), name="identity") as bus:
        _, last = await bus.bounds("IMPORTED")
        async for message in _messages(bus, last):
            if message.tenant_id == shop.id:
                found.append(events_pb2.AcceptedEvents.FromString(message.data))
    return found


async def _messages(bus: Any, last: int) -> AsyncIterator[Message]:
    if not last:
        return
    async for group in bus.read("IMPORTED", after=0):
        for message in group:
            yield message
        if group and group[-1].seq >= last:
            return


def payloads(messages: list[events_pb2.AcceptedEvents]) -> list[bytes]:
    return [payload for message in messages for payload in message.payloads]
