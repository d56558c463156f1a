"""The services the gateway asks."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from contracts.campaign.v1 import campaign_service_pb2 as campaign_pb
from contracts.campaign.v1.campaign_service_pb2_grpc import CampaignServiceStub
from contracts.identity.v1 import identity_service_pb2 as identity_pb
from contracts.identity.v1.identity_service_pb2_grpc import IdentityServiceStub
from contracts.insight.v1 import insight_service_pb2 as insight_pb
from contracts.insight.v1.insight_service_pb2_grpc import InsightServiceStub
from contracts.recommender.v1 import recommender_service_pb2 as recommender_pb
from contracts.recommender.v1.recommender_service_pb2_grpc import RecommenderServiceStub
from grpc import StatusCode

from chassis.errors import RemoteError
from chassis.rpc import RpcClient, rpc_client
from chassis.tenancy import TokenSigner
from services.gateway.attribute_clients import PeopleAttributes
from services.gateway.event_source_clients import EventSources
from services.gateway.external_clients import BroughtGenes, CustomerStates, NamedGoals
from services.gateway.gene_clients import Genes
from services.gateway.list_clients import PeopleLists
from services.gateway.overlap_clients import SetsOfPeople
from services.gateway.people_report_clients import PeopleReports
from services.gateway.product_report_clients import ReportsOnProducts
from services.gateway.remote import Remote
from services.gateway.segment_clients import SavedSegments
from services.gateway.settings import Settings

# Trying other rules judges as much as it can in 20 seconds.
_PREVIEW_SECONDS = 25.0
# Names beside numbers.
_NAMES_SECONDS = 2.0


class Identity(Remote):
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

    async def look_up_identifiers(
        self, tenant_id: str, request: identity_pb.LookUpIdentifiersRequest
    ) -> identity_pb.LookUpIdentifiersResponse:
        return await self._ask(self._stub.LookUpIdentifiers, request, tenant_id)

    async def count_profiles(self, tenant_id: str) -> int:
        request = identity_pb.CountProfilesRequest()
        return int((await self._ask(self._stub.CountProfiles, request, tenant_id)).profiles)

    async def list_consent_statements(
        self, tenant_id: str, request: identity_pb.ListConsentStatementsRequest
    ) -> identity_pb.ListConsentStatementsResponse:
        return await self._ask(self._stub.ListConsentStatements, request, tenant_id)

    async def get_consents(self, tenant_id: str, profile_id: int) -> identity_pb.GetConsentsResponse:
        request = identity_pb.GetConsentsRequest(profile_id=profile_id)
        return await self._ask(self._stub.GetConsents, request, tenant_id)

    async def put_consents(
        self, tenant_id: str, request: identity_pb.PutConsentsRequest
    ) -> identity_pb.PutConsentsResponse:
        return await self._ask(self._stub.PutConsents, request, tenant_id)

    async def suppress(
        self, tenant_id: str, request: identity_pb.SuppressRequest
    ) -> identity_pb.SuppressResponse:
        return await self._ask(self._stub.Suppress, request, tenant_id)

    async def unsuppress(
        self, tenant_id: str, request: identity_pb.UnsuppressRequest
    ) -> identity_pb.UnsuppressResponse:
        return await self._ask(self._stub.Unsuppress, request, tenant_id)

    async def list_suppressions(
        self, tenant_id: str, request: identity_pb.ListSuppressionsRequest
    ) -> identity_pb.ListSuppressionsResponse:
        return await self._ask(self._stub.ListSuppressions, request, tenant_id)

    async def list_ledger(
        self, tenant_id: str, request: identity_pb.ListLedgerRequest
    ) -> identity_pb.ListLedgerResponse:
        return await self._ask(self._stub.ListLedger, request, tenant_id)

    async def list_links(
        self, tenant_id: str, request: identity_pb.ListLinksRequest
    ) -> identity_pb.ListLinksResponse:
        return await self._ask(self._stub.ListLinks, request, tenant_id)

    async def link(self, tenant_id: str, request: identity_pb.LinkRequest) -> identity_pb.LinkResponse:
        return await self._ask(self._stub.Link, request, tenant_id)

    async def unlink(self, tenant_id: str, request: identity_pb.UnlinkRequest) -> identity_pb.UnlinkResponse:
        return await self._ask(self._stub.Unlink, request, tenant_id)

    async def restore_links(
        self, tenant_id: str, request: identity_pb.RestoreLinksRequest
    ) -> identity_pb.RestoreLinksResponse:
        return await self._ask(self._stub.RestoreLinks, request, tenant_id)

    async def get_rules(self, tenant_id: str) -> identity_pb.GetRulesResponse:
        return await self._ask(self._stub.GetRules, identity_pb.GetRulesRequest(), tenant_id)

    async def preview_rules(
        self, tenant_id: str, rules: identity_pb.Rules
    ) -> identity_pb.PreviewRulesResponse:
        request = identity_pb.PreviewRulesRequest(rules=rules)
        return await self._ask(self._stub.PreviewRules, request, tenant_id, _PREVIEW_SECONDS)

    async def put_rules(
        self, tenant_id: str, request: identity_pb.PutRulesRequest
    ) -> identity_pb.PutRulesResponse:
        return await self._ask(self._stub.PutRules, request, tenant_id)

    async def erase(self, tenant_id: str, request: identity_pb.EraseRequest) -> identity_pb.Erasure:
        return (await self._ask(self._stub.Erase, request, tenant_id)).erasure

    async def get_erasure(self, tenant_id: str, erasure_id: str) -> identity_pb.Erasure | None:
        """None for one that identity has not heard of."""
        request = identity_pb.GetErasureRequest(erasure_id=erasure_id)
        try:
            return (await self._ask(self._stub.GetErasure, request, tenant_id)).erasure
        except RemoteError as error:
            if error.status is StatusCode.NOT_FOUND:
                return None
            raise

    async def list_erasures(
        self, tenant_id: str, request: identity_pb.ListErasuresRequest
    ) -> identity_pb.ListErasuresResponse:
        return await self._ask(self._stub.ListErasures, request, tenant_id)

    async def forget_tenant(self, tenant_id: str, deletion_id: str) -> bool:
        """Whether nothing is left of the tenant there."""
        request = identity_pb.ForgetTenantRequest(deletion_id=deletion_id)
        return bool((await self._ask(self._stub.ForgetTenant, request, tenant_id)).done)

    async def get_intake(self, tenant_id: str) -> identity_pb.GetIntakeResponse:
        return await self._ask(self._stub.GetIntake, identity_pb.GetIntakeRequest(), tenant_id)


class Insight(Remote):
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

    async def put_tenant(
        self,
        tenant_id: str,
        time_zone: str,
        currency: str,
        retention: insight_pb.Retention | None = None,
        genes: insight_pb.GeneRules | None = None,
    ) -> None:
        """Without a retention or rules of genes what was said of them before stays."""
        request = insight_pb.PutTenantRequest(
            time_zone=time_zone, currency=currency, retention=retention, genes=genes
        )
        await self._ask(self._stub.PutTenant, request, tenant_id)

    async def get_erasure(self, tenant_id: str, erasure_id: str) -> insight_pb.GetErasureResponse:
        request = insight_pb.GetErasureRequest(erasure_id=erasure_id)
        return await self._ask(self._stub.GetErasure, request, tenant_id)

    async def get_position(self, tenant_id: str) -> int:
        """Up to where it has followed identity's stream."""
        request = insight_pb.GetWatermarkRequest()
        return int((await self._ask(self._stub.GetWatermark, request, tenant_id)).watermark.position)

    async def get_deletion(self, tenant_id: str) -> bool:
        """Whether nothing is left of the tenant there."""
        request = insight_pb.GetDeletionRequest()
        return bool((await self._ask(self._stub.GetDeletion, request, tenant_id)).done)


class Recommender(Remote):
    """What is offered to people, and the products it is chosen from."""

    def __init__(self, client: RpcClient) -> None:
        super().__init__(client, "recommender")
        self._stub = RecommenderServiceStub(client.channel)

    async def get_position(self, tenant_id: str) -> int:
        """Up to where it has followed identity's stream."""
        request = recommender_pb.GetWatermarkRequest()
        return int((await self._ask(self._stub.GetWatermark, request, tenant_id)).position)

    async def put_products(
        self, tenant_id: str, request: recommender_pb.PutProductsRequest
    ) -> recommender_pb.PutProductsResponse:
        return await self._ask(self._stub.PutProducts, request, tenant_id)

    async def list_products(
        self, tenant_id: str, request: recommender_pb.ListProductsRequest
    ) -> recommender_pb.ListProductsResponse:
        return await self._ask(self._stub.ListProducts, request, tenant_id)

    async def get_products(
        self, tenant_id: str, product_ids: Sequence[str]
    ) -> dict[str, recommender_pb.Product]:
        """By id; those that are not known are left out. Whoever asks can do without, so it waits briefly."""
        request = recommender_pb.BatchGetProductsRequest(product_ids=product_ids)
        answer = await self._ask(self._stub.BatchGetProducts, request, tenant_id, _NAMES_SECONDS)
        return {product.product_id: product for product in answer.products}


class Campaign(Remote):
    """What is sent to people."""

    def __init__(self, client: RpcClient) -> None:
        super().__init__(client, "campaign")
        self._stub = CampaignServiceStub(client.channel)

    async def get_position(self, tenant_id: str) -> int:
        """Up to where it has followed identity's stream."""
        request = campaign_pb.GetWatermarkRequest()
        return int((await self._ask(self._stub.GetWatermark, request, tenant_id)).position)


@dataclass(frozen=True, slots=True)
class Clients:
    identity: Identity
    insight: Insight
    attributes: PeopleAttributes
    lists: PeopleLists
    segments: SavedSegments
    genes: Genes
    goals: NamedGoals
    external_genes: BroughtGenes
    states: CustomerStates
    event_sources: EventSources
    overlaps: SetsOfPeople
    product_reports: ReportsOnProducts
    people_reports: PeopleReports
    recommender: Recommender
    campaign: Campaign


@asynccontextmanager
async def connect_clients(settings: Settings) -> AsyncIterator[Clients]:
    """Clients of services that may not be up yet: calls wait for them, within their deadline."""
    signer = TokenSigner("gateway", settings.signing_key.get_secret_value())
    async with (
        rpc_client(settings.identity_address, "identity", signer) as identity,
        rpc_client(settings.insight_address, "insight", signer) as insight,
        rpc_client(settings.recommender_address, "recommender", signer) as recommender,
        rpc_client(settings.campaign_address, "campaign", signer) as campaign,
    ):
        yield Clients(
            Identity(identity),
            Insight(insight),
            PeopleAttributes(insight),
            PeopleLists(insight),
            SavedSegments(insight),
            Genes(insight),
            NamedGoals(insight),
            BroughtGenes(insight),
            CustomerStates(insight),
            EventSources(insight),
            SetsOfPeople(insight),
            ReportsOnProducts(insight),
            PeopleReports(insight),
            Recommender(recommender),
            Campaign(campaign),
        )
