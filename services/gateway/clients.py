"""The services the gateway asks; one that is away becomes a 503 the caller can wait for."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from contracts.identity.v1 import identity_service_pb2 as identity_pb
from contracts.identity.v1.identity_service_pb2_grpc import IdentityServiceStub
from contracts.insight.v1 import insight_service_pb2 as insight_pb
from contracts.insight.v1.insight_service_pb2_grpc import InsightServiceStub
from grpc import StatusCode

from chassis.errors import RemoteError
from chassis.rpc import RpcClient, rpc_client
from chassis.tenancy import TokenSigner
from services.gateway.errors import CursorNotValid, ServiceAway

log = logging.getLogger(__name__)

Reply = TypeVar("Reply")

_AWAY = (StatusCode.UNAVAILABLE, StatusCode.DEADLINE_EXCEEDED, StatusCode.CANCELLED)
# What they refuse so is the gateway itself, whoever asked.
_REFUSED_US = (StatusCode.UNAUTHENTICATED, StatusCode.PERMISSION_DENIED)
# A caller sees page tokens inside cursors only.
_NO_PAGE_TOKEN = ("INVALID_PAGE_TOKEN", "PAGE_TOKEN_NOT_VALID")
# A person waits for the answer; a service that restarts is back sooner.
_TIMEOUT_SECONDS = 8.0


class _Remote:
    def __init__(self, client: RpcClient, name: str) -> None:
        self._client = client
        self._name = name

    async def _ask(self, method: Callable[..., Awaitable[Reply]], request: object, tenant_id: str) -> Reply:
        try:
            return await self._client.call(
                method, request, tenant_id=tenant_id, timeout_seconds=_TIMEOUT_SECONDS
            )
        except RemoteError as error:
            if error.status in _AWAY:
                raise ServiceAway(
                    f"{self._name} does not answer at the moment.", service=self._name
                ) from error
            if error.status in _REFUSED_US:
                log.error("remote_refused_us", extra={"remote": self._name, "reason": error.reason})
                raise ServiceAway("Something went wrong on our side.", service=self._name) from error
            if error.reason in _NO_PAGE_TOKEN:
                raise CursorNotValid("The cursor belongs to another list.") from error
            raise


class Identity(_Remote):
    """Who is who."""

    def __init__(self, client: RpcClient) -> None:
        super().__init__(client, "identity")
        self._stub = IdentityServiceStub(client.channel)

    async def get_profile(self, tenant_id: str, profile_id: int) -> identity_pb.GetProfileResponse | None:
        """None when no profile has that id or nid."""
        request = identity_pb.GetProfileRequest(profile_id=profile_id)
        try:
            return await self._ask(self._stub.GetProfile, request, tenant_id)
        except RemoteError as error:
            if error.status is StatusCode.NOT_FOUND:
                return None
            raise

    async def get_profiles(
        self, tenant_id: str, profile_ids: Sequence[int]
    ) -> list[identity_pb.GetProfileResponse]:
        """Those that exist, in the order asked for."""
        found = await asyncio.gather(*(self.get_profile(tenant_id, number) for number in profile_ids))
        return [profile for profile in found if profile is not None]

    async def search_profiles(
        self, tenant_id: str, request: identity_pb.SearchProfilesRequest
    ) -> identity_pb.SearchProfilesResponse:
        return await self._ask(self._stub.SearchProfiles, request, tenant_id)

    async def count_profiles(self, tenant_id: str) -> int:
        request = identity_pb.CountProfilesRequest()
        return int((await self._ask(self._stub.CountProfiles, request, tenant_id)).profiles)

    async def get_intake(self, tenant_id: str) -> identity_pb.GetIntakeResponse:
        return await self._ask(self._stub.GetIntake, identity_pb.GetIntakeRequest(), tenant_id)


class Insight(_Remote):
    """What people did."""

    def __init__(self, client: RpcClient) -> None:
        super().__init__(client, "insight")
        self._stub = InsightServiceStub(client.channel)

    async def get_summaries(
        self, tenant_id: str, profile_ids: Sequence[int]
    ) -> insight_pb.BatchGetProfileSummariesResponse:
        request = insight_pb.BatchGetProfileSummariesRequest(profile_ids=profile_ids)
        return await self._ask(self._stub.BatchGetProfileSummaries, request, tenant_id)

    async def list_events(
        self, tenant_id: str, request: insight_pb.ListProfileEventsRequest
    ) -> insight_pb.ListProfileEventsResponse:
        return await self._ask(self._stub.ListProfileEvents, request, tenant_id)

    async def search_traits(
        self, tenant_id: str, request: insight_pb.SearchTraitsRequest
    ) -> insight_pb.SearchTraitsResponse:
        return await self._ask(self._stub.SearchTraits, request, tenant_id)

    async def get_overview(self, tenant_id: str, from_on: str, to_on: str) -> insight_pb.GetOverviewResponse:
        request = insight_pb.GetOverviewRequest(from_on=from_on, to_on=to_on)
        return await self._ask(self._stub.GetOverview, request, tenant_id)

    async def put_tenant(self, tenant_id: str, time_zone: str, currency: str) -> None:
        request = insight_pb.PutTenantRequest(time_zone=time_zone, currency=currency)
        await self._ask(self._stub.PutTenant, request, tenant_id)


@dataclass(frozen=True, slots=True)
class Clients:
    identity: Identity
    insight: Insight


@asynccontextmanager
async def connect_clients(
    identity_address: str, insight_address: str, signer: TokenSigner
) -> AsyncIterator[Clients]:
    """Clients of services that may not be up yet: calls wait for them, within their deadline."""
    async with (
        rpc_client(identity_address, "identity", signer) as identity,
        rpc_client(insight_address, "insight", signer) as insight,
    ):
        yield Clients(Identity(identity), Insight(insight))
