"""Uploaded lists through their own door: parts, modes, versions, people, erasure."""

import asyncio
import uuid
from typing import Any

import pytest
import sqlalchemy as sa
from contracts.identity.v1 import events_pb2 as identity_events
from contracts.insight.v1 import lists_service_pb2 as pb
from contracts.insight.v1 import lists_service_pb2_grpc as pb_grpc
from pyroaring import BitMap

from chassis.database import open_engine, open_transaction
from chassis.errors import ExpectedError
from tests.service.insight.installation import ERASED, FORGOTTEN, USER_ID, Installation, Sent, Shop

APPEND, REPLACE, REMOVE = pb.LIST_MODE_APPEND, pb.LIST_MODE_REPLACE, pb.LIST_MODE_REMOVE


class ListsOf:
    """The lists of one shop."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.stub = pb_grpc.ListsServiceStub(shop.client.rpc.channel)

    async def ask(self, name: str, request: Any) -> Any:
        return await self.shop.client.rpc.call(
            getattr(self.stub, name), request, tenant_id=self.shop.tenant_id
        )

    async def make(self, name: str = "VIP", list_id: str = "") -> str:
        request = pb.CreateListRequest(list_id=list_id or str(uuid.uuid4()), name=name, owner="chen")
        return str((await self.ask("CreateList", request)).list.list_id)

    async def change(
        self, list_id: str, mode: Any, *parts: list[int], change_id: str = "", unmatched: int = 0
    ) -> Any:
        """All parts, then the commit."""
        change_id = change_id or str(uuid.uuid4())
        said = {"list_id": list_id, "change_id": change_id, "mode": mode, "actor": "chen"}
        for number, nids in enumerate(parts):
            await self.ask("ChangeListMembers", pb.ChangeListMembersRequest(**said, part=number, nids=nids))
        request = pb.ChangeListMembersRequest(**said, commit=True, unmatched=unmatched)
        return (await self.ask("ChangeListMembers", request)).list

    async def load(self, list_id: str) -> Any:
        return await self.ask("GetList", pb.GetListRequest(list_id=list_id))

    async def members(self, list_id: str, size: int = 2) -> list[int]:
        found: list[int] = []
        token = ""
        while True:
            request = pb.ListListMembersRequest(list_id=list_id, page_size=size, page_token=token)
            page = await self.ask("ListListMembers", request)
            found += page.profile_ids
            token = page.next_page_token
            if not token:
                return found

    async def names(self) -> list[str]:
        found: list[str] = []
        token = ""
        while True:
            page = await self.ask("ListLists", pb.ListListsRequest(page_size=2, page_token=token))
            found += [one.name for one in page.lists]
            token = page.next_page_token
            if not token:
                return found


@pytest.fixture
async def lists(shop: Shop) -> ListsOf:
    """Of a shop with 30 people, nids 1 to 30."""
    await shop.counted(await shop.send(*(Sent(nid) for nid in range(1, 31))))
    return ListsOf(shop)


async def erase(shop: Shop, nid: int) -> None:
    erased = identity_events.ProfileErased(erasure_id=str(uuid.uuid4()), profile_id=nid, nids=[nid])
    await shop.counted(await shop.publish(ERASED, erased.SerializeToString()))


async def reason(lists: ListsOf, name: str, request: Any) -> str:
    with pytest.raises(ExpectedError) as refused:
        await lists.ask(name, request)
    return refused.value.reason


async def test_parts_take_effect_together_and_modes_do_what_they_say(lists: ListsOf) -> None:
    list_id = await lists.make()
    staged = pb.ChangeListMembersRequest(
        list_id=list_id, change_id=str(uuid.uuid4()), mode=APPEND, part=0, nids=[9]
    )
    await lists.ask("ChangeListMembers", staged)
    assert await lists.members(list_id) == []
    first = await lists.change(list_id, APPEND, [1, 2], [3], unmatched=4)
    assert (first.version, first.identifiers, first.unmatched, first.restorable) == (1, 3, 4, False)
    assert await lists.members(list_id) == [1, 2, 3]
    await lists.change(list_id, REMOVE, [2, 7])
    assert await lists.members(list_id) == [1, 3]
    replaced = await lists.change(list_id, REPLACE, [5], [6, 5])
    assert (replaced.version, replaced.identifiers, replaced.restorable) == (3, 2, True)
    assert await lists.members(list_id) == [5, 6]


async def test_a_change_that_is_asked_for_again_is_made_once(lists: ListsOf) -> None:
    list_id, change_id = await lists.make(), str(uuid.uuid4())
    await lists.change(list_id, REPLACE, [1, 2], change_id=change_id)
    await lists.change(list_id, APPEND, [3])
    again = await lists.change(list_id, REPLACE, [1, 2], change_id=change_id)
    assert again.version == 2
    assert await lists.members(list_id) == [1, 2, 3]


async def test_the_version_before_comes_back_and_may_go_again(lists: ListsOf) -> None:
    list_id = await lists.make()
    request = pb.RestoreListRequest(list_id=list_id, change_id=str(uuid.uuid4()), actor="chen")
    assert await reason(lists, "RestoreList", request) == "NOTHING_TO_RESTORE"
    await lists.change(list_id, APPEND, [1])
    await lists.change(list_id, REPLACE, [2])
    for _ in range(2):
        restored = (await lists.ask("RestoreList", request)).list
        assert (restored.version, await lists.members(list_id)) == (3, [1])
    request.change_id = str(uuid.uuid4())
    await lists.ask("RestoreList", request)
    assert await lists.members(list_id) == [2]


async def test_people_are_profiles_as_they_are_now(lists: ListsOf) -> None:
    shop = lists.shop
    list_id = await lists.make()
    await lists.change(list_id, APPEND, [11, 12, 13])
    assert (await lists.load(list_id)).people == 3
    await shop.counted(await shop.move((12, USER_ID, 11)))
    found = await lists.load(list_id)
    assert (found.people, found.list.identifiers) == (2, 3)
    assert await lists.members(list_id, 1) == [11, 13]
    await shop.counted(await shop.move((12, USER_ID, 12)))
    assert (await lists.load(list_id)).people == 3


async def test_who_is_erased_is_on_no_list_and_does_not_come_back_with_a_version(lists: ListsOf) -> None:
    shop = lists.shop
    list_id = await lists.make()
    await lists.change(list_id, APPEND, [21, 22])
    await lists.change(list_id, APPEND, [23])
    await erase(shop, 21)
    assert await lists.members(list_id) == [22, 23]
    request = pb.RestoreListRequest(list_id=list_id, change_id=str(uuid.uuid4()), actor="chen")
    restored = (await lists.ask("RestoreList", request)).list
    assert restored.identifiers == 1
    assert (await lists.change(list_id, APPEND, [21])).identifiers == 1
    assert await lists.members(list_id) == [22]


async def test_a_name_belongs_to_one_list_and_making_one_again_answers_the_same(lists: ListsOf) -> None:
    list_id = await lists.make("熟客")
    assert await lists.make("熟客", list_id) == list_id
    taken = pb.CreateListRequest(list_id=str(uuid.uuid4()), name=" 熟客 ")
    assert await reason(lists, "CreateList", taken) == "LIST_NAME_TAKEN"
    for number in range(4):
        await lists.make(f"list {number}")
    assert await lists.names() == ["list 3", "list 2", "list 1", "list 0", "熟客"]
    await lists.ask("DeleteList", pb.DeleteListRequest(list_id=list_id))
    assert await reason(lists, "GetList", pb.GetListRequest(list_id=list_id)) == "LIST_NOT_FOUND"
    assert await lists.make("熟客") != list_id


async def test_what_is_not_valid_is_refused_and_anothers_list_is_nowhere(lists: ListsOf) -> None:
    list_id, change_id = await lists.make(), str(uuid.uuid4())
    for name in ("", " ", "x" * 201, "a\0"):
        request = pb.CreateListRequest(list_id=str(uuid.uuid4()), name=name)
        assert await reason(lists, "CreateList", request) == "LIST_TEXT_NOT_VALID"
    for wrong in ({"mode": 0}, {"nids": [0]}, {"nids": [2**31]}, {"change_id": "x"}):
        said: dict[str, Any] = {"list_id": list_id, "change_id": change_id, "mode": APPEND} | wrong
        request = pb.ChangeListMembersRequest(**said)
        assert await reason(lists, "ChangeListMembers", request) == "LIST_CHANGE_NOT_VALID"
    page = pb.ListListsRequest(page_token="what")
    assert await reason(lists, "ListLists", page) == "PAGE_TOKEN_NOT_VALID"
    neighbour = ListsOf(lists.shop.client.shop())
    for name, request in (
        ("GetList", pb.GetListRequest(list_id=list_id)),
        ("DeleteList", pb.DeleteListRequest(list_id=list_id)),
        ("ListListMembers", pb.ListListMembersRequest(list_id="not an id")),
        ("RestoreList", pb.RestoreListRequest(list_id=list_id, change_id=change_id)),
        (
            "ChangeListMembers",
            pb.ChangeListMembersRequest(list_id=list_id, change_id=change_id, mode=APPEND, nids=[1]),
        ),
    ):
        assert await reason(neighbour, name, request) == "LIST_NOT_FOUND"
    assert await neighbour.names() == []
    assert await neighbour.make("VIP", list_id) == list_id
    assert (await lists.load(list_id)).list.owner == "chen"


async def test_what_is_stored_loses_the_erased_and_a_forgotten_tenant_keeps_nothing() -> None:
    installation = Installation()
    try:
        await installation.start(clean_after_seconds=0.5)
        async with (
            installation.serving(),
            installation.client() as client,
            open_engine(installation.engines.postgres_url("insight")) as engine,
        ):
            lists = ListsOf(client.shop())
            shop = lists.shop
            list_id = await lists.make()
            await lists.change(list_id, APPEND, [1, 2])
            await lists.change(list_id, APPEND, [3])
            staged = pb.ChangeListMembersRequest(
                list_id=list_id, change_id=str(uuid.uuid4()), mode=APPEND, nids=[1, 4]
            )
            await lists.ask("ChangeListMembers", staged)
            await erase(shop, 1)

            async def stored(statement: str) -> list[list[int]]:
                async with open_transaction(engine, shop.tenant_id) as connection:
                    rows = (await connection.execute(sa.text(statement))).scalars()
                    return [list(BitMap.deserialize(nids)) for nids in rows]

            versions = "select nids from list_versions order by version"
            while await stored(versions) != [[2], [2, 3]]:
                await asyncio.sleep(0.1)
            assert await stored("select nids from list_parts") == [[4]]
            assert (await lists.load(list_id)).list.identifiers == 2
            forgotten = identity_events.TenantForgotten(deletion_id=str(uuid.uuid4()))
            await shop.publish(FORGOTTEN, forgotten.SerializeToString())
            while await stored(versions) or await lists.names():
                await asyncio.sleep(0.1)
    finally:
        installation.stop()
