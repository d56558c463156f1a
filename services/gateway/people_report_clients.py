"""Asking insight for reports on people, and for what advertising cost."""

from contracts.insight.v1 import people_reports_service_pb2 as pb
from contracts.insight.v1.people_reports_service_pb2_grpc import PeopleReportsServiceStub

from chassis.rpc import RpcClient
from services.gateway.remote import Remote

# Counting cohorts of a large tenant may take longer than a person's patience with a form.
_COUNT_SECONDS = 55.0


class PeopleReports(Remote):
    """Funnel, retention, sources and their costs."""

    def __init__(self, client: RpcClient) -> None:
        super().__init__(client, "insight")
        self._stub = PeopleReportsServiceStub(client.channel)

    async def funnel(self, tenant_id: str, request: pb.GetFunnelRequest) -> pb.GetFunnelResponse:
        return await self._ask(self._stub.GetFunnel, request, tenant_id, _COUNT_SECONDS)

    async def retention(self, tenant_id: str, request: pb.GetRetentionRequest) -> pb.GetRetentionResponse:
        return await self._ask(self._stub.GetRetention, request, tenant_id, _COUNT_SECONDS)

    async def sources(
        self, tenant_id: str, request: pb.ListTrafficSourcesRequest
    ) -> pb.ListTrafficSourcesResponse:
        return await self._ask(self._stub.ListTrafficSources, request, tenant_id, _COUNT_SECONDS)

    async def replace_costs(
        self, tenant_id: str, request: pb.ReplaceAdCostsRequest
    ) -> pb.ReplaceAdCostsResponse:
        return await self._ask(self._stub.ReplaceAdCosts, request, tenant_id)

    async def costs(self, tenant_id: str, request: pb.ListAdCostsRequest) -> pb.ListAdCostsResponse:
        return await self._ask(self._stub.ListAdCosts, request, tenant_id)

    async def delete_costs(
        self, tenant_id: str, request: pb.DeleteAdCostsRequest
    ) -> pb.DeleteAdCostsResponse:
        return await self._ask(self._stub.DeleteAdCosts, request, tenant_id)
