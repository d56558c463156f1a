"""Asks insight for lists of people, and changes them."""

from contracts.insight.v1 import lists_service_pb2 as pb
from contracts.insight.v1.lists_service_pb2_grpc import ListsServiceStub

from chassis.rpc import RpcClient
from services.gateway.remote import Remote

# Counting everybody of a large tenant may take longer than a person's patience with a form.
_COUNT_SECONDS = 25.0


class PeopleLists(Remote):
    """Lists of people that tenants upload."""

    def __init__(self, client: RpcClient) -> None:
        super().__init__(client, "insight")
        self._stub = ListsServiceStub(client.channel)

    async def create_list(self, tenant_id: str, request: pb.CreateListRequest) -> pb.PeopleList:
        return (await self._ask(self._stub.CreateList, request, tenant_id)).list

    async def get_list(self, tenant_id: str, list_id: str, *, counted: bool = True) -> pb.GetListResponse:
        request = pb.GetListRequest(list_id=list_id, uncounted=not counted)
        return await self._ask(self._stub.GetList, request, tenant_id, _COUNT_SECONDS)

    async def list_lists(self, tenant_id: str, request: pb.ListListsRequest) -> pb.ListListsResponse:
        return await self._ask(self._stub.ListLists, request, tenant_id)

    async def delete_list(self, tenant_id: str, list_id: str) -> None:
        await self._ask(self._stub.DeleteList, pb.DeleteListRequest(list_id=list_id), tenant_id)

    async def change_list_members(
        self, tenant_id: str, request: pb.ChangeListMembersRequest
    ) -> pb.PeopleList:
        return (await self._ask(self._stub.ChangeListMembers, request, tenant_id)).list

    async def restore_list(self, tenant_id: str, request: pb.RestoreListRequest) -> pb.PeopleList:
        return (await self._ask(self._stub.RestoreList, request, tenant_id)).list

    async def list_list_members(
        self, tenant_id: str, request: pb.ListListMembersRequest
    ) -> pb.ListListMembersResponse:
        return await self._ask(self._stub.ListListMembers, request, tenant_id, _COUNT_SECONDS)
