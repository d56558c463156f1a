"""Insight with engines of its own, so that a test may kill them, and shops that send to it."""

import asyncio
import itertools
import json
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from contracts.gateway.v1 import events_pb2 as gateway_pb2
from contracts.identity.v1 import events_pb2 as identity_pb2
from contracts.insight.v1 import insight_service_pb2 as pb
from contracts.insight.v1 import insight_service_pb2_grpc as pb_grpc
from pydantic import SecretStr

from chassis.bus import Bus, connect_bus
from chassis.clickhouse import ClickHouse, open_clickhouse
from chassis.errors import ExpectedError
from chassis.rpc import RpcClient, rpc_client
from chassis.tenancy import TokenSigner, new_signing_key
from engines.processes import Part, launch, wait_ready
from services.insight.domain.genes.rehearsal import rehearse
from services.insight.domain.product_reports.rehearsal import rehearse_reports
from services.insight.main import migrate_event_store, service
from services.insight.settings import Settings
from tests.conftest import Engines, free_port

RESOLVED, REMAPPED = "identity.events.resolved.v1", "identity.profile.remapped.v1"
IMPORTED = "identity.events.imported.v1"
ERASED, FORGOTTEN = "identity.profile.erased.v1", "identity.tenant.forgotten.v1"
REACHABILITY = "identity.reachability.changed.v1"
TOPICS = [RESOLVED, REMAPPED, IMPORTED, ERASED, FORGOTTEN, REACHABILITY]
KINDS = {"track": 1, "identify": 2, "page": 3, "screen": 4, "group": 5, "alias": 6}
USER_ID, ANONYMOUS_ID = 1, 6
BROWSER, SERVER = 1, 2

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@dataclass
class Sent:
    """One event of a test, as identity would publish it."""

    nid: int
    name: str = "Product Viewed"
    kind: str = "track"
    at: datetime = NOW
    received_at: datetime | None = None
    source: int = BROWSER
    nid_kind: int = ANONYMOUS_ID
    properties: Mapping[str, Any] = field(default_factory=dict)
    traits: Mapping[str, Any] = field(default_factory=dict)
    channel: str = "web"
    payload: bytes | None = None

    def encoded(self) -> bytes:
        if self.payload is not None:
            return self.payload
        body = {"type": self.kind, "event": self.name, "context": {"channel": self.channel}}
        body |= {"properties": self.properties, "traits": self.traits}
        return json.dumps(body).encode()


def resolved(events: Sequence[Sent]) -> bytes:
    columns = gateway_pb2.AcceptedEvents(
        sources=[
            gateway_pb2.Source(key_id="pk", kind=gateway_pb2.SOURCE_KIND_BROWSER),
            gateway_pb2.Source(key_id="sk", kind=gateway_pb2.SOURCE_KIND_SERVER),
        ]
    )
    for event in events:
        columns.source_rows.append(event.source - 1)
        columns.kinds.append(KINDS[event.kind])  # type: ignore[arg-type]
        columns.names.append(event.name if event.kind in ("track", "page", "screen") else "")
        columns.timestamps_ms.append(int(event.at.timestamp() * 1000))
        columns.received_at_ms.append(int((event.received_at or event.at).timestamp() * 1000))
        columns.message_ids.append(str(uuid.uuid4()))
        columns.user_ids.append("")
        columns.anonymous_ids.append("")
        columns.payloads.append(event.encoded())
    message = identity_pb2.ResolvedEvents(events=columns)
    message.nids.extend(event.nid for event in events)
    message.nid_kinds.extend(event.nid_kind for event in events)  # type: ignore[arg-type]
    return message.SerializeToString()


class Installation:
    """PostgreSQL, NATS and ClickHouse for insight alone."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="nexus-insight-"))
        self.engines = Engines(self.folder)
        self.listen = f"127.0.0.1:{free_port()}"
        self.private_key, public_key = new_signing_key()
        self.trusted = {"gateway": public_key}
        self._service: subprocess.Popen[bytes] | None = None

    async def start(self, **settings: Any) -> None:
        """`settings` of the service besides those every test needs."""
        self.engines.start()
        self.settings = Settings(
            listen=self.listen,
            admin_listen=f"127.0.0.1:{free_port()}",
            database_url=SecretStr(self.engines.postgres_url("insight")),
            bus_url=SecretStr(self.engines.bus_url("insight")),
            signing_key=SecretStr(self.private_key),
            trusted_keys=self.trusted,
            clickhouse_url=SecretStr(self.engines.clickhouse_url("insight")),
            block_seconds=0.05,
            drain_seconds=1,
            **settings,
        )
        await migrate_event_store(self.settings)
        # As `migrate` does: on a new machine compiling takes the interpreter for longer than a caller waits.
        rehearse()
        rehearse_reports()
        async with connect_bus(self.engines.bus_url("identity"), name="identity") as bus:
            await bus.ensure_stream("IDENTITY", TOPICS, max_bytes=2**30)
        async with connect_bus(self.engines.bus_url("gateway"), name="gateway") as bus:
            await bus.ensure_stream("REJECTED", ["gateway.events.rejected.v1"], max_bytes=2**28)

    def stop(self) -> None:
        self.kill_service()
        self.engines.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def kill_clickhouse(self) -> None:
        """kill -9, and start again on the same folder and port."""
        index = next(i for i, (part, _) in enumerate(self.engines._running) if part.name == "clickhouse")
        part, process = self.engines._running[index]
        process.kill()
        process.wait()
        log = self.folder / "clickhouse.log"
        again = launch(part, log)
        self.engines._running[index] = (part, again)
        wait_ready(part, again, log, 60)

    def stop_bus(self) -> None:
        next(process for part, process in self.engines._running if part.name == "nats").kill()

    def start_service(self, *, read_back: bool = True) -> None:
        """As a process of its own."""
        environment = {
            "INSIGHT_LISTEN": self.listen,
            "INSIGHT_ADMIN_LISTEN": f"127.0.0.1:{free_port()}",
            "INSIGHT_DATABASE_URL": self.engines.postgres_url("insight"),
            "INSIGHT_BUS_URL": self.engines.bus_url("insight"),
            "INSIGHT_SIGNING_KEY": self.private_key,
            "INSIGHT_TRUSTED_KEYS": json.dumps(self.trusted),
            "INSIGHT_CLICKHOUSE_URL": self.engines.clickhouse_url("insight"),
            "INSIGHT_BLOCK_SECONDS": "0.05",
            "INSIGHT_READ_BACK": str(read_back).lower(),
        }
        command = [sys.executable, "-m", "services", "insight"]
        part = Part("insight", command, lambda: True, environment=environment)
        self._service = launch(part, self.folder / "insight.log")

    def kill_service(self) -> None:
        if self._service is not None:
            self._service.kill()
            self._service.wait()
            self._service = None

    def terminate_service(self) -> int:
        """SIGTERM; the exit code."""
        assert self._service is not None
        self._service.terminate()
        code = self._service.wait(30)
        self._service = None
        return code

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """The service in this process."""
        async with service(self.settings):
            yield

    @asynccontextmanager
    async def client(self) -> AsyncIterator["Client"]:
        async with (
            connect_bus(self.engines.bus_url("identity"), name="identity") as bus,
            connect_bus(self.engines.bus_url("gateway"), name="gateway") as gateway_bus,
            rpc_client(self.listen, "insight", TokenSigner("gateway", self.private_key)) as rpc,
            open_clickhouse(self.engines.clickhouse_url("insight")) as clickhouse,
        ):
            yield Client(bus, gateway_bus, rpc, clickhouse)


class Client:
    """Publishes as identity and asks as the gateway."""

    def __init__(self, bus: Bus, gateway_bus: Bus, rpc: RpcClient, clickhouse: ClickHouse) -> None:
        self.bus = bus
        self.gateway_bus = gateway_bus
        self.rpc = rpc
        self.clickhouse = clickhouse
        self.stub = pb_grpc.InsightServiceStub(rpc.channel)

    def shop(self) -> "Shop":
        return Shop(self, str(uuid.uuid4()))


class Shop:
    """One tenant."""

    def __init__(self, client: Client, tenant_id: str) -> None:
        self.client = client
        self.tenant_id = tenant_id
        self._numbers = itertools.count()

    async def publish(self, topic: str, data: bytes) -> int:
        key = f"{self.tenant_id}:{next(self._numbers)}"
        return await self.client.bus.publish(f"{topic}.{self.tenant_id}", data, message_id=key)

    async def send(self, *events: Sent) -> int:
        return await self.publish(RESOLVED, resolved(events))

    async def move(self, *moves: tuple[int, int, int]) -> int:
        """(nid, kind, profile)."""
        remaps = [identity_pb2.Remap(nid=n, kind=k, profile_id=p) for n, k, p in moves]  # type: ignore[arg-type]
        return await self.publish(REMAPPED, identity_pb2.ProfilesRemapped(remaps=remaps).SerializeToString())

    async def ask(self, name: str, request: Any) -> Any:
        method = getattr(self.client.stub, name)
        return await self.client.rpc.call(method, request, tenant_id=self.tenant_id)

    async def counted(self, position: int, timeout_seconds: float = 120) -> Any:
        """Wait until everything up to a place is counted."""
        deadline = time.monotonic() + timeout_seconds
        while True:
            try:
                answer = await self.ask("GetWatermark", pb.GetWatermarkRequest())
                if answer.watermark.position >= position:
                    return answer
            except ExpectedError:
                pass
            assert time.monotonic() < deadline, "not counted in time"
            await asyncio.sleep(0.02)

    async def overview(self, from_on: str = "2026-11-01", to_on: str = "2026-11-30") -> Any:
        return await self.ask("GetOverview", pb.GetOverviewRequest(from_on=from_on, to_on=to_on))

    async def settings(self, time_zone: str, currency: str = "TWD") -> None:
        await self.ask("PutTenant", pb.PutTenantRequest(time_zone=time_zone, currency=currency))

    async def summaries(self, *profile_ids: int) -> Any:
        request = pb.BatchGetProfileSummariesRequest(profile_ids=profile_ids)
        return (await self.ask("BatchGetProfileSummaries", request)).profiles
