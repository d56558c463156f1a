"""One cell for tests: engines of its own that may be killed, an identity service, and the gateway's side."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import nats
from contracts.gateway.v1 import events_pb2 as gateway_events
from contracts.identity.v1 import events_pb2 as identity_events
from contracts.identity.v1 import identity_service_pb2 as messages
from contracts.identity.v1 import identity_service_pb2_grpc as rpc

from chassis.bus import Bus, BusUnavailable, Message, connect_bus
from chassis.database import migrate
from chassis.rpc import RpcClient, rpc_client
from chassis.tenancy import TokenSigner
from engines.credentials import new_credentials
from engines.nats import Nats
from engines.postgres import Postgres
from engines.processes import Part, launch, stop, wait_ready
from services.identity.settings import Settings

ROOT = Path(__file__).parents[3]
BROWSER = gateway_events.SOURCE_KIND_BROWSER
SERVER = gateway_events.SOURCE_KIND_SERVER
NOW_MS = 1_790_000_000_000
_EVENT_TOPICS = ("resolved", "imported")


@dataclass(frozen=True)
class Event:
    """One accepted event, as far as identity looks at it."""

    message_id: str
    anonymous_id: str = ""
    user_id: str = ""
    at_ms: int = NOW_MS
    source: gateway_events.SourceKind = BROWSER
    claims: Sequence[tuple[gateway_events.IdentifierKind, str]] = field(default=())
    # 0: at once.
    received_ms: int = 0

    @property
    def payload(self) -> bytes:
        return b'{"messageId":"' + self.message_id.encode() + b'"}'


def accepted(events: Sequence[Event]) -> gateway_events.AcceptedEvents:
    """The message a gateway would make of these events."""
    message = gateway_events.AcceptedEvents(
        sources=[
            gateway_events.Source(key_id="b", kind=BROWSER),
            gateway_events.Source(key_id="s", kind=SERVER),
        ]
    )
    for row, event in enumerate(events):
        message.source_rows.append(0 if event.source == BROWSER else 1)
        message.kinds.append(gateway_events.EVENT_KIND_TRACK)
        message.names.append("Product Viewed")
        message.timestamps_ms.append(event.at_ms)
        # The gateway's clock stands no earlier than what it receives.
        message.received_at_ms.append(event.received_ms or max(NOW_MS, event.at_ms))
        message.message_ids.append(event.message_id)
        message.user_ids.append(event.user_id)
        message.anonymous_ids.append(event.anonymous_id)
        message.payloads.append(event.payload)
        for kind, value in event.claims:
            message.claims.add(row=row, kind=kind, value=value)
    return message


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Cell:
    """PostgreSQL and NATS with identity's database; `kill` and `start` them by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.credentials = new_credentials()
        self.postgres = Postgres(folder / "postgres", free_port(), self.credentials.postgres)
        self.nats = Nats(folder / "nats", free_port(), self.credentials.nats)
        self.port = free_port()
        self._running: dict[str, tuple[Part, subprocess.Popen[bytes]]] = {}

    def create(self) -> None:
        for engine in (self.postgres, self.nats):
            engine.create()
        self.start("postgres")
        self.start("nats")
        self.postgres.ensure_database("identity")
        migrate(self.postgres.owner_url("identity"), ROOT / "services/identity/migrations")

    def start(self, name: str) -> None:
        part = self.postgres.part() if name == "postgres" else self.nats.part()
        if name == "postgres":
            part.before_start()
        process = launch(part, self.folder / f"{name}.log")
        self._running[name] = (part, process)
        wait_ready(part, process, self.folder / f"{name}.log", 60)

    def kill(self, name: str) -> None:
        _, process = self._running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def remove(self) -> None:
        for part, process in self._running.values():
            stop(process, part.stop_signal, 10)

    def settings(self, **changes: object) -> Settings:
        return Settings.model_validate(self.environment() | changes)

    def lose_stream(self, name: str) -> None:
        """As when the disk of the bus was lost, for one stream; NATS is started again."""
        self.kill("nats")
        shutil.rmtree(self.folder / "nats/store/jetstream/NEXUS/streams" / name)
        self.start("nats")

    def environment(self) -> dict[str, object]:
        signing = self.credentials.signing
        return {
            "listen": f"127.0.0.1:{self.port}",
            "admin_listen": f"127.0.0.1:{free_port()}",
            "database_url": self.postgres.url("identity"),
            "bus_url": self.nats.url("identity"),
            "signing_key": signing["identity"].private,
            "trusted_keys": {"gateway": signing["gateway"].public},
            "ledger_url": (self.folder / "erasures").as_uri(),
            "clean_after_seconds": 0.5,
        }

    def launch_service(self) -> subprocess.Popen[bytes]:
        """Identity as a process of its own."""
        environment = {
            f"IDENTITY_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
            for name, value in self.environment().items()
        }
        with (self.folder / "identity.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "services", "identity"],
                cwd=ROOT,
                env={**os.environ, **environment},
                stdout=log,
                stderr=log,
            )


@asynccontextmanager
async def gateway_side(cell: Cell) -> AsyncIterator["Gateway"]:
    """What a gateway does: its streams, its messages, its calls."""
    signer = TokenSigner("gateway", cell.credentials.signing["gateway"].private)
    async with (
        connect_bus(cell.nats.url("gateway"), name="gateway") as bus,
        connect_bus(cell.nats.url("identity"), name="identity") as reader,
        rpc_client(f"127.0.0.1:{cell.port}", "identity", signer) as client,
    ):
        for stream, topic in (("ACCEPTED", "accepted"), ("IMPORTED", "imported"), ("REJECTED", "rejected")):
            await bus.ensure_stream(stream, [f"gateway.events.{topic}.v1"], max_bytes=1024**3)
        yield Gateway(bus, reader, client)


class Gateway:
    """Publishes accepted events and sees what identity makes of them, one tenant at a time."""

    def __init__(self, bus: Bus, reader: Bus, client: RpcClient) -> None:
        self.bus = bus
        self.reader = reader
        self.client = client
        self.stub = rpc.IdentityServiceStub(client.channel)  # type: ignore[no-untyped-call]
        self.tenant_id = str(uuid.uuid4())

    async def accept(self, *events: Event) -> int:
        return await self.accept_bytes(accepted(events).SerializeToString())

    async def import_(self, *events: Event) -> int:
        """As a job of the gateway does with the rows of a file."""
        return await self.accept_bytes(accepted(events).SerializeToString(), "imported")

    async def accept_bytes(self, data: bytes, topic: str = "accepted") -> int:
        return await self.bus.publish(
            f"gateway.events.{topic}.v1.{self.tenant_id}",
            data,
            message_id=str(uuid.uuid4()),
            give_up_after_seconds=30,
        )

    async def intake(self) -> messages.GetIntakeResponse:
        return await self.client.call(
            self.stub.GetIntake, messages.GetIntakeRequest(), tenant_id=self.tenant_id, timeout_seconds=30
        )

    async def received(self, number: int) -> messages.GetIntakeResponse:
        """The intake once that many events were received and their outcome was published."""

        async def arrived() -> bool:
            return (await self.intake()).received >= number

        await eventually(arrived)
        await asyncio.sleep(0.2)
        return await self.intake()

    async def profile(self, nid: int) -> messages.GetProfileResponse:
        request = messages.GetProfileRequest(profile_id=nid)
        return await self.client.call(self.stub.GetProfile, request, tenant_id=self.tenant_id)

    async def search(self, **request: object) -> messages.SearchProfilesResponse:
        return await self.client.call(
            self.stub.SearchProfiles,
            messages.SearchProfilesRequest(**request),  # type: ignore[arg-type]
            tenant_id=self.tenant_id,
        )

    async def resolved(self, *topics: str) -> list[identity_events.ResolvedEvents]:
        """Of both lanes unless one ("resolved", "imported") is named, in stream order."""
        subjects = {f"identity.events.{topic}.v1.{self.tenant_id}" for topic in topics or _EVENT_TOPICS}
        stored = await self.stored(self.reader, "IDENTITY", *subjects)
        return [identity_events.ResolvedEvents.FromString(message.data) for message in stored]

    async def counted_ids(self, *topics: str) -> list[str]:
        """Message ids of all resolved events, in stream order."""
        return [each for message in await self.resolved(*topics) for each in message.events.message_ids]

    async def people(self) -> dict[str, int]:
        """The profile of every counted event, from the bus alone: its nid, folded by the map."""
        profiles = {nid: profile for nid, profile in (await self.map()).items()}
        found = {}
        for message in await self.resolved():
            for message_id, nid in zip(message.events.message_ids, message.nids, strict=True):
                found[message_id] = profiles.get(nid, nid)
        return found

    async def remaps(self) -> list[identity_events.ProfilesRemapped]:
        subject = f"identity.profile.remapped.v1.{self.tenant_id}"
        stored = await self.stored(self.reader, "IDENTITY", subject)
        return [identity_events.ProfilesRemapped.FromString(message.data) for message in stored]

    async def map(self) -> dict[int, int]:
        return {each.nid: each.profile_id for message in await self.remaps() for each in message.remaps}

    async def set_aside(self) -> list[gateway_events.RejectedEvent]:
        stored = await self.stored(self.bus, "REJECTED", f"gateway.events.rejected.v1.{self.tenant_id}")
        found = [gateway_events.RejectedEvents.FromString(message.data) for message in stored]
        return [event for message in found for event in message.events]

    async def stored(self, bus: Bus, stream: str, *subjects: str) -> list[Message]:
        first, last = await bus.bounds(stream)
        found: list[Message] = []
        if last < first:
            return found
        async for group in bus.read(stream, after=first - 1):
            found += [message for message in group if message.subject in subjects]
            if group[-1].seq >= last:
                return found
        raise AssertionError("unreachable")


async def forget_message_ids(cell: Cell) -> None:
    """As the bus does ten minutes after a message: it does not know a repetition any more."""
    client = await nats.connect(cell.nats.url("identity"), inbox_prefix=b"_INBOX_identity")
    try:
        jetstream = client.jetstream()
        config = (await jetstream.stream_info("IDENTITY")).config
        await jetstream.update_stream(config, duplicate_window=0.1)
        await asyncio.sleep(0.5)
    finally:
        await client.close()


async def eventually(holds: Callable[[], Awaitable[bool]], within_seconds: float = 60) -> None:
    """Ask until it is so; a bus that is just coming back cannot answer yet."""
    deadline = time.monotonic() + within_seconds
    while True:
        with contextlib.suppress(BusUnavailable):
            if await holds():
                return
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.05)
