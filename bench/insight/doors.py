"""Asks a running system about a tenant's people as the gateway does, and as a console does."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from contracts.insight.v1 import genes_service_pb2 as genes_pb
from contracts.insight.v1 import genes_service_pb2_grpc as genes_grpc
from contracts.insight.v1 import segments_service_pb2 as segments_pb
from contracts.insight.v1 import segments_service_pb2_grpc as segments_grpc

from bench.system import Answer, System, Tenant
from chassis.rpc import RpcClient, rpc_client
from chassis.tenancy import TokenSigner
from services.gateway.routes.segment_trees.messages import node_of
from services.insight.api.trees import tree_message
from services.insight.domain.segments.tree import Node

# Insight's place among the ports of a system.
_INSIGHT_PORT = 2
_PATIENCE_SECONDS = 300.0
_LIVE = segments_pb.SegmentRefresh.SEGMENT_REFRESH_LIVE


def as_json(tree: Node) -> Any:
    """As the open API takes it."""
    return node_of(tree_message(tree)).model_dump(mode="json", by_alias=True, exclude_none=True)


@dataclass(frozen=True, slots=True)
class Doors:
    """Both doors for one tenant."""

    rpc: RpcClient
    http: httpx.AsyncClient
    tenant: Tenant

    async def call(self, method: Any, request: Any) -> Any:
        """A call of a stub's method, as the gateway makes it."""
        return await self.rpc.call(method, request, tenant_id=self.tenant.id, timeout_seconds=120)

    async def preview(self, tree: Node) -> genes_pb.PreviewSegmentResponse:
        """Through gRPC."""
        stub = genes_grpc.GenesServiceStub(self.rpc.channel)
        request = genes_pb.PreviewSegmentRequest(root=tree_message(tree))
        found: genes_pb.PreviewSegmentResponse = await self.call(stub.PreviewSegment, request)
        return found

    async def post(self, path: str, body: object) -> dict[str, Any]:
        """Through HTTP; raises Answer for anything but 2xx."""
        return await self._http("POST", path, body)

    async def get(self, path: str) -> dict[str, Any]:
        """As `post`."""
        return await self._http("GET", path, None)

    async def _http(self, method: str, path: str, body: object) -> dict[str, Any]:
        headers = {"Idempotency-Key": uuid.uuid4().hex, "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body)
        answer = await self.http.request(method, path, content=content, headers=headers)
        if answer.status_code >= 300:
            raise Answer(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        told: dict[str, Any] = answer.json() if answer.content else {}
        return told

    @property
    def segments(self) -> segments_grpc.SegmentsServiceStub:
        """Saved segments through gRPC."""
        return segments_grpc.SegmentsServiceStub(self.rpc.channel)

    async def save(self, name: str, tree: Node) -> str:
        """The id of a new saved segment."""
        made = await self.post("/v1/segments", {"name": name, "tree": as_json(tree)})
        return str(made["id"])

    async def changes(self, segment_id: str) -> segments_pb.ListSegmentChangesResponse:
        """The newest."""
        request = segments_pb.ListSegmentChangesRequest(segment_id=segment_id, page_size=200)
        found: segments_pb.ListSegmentChangesResponse = await self.call(
            self.segments.ListSegmentChanges, request
        )
        return found

    async def until_live(self, segment_ids: list[str]) -> float:
        """Seconds until all of them are kept right as things happen."""
        began = time.monotonic()
        for segment_id in segment_ids:
            while (await self.changes(segment_id)).state.refresh != _LIVE:
                if time.monotonic() - began > _PATIENCE_SECONDS:
                    raise TimeoutError(f"segment {segment_id} does not become live")
                await asyncio.sleep(0.2)
        return time.monotonic() - began

    async def until_in_memory(self, tree: Node) -> float:
        """Seconds until memory answers."""
        began = time.monotonic()
        while time.monotonic() - began < _PATIENCE_SECONDS:
            try:
                if (await self.preview(tree)).answered_by == "memory":
                    return time.monotonic() - began
            except Exception as error:  # noqa: BLE001 - a service that starts refuses in many ways
                last = error
            await asyncio.sleep(0.1)
        raise TimeoutError("memory does not answer") from last


@asynccontextmanager
async def open_doors(system: System, tenant: Tenant) -> AsyncIterator[Doors]:
    """Closed when left."""
    secrets = json.loads((system.folder / "secrets.json").read_text())
    signer = TokenSigner("gateway", secrets["signing"]["gateway"]["private"])
    address = f"127.0.0.1:{system.port_base + _INSIGHT_PORT}"
    headers = {"Authorization": f"Bearer {tenant.secret_key}"}
    async with (
        rpc_client(address, "insight", signer) as rpc,
        httpx.AsyncClient(base_url=system.gateway, headers=headers, timeout=120) as http,
    ):
        yield Doors(rpc, http, tenant)
