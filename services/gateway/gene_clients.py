"""Asking insight for genes, previews and reasons."""

from contracts.insight.v1 import genes_service_pb2 as pb
from contracts.insight.v1.genes_service_pb2_grpc import GenesServiceStub

from chassis.rpc import RpcClient
from services.gateway.remote import Remote

# Whoever drags a threshold waits; a large tenant's first answer may take longer than a form's.
_ANSWER_SECONDS = 25.0


class Genes(Remote):
    """The catalogue, values of genes, and trees that nobody saved."""

    def __init__(self, client: RpcClient) -> None:
        super().__init__(client, "insight")
        self._stub = GenesServiceStub(client.channel)

    async def catalogue(self, tenant_id: str) -> pb.ListGenesResponse:
        return await self._ask(self._stub.ListGenes, pb.ListGenesRequest(), tenant_id)

    async def distribution(
        self, tenant_id: str, request: pb.GetGeneDistributionRequest
    ) -> pb.GetGeneDistributionResponse:
        return await self._ask(self._stub.GetGeneDistribution, request, tenant_id, _ANSWER_SECONDS)

    async def of_profile(
        self, tenant_id: str, request: pb.GetProfileGenesRequest
    ) -> pb.GetProfileGenesResponse:
        return await self._ask(self._stub.GetProfileGenes, request, tenant_id, _ANSWER_SECONDS)

    async def yardstick(self, tenant_id: str, request: pb.GetYardstickRequest) -> pb.GetYardstickResponse:
        return await self._ask(self._stub.GetYardstick, request, tenant_id, _ANSWER_SECONDS)

    async def refresh_yardsticks(self, tenant_id: str) -> pb.RefreshYardsticksResponse:
        return await self._ask(self._stub.RefreshYardsticks, pb.RefreshYardsticksRequest(), tenant_id)

    async def audits(self, tenant_id: str, request: pb.ListAuditsRequest) -> pb.ListAuditsResponse:
        return await self._ask(self._stub.ListAudits, request, tenant_id)

    async def preview(self, tenant_id: str, request: pb.PreviewSegmentRequest) -> pb.PreviewSegmentResponse:
        return await self._ask(self._stub.PreviewSegment, request, tenant_id, _ANSWER_SECONDS)

    async def explain(
        self, tenant_id: str, request: pb.ExplainMembershipRequest
    ) -> pb.ExplainMembershipResponse:
        return await self._ask(self._stub.ExplainMembership, request, tenant_id, _ANSWER_SECONDS)
