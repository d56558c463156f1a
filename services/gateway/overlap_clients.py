"""Asking insight how sets of people overlap."""

from contracts.insight.v1 import overlaps_service_pb2 as pb
from contracts.insight.v1.overlaps_service_pb2_grpc import OverlapsServiceStub

from chassis.rpc import RpcClient
from services.gateway.remote import Remote

# Eight sets of a large tenant that nobody has asked for yet.
_ANSWER_SECONDS = 25.0


class SetsOfPeople(Remote):
    """How they overlap."""

    def __init__(self, client: RpcClient) -> None:
        super().__init__(client, "insight")
        self._stub = OverlapsServiceStub(client.channel)

    async def overlap(self, tenant_id: str, request: pb.GetOverlapRequest) -> pb.GetOverlapResponse:
        return await self._ask(self._stub.GetOverlap, request, tenant_id, _ANSWER_SECONDS)
