"""Asking insight what arrives from where."""

from contracts.insight.v1 import event_sources_service_pb2 as pb
from contracts.insight.v1.event_sources_service_pb2_grpc import EventSourcesServiceStub

from chassis.rpc import RpcClient
from services.gateway.remote import Remote

# Weeks of a large tenant's receipts.
_ANSWER_SECONDS = 25.0


class EventSources(Remote):
    """Keys that send events."""

    def __init__(self, client: RpcClient) -> None:
        super().__init__(client, "insight")
        self._stub = EventSourcesServiceStub(client.channel)

    async def every(self, tenant_id: str) -> pb.ListEventSourcesResponse:
        request = pb.ListEventSourcesRequest()
        return await self._ask(self._stub.ListEventSources, request, tenant_id, _ANSWER_SECONDS)
