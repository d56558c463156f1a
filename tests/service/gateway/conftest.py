"""One gateway on the real engines; identity and insight are small servers that answer what a test says."""

import asyncio
import base64
import contextlib
import json
import secrets
import socket
import tempfile
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import httpx
import nats
import pytest
from contracts.gateway.v1 import events_pb2
from contracts.identity.v1 import identity_service_pb2 as identity_pb
from contracts.identity.v1 import identity_service_pb2_grpc as identity_grpc
from contracts.insight.v1 import insight_service_pb2 as insight_pb
from contracts.insight.v1 import insight_service_pb2_grpc as insight_grpc
from pydantic import SecretStr

from chassis.errors import InvalidArgument
from chassis.rpc import serve, tenant
from chassis.settings import host_and_port
from chassis.tenancy import TokenVerifier, new_signing_key
from services.gateway.errors.people import ProfileNotFound
from services.gateway.main import service
from services.gateway.settings import Settings
from tests.service_process import PRIVATE, PUBLIC, running
from tests.smtp_server import Letters, running_smtp_server

OPERATOR_KEY = "operator-key-for-tests"
# For what happens elsewhere, some of it behind everything else that a busy machine has to do.
PATIENCE_SECONDS = 180
ENCRYPTION_KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()


class PageTokenNotValid(InvalidArgument):
    """As insight says it."""

    reason = "PAGE_TOKEN_NOT_VALID"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class People:
    """What identity and insight know, by tenant."""

    profiles: dict[str, list[identity_pb.Profile]] = field(default_factory=dict)
    traits: dict[str, dict[int, str]] = field(default_factory=dict)
    events: dict[str, list[insight_pb.Event]] = field(default_factory=dict)
    intake: dict[str, identity_pb.GetIntakeResponse] = field(default_factory=dict)
    settings: dict[str, insight_pb.PutTenantRequest] = field(default_factory=dict)
    # What identity was asked to change.
    asked: dict[str, list[Any]] = field(default_factory=dict)


class IdentityApi(identity_grpc.IdentityServiceServicer):
    service_name = "contracts.identity.v1.IdentityService"

    def __init__(self, people: People) -> None:
        self._people = people

    def add_to(self, server: grpc.aio.Server) -> None:
        identity_grpc.add_IdentityServiceServicer_to_server(self, server)

    async def GetProfile(self, request: Any, context: Any) -> Any:
        for profile in self._people.profiles.get(tenant(), []):
            nids = {identifier.nid for identifier in profile.identifiers}
            if request.profile_id in nids | {profile.profile_id}:
                return identity_pb.GetProfileResponse(profile=profile)
        raise ProfileNotFound("There is no such profile.")

    async def SearchProfiles(self, request: Any, context: Any) -> Any:
        found = [
            profile
            for profile in self._people.profiles.get(tenant(), [])
            if any(identifier.value.startswith(request.query) for identifier in profile.identifiers)
        ]
        start = int(request.page_token or 0)
        end = start + request.page_size
        return identity_pb.SearchProfilesResponse(
            profiles=found[start:end], next_page_token=str(end) if end < len(found) else ""
        )

    async def PutConsents(self, request: Any, context: Any) -> Any:
        self._people.asked.setdefault(tenant(), []).append(request)
        return identity_pb.PutConsentsResponse(consents=request.consents)

    async def Suppress(self, request: Any, context: Any) -> Any:
        self._people.asked.setdefault(tenant(), []).append(request)
        return identity_pb.SuppressResponse(added=len(request.identifiers))

    async def Unsuppress(self, request: Any, context: Any) -> Any:
        self._people.asked.setdefault(tenant(), []).append(request)
        return identity_pb.UnsuppressResponse(removed=len(request.identifiers))

    async def ListSuppressions(self, request: Any, context: Any) -> Any:
        if request.page_token:
            return identity_pb.ListSuppressionsResponse()
        return identity_pb.ListSuppressionsResponse(
            suppressions=[
                identity_pb.Suppression(kind=events_pb2.IDENTIFIER_KIND_EMAIL, fingerprint=bytes(32))
            ],
            next_page_token="more",
        )

    async def CountProfiles(self, request: Any, context: Any) -> Any:
        return identity_pb.CountProfilesResponse(profiles=len(self._people.profiles.get(tenant(), [])))

    async def GetIntake(self, request: Any, context: Any) -> Any:
        return self._people.intake.get(tenant(), identity_pb.GetIntakeResponse())


class InsightApi(insight_grpc.InsightServiceServicer):
    service_name = "contracts.insight.v1.InsightService"

    def __init__(self, people: People) -> None:
        self._people = people

    def add_to(self, server: grpc.aio.Server) -> None:
        insight_grpc.add_InsightServiceServicer_to_server(self, server)

    async def BatchGetProfileSummaries(self, request: Any, context: Any) -> Any:
        traits = self._people.traits.get(tenant(), {})
        return insight_pb.BatchGetProfileSummariesResponse(
            profiles=[
                insight_pb.ProfileSummary(
                    profile_id=number,
                    traits=[insight_pb.Trait(name="name", value_json=json.dumps(traits[number]))]
                    if number in traits
                    else [],
                )
                for number in request.profile_ids
            ],
            watermark=insight_pb.Watermark(position=7),
        )

    async def ListProfileEvents(self, request: Any, context: Any) -> Any:
        events = self._people.events.get(tenant(), [])
        if not (request.page_token or "0").isdigit():
            raise PageTokenNotValid("This page token is not one of ours.")
        start = int(request.page_token or 0)
        end = start + request.page_size
        return insight_pb.ListProfileEventsResponse(
            events=events[start:end], next_page_token=str(end) if end < len(events) else ""
        )

    async def SearchTraits(self, request: Any, context: Any) -> Any:
        traits = self._people.traits.get(tenant(), {})
        found = [number for number, text in traits.items() if request.text.lower() in text.lower()]
        return insight_pb.SearchTraitsResponse(profile_ids=found)

    async def GetOverview(self, request: Any, context: Any) -> Any:
        day = insight_pb.OverviewDay(on=request.from_on or "2026-11-22", visitors=3, revenue="12.50")
        return insight_pb.GetOverviewResponse(days=[day], total=day, currency="TWD", time_zone="Asia/Taipei")

    async def PutTenant(self, request: Any, context: Any) -> Any:
        self._people.settings[tenant()] = request
        return insight_pb.PutTenantResponse()


@dataclass
class Gateway:
    """A running gateway and what stands behind it."""

    url: str
    settings: Settings
    people: People
    engines: Any
    letters: Letters

    def client(self, key: str = "", **more: Any) -> httpx.AsyncClient:
        # Each client has an address of its own: what one test tries slows no other one down.
        headers = {"x-forwarded-for": f"100.64.{secrets.randbelow(256)}.{secrets.randbelow(256)}"}
        headers |= {"authorization": f"Bearer {key}"} if key else {}
        # Long: a busy machine is slow, and no test is about that.
        more = {"timeout": 30} | more | {"headers": headers | more.get("headers", {})}
        return httpx.AsyncClient(base_url=self.url, **more)

    async def make_tenant(self, name: str = "shop", **more: Any) -> "Shop":
        async with self.client(OPERATOR_KEY) as client:
            made = await client.post(
                "/v1/operator/tenants",
                json={"name": name, **more},
                headers={"idempotency-key": str(uuid.uuid4())},
            )
        assert made.status_code == 201, made.text
        facts = made.json()
        return Shop(self, facts["id"], facts["write_key"], facts["secret_key"])

    async def add_teammate(self, tenant_id: str, email: str, password: str, role: str = "owner") -> None:
        async with self.client(OPERATOR_KEY) as client:
            added = await client.post(
                f"/v1/operator/tenants/{tenant_id}/teammates",
                json={"email": email, "password": password, "role": role, "name": "Lin"},
            )
        assert added.status_code == 201, added.text


@dataclass
class Shop:
    """A tenant and its keys."""

    gateway: Gateway
    id: str
    write_key: str
    secret_key: str

    def client(self, **more: Any) -> httpx.AsyncClient:
        return self.gateway.client(self.secret_key, **more)

    async def send(self, *events: dict[str, Any], key: str = "") -> None:
        async with self.gateway.client(key or self.write_key) as client:
            sent = await client.post("/v1/batch", json={"batch": list(events)})
        assert sent.status_code == 200, sent.text


@asynccontextmanager
async def running_gateway(engines: Any, **more: Any) -> AsyncIterator[Gateway]:
    """A gateway that is left as by SIGTERM."""
    people = People()
    # `signing` is a key pair that others trust too.
    private, public = more.pop("signing", None) or new_signing_key()
    trusted = {"gateway": public}
    identity = serve(
        "127.0.0.1:0", [IdentityApi(people)], TokenVerifier("identity", trusted), drain_seconds=1
    )
    insight = serve("127.0.0.1:0", [InsightApi(people)], TokenVerifier("insight", trusted), drain_seconds=1)
    async with contextlib.AsyncExitStack() as stack:
        files = stack.enter_context(tempfile.TemporaryDirectory(prefix="nexus-files-"))
        identity_port, insight_port = (
            await stack.enter_async_context(identity),
            await stack.enter_async_context(insight),
        )
        letters = await stack.enter_async_context(running_smtp_server())
        port = free_port()
        settings = Settings(
            **{
                "listen": f"127.0.0.1:{port}",
                "public_url": f"http://localhost:{port}",
                "admin_listen": "127.0.0.1:0",
                "database_url": engines.postgres_url("gateway"),
                "bus_url": engines.bus_url("gateway"),
                "signing_key": private,
                "trusted_keys": {},
                "operator_key": OPERATOR_KEY,
                "encryption_key": ENCRYPTION_KEY,
                "trusted_proxies": "127.0.0.1",
                "smtp_url": letters.url,
                "identity_address": f"127.0.0.1:{identity_port}",
                "insight_address": f"127.0.0.1:{insight_port}",
                "recommender_address": f"127.0.0.1:{free_port()}",
                "campaign_address": f"127.0.0.1:{free_port()}",
                "files_url": Path(files).as_uri(),
                "accepted_max_bytes": 64 * 1024**2,
                "rejected_max_bytes": 64 * 1024**2,
                **more,
            }
        )
        with pytest.MonkeyPatch.context() as patch:
            # Its job processes read their settings from the environment.
            for name, value in environment(settings).items():
                patch.setenv(name, value)
            async with service(settings):
                host, port = host_and_port(settings.listen)
                yield Gateway(f"http://{host}:{port}", settings, people, engines, letters)


def environment(settings: Settings) -> dict[str, str]:
    """The same settings for a child process."""
    told = {}
    for name, value in settings:
        plain = value.get_secret_value() if isinstance(value, SecretStr) else value
        if plain is not None:
            told[f"GATEWAY_{name.upper()}"] = json.dumps(plain) if isinstance(plain, dict) else str(plain)
    return told


@pytest.fixture(scope="session")
async def gateway(engines: Any) -> AsyncIterator[Gateway]:
    """Shared by all tests: make a tenant of your own."""
    async with running_gateway(engines) as running:
        yield running


@pytest.fixture
async def shop(gateway: Gateway) -> Shop:
    """A new tenant."""
    return await gateway.make_tenant()


def a_profile(number: int, user_id: str) -> identity_pb.Profile:
    """A member with one identifier."""
    identifier = identity_pb.Identifier(nid=number, kind=events_pb2.IDENTIFIER_KIND_USER_ID, value=user_id)
    return identity_pb.Profile(profile_id=number, member=True, identifiers=[identifier])


# Sent as an import by `shop_of_members`.
_MEMBERS = "會員編號,電子郵件,手機\nm1,amy@x.example,0912345678\nm2,ben@x.example,\nm3,,0933000111\n"


@dataclass(frozen=True)
class Backstage:
    """Where a real identity and a real insight answer whoever signs with PRIVATE."""

    identity: str
    insight: str

    @property
    def settings(self) -> dict[str, Any]:
        """Of a gateway in front of them. It needs a database of its own, for it would else have duties of
        tenants whom others serve.
        """
        return {
            "signing": (PRIVATE, PUBLIC),
            "identity_address": self.identity,
            "insight_address": self.insight,
        }


# Not longer: they would work off the events of every other module, hundreds of thousands in some.
@pytest.fixture(scope="module")
async def backstage(engines: Any) -> AsyncIterator[Backstage]:
    """Shared, for they take longer to start than most tests to run; tidy as soon as there is something."""
    soon = {"CLEAN_AFTER_SECONDS": "0.5"}
    async with (
        running(engines, "identity", **soon) as identity,
        running(engines, "insight", **soon) as insight,
    ):
        for process in (identity, insight):
            async with grpc.aio.insecure_channel(process.address) as channel:
                await asyncio.wait_for(channel.channel_ready(), PATIENCE_SECONDS)
        yield Backstage(identity.address, insight.address)


# Of a module: while it runs, job processes take their settings from its environment.
@pytest.fixture(scope="module")
async def shop_of_members(engines: Any, backstage: Backstage) -> AsyncIterator[Shop]:
    """With three members, and identity and insight behind it."""
    url = engines.postgres_url("gateway_lists", of="gateway")
    async with running_gateway(engines, database_url=url, **backstage.settings) as gateway:
        shop = await gateway.make_tenant()
        async with shop.client(timeout=60) as client:
            made = await client.post("/v1/imports", json={"kind": "members", "file_name": "members.csv"})
            path = f"/v1/imports/{made.json()['id']}"
            await client.put(f"{path}/file", content=_MEMBERS.encode())
            while (facts := (await client.get(path)).json())["state"] != "ready":
                await asyncio.sleep(0.05)
            await client.put(f"{path}/mapping", json=facts["suggested"])
            await client.post(f"{path}/start", json={})
            deadline = time.monotonic() + PATIENCE_SECONDS
            while len((await client.get("/v1/profiles")).json()["profiles"]) < 3:
                assert time.monotonic() < deadline
                await asyncio.sleep(0.1)
        yield shop


@asynccontextmanager
async def bare_client(url: str) -> AsyncIterator[Any]:
    """Publishes without storing: the stream belongs to identity, which does not run here."""
    client = await nats.connect(url, inbox_prefix=b"_INBOX_identity")
    yield client
    await client.close()
