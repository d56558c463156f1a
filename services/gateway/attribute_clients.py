"""Asks insight for attributes of people."""

from contracts.insight.v1 import attributes_service_pb2 as pb
from contracts.insight.v1.attributes_service_pb2_grpc import AttributesServiceStub

from chassis.rpc import RpcClient
from services.gateway.remote import Remote

# All traits of a tenant are read, and all its people counted.
_COUNT_SECONDS = 25.0


class PeopleAttributes(Remote):
    """Traits as typed attributes of people."""

    def __init__(self, client: RpcClient) -> None:
        super().__init__(client, "insight")
        self._stub = AttributesServiceStub(client.channel)

    async def list_attributes(self, tenant_id: str) -> pb.ListAttributesResponse:
        request = pb.ListAttributesRequest()
        return await self._ask(self._stub.ListAttributes, request, tenant_id, _COUNT_SECONDS)

    async def put_attribute_type(self, tenant_id: str, request: pb.PutAttributeTypeRequest) -> None:
        await self._ask(self._stub.PutAttributeType, request, tenant_id)
