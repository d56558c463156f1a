"""Asking insight for reports on products and searches."""

from contracts.insight.v1 import product_reports_service_pb2 as pb
from contracts.insight.v1.product_reports_service_pb2_grpc import ProductReportsServiceStub

from chassis.rpc import RpcClient
from services.gateway.remote import Remote

# The first report of a large tenant reads all its products once.
_ANSWER_SECONDS = 25.0


class ReportsOnProducts(Remote):
    """What people viewed, left in carts and searched for."""

    def __init__(self, client: RpcClient) -> None:
        super().__init__(client, "insight")
        self._stub = ProductReportsServiceStub(client.channel)

    async def viewed(self, tenant_id: str, query: pb.ProductQuery) -> pb.ListViewedNotBoughtResponse:
        request = pb.ListViewedNotBoughtRequest(query=query)
        return await self._ask(self._stub.ListViewedNotBought, request, tenant_id, _ANSWER_SECONDS)

    async def carted(self, tenant_id: str, query: pb.ProductQuery) -> pb.ListAbandonedCartsResponse:
        request = pb.ListAbandonedCartsRequest(query=query)
        return await self._ask(self._stub.ListAbandonedCarts, request, tenant_id, _ANSWER_SECONDS)

    async def searches(self, tenant_id: str, request: pb.ListSearchesRequest) -> pb.ListSearchesResponse:
        return await self._ask(self._stub.ListSearches, request, tenant_id, _ANSWER_SECONDS)
