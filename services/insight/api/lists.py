"""gRPC in: uploaded lists of people."""

import base64
import binascii
import struct
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
from contracts.insight.v1 import insight_service_pb2 as insight_pb
from contracts.insight.v1 import lists_service_pb2 as pb
from contracts.insight.v1 import lists_service_pb2_grpc as pb_grpc
from pyroaring import BitMap

from chassis.rpc import tenant
from services.insight.domain.lists import MAX_DESCRIPTION_CHARACTERS, MAX_NAME_CHARACTERS, ListMode
from services.insight.domain.segments.tree import InList
from services.insight.errors import (
    ListChangeNotValid,
    ListNotFound,
    ListTextNotValid,
    PageTokenNotValid,
)
from services.insight.evaluation import Evaluator, Moment
from services.insight.paging import page_size, place, token
from services.insight.store.events import Watermark
from services.insight.store.lists import NEWEST, Change, Lists, PeopleList, Place

_MAX_NIDS = 20_000
_MAX_NID = 2**31 - 1
_MAX_ACTOR_CHARACTERS = 200
_MODES = {
    pb.LIST_MODE_APPEND: ListMode.APPEND,
    pb.LIST_MODE_REPLACE: ListMode.REPLACE,
    pb.LIST_MODE_REMOVE: ListMode.REMOVE,
}
_PLACE = struct.Struct(">q16s")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Context = grpc.aio.ServicerContext[Any, Any]


class ListsApi(pb_grpc.ListsServiceServicer):
    """contracts.insight.v1.ListsService."""

    service_name = pb.DESCRIPTOR.services_by_name["ListsService"].full_name

    def __init__(self, lists: Lists, evaluator: Evaluator, watermark: Callable[[], Watermark]) -> None:
        self._lists = lists
        self._evaluator = evaluator
        self._watermark = watermark

    def add_to(self, server: grpc.aio.Server) -> None:
        pb_grpc.add_ListsServiceServicer_to_server(self, server)

    async def CreateList(self, request: pb.CreateListRequest, context: Context) -> pb.CreateListResponse:
        list_id = _uuid("list_id", request.list_id)
        _check_text("name", request.name, MAX_NAME_CHARACTERS)
        _check_text("description", request.description, MAX_DESCRIPTION_CHARACTERS)
        _check_text("owner", request.owner, _MAX_ACTOR_CHARACTERS)
        if not request.name.strip():
            raise ListTextNotValid("A list needs a name.", field="name")
        made = await self._lists.add(tenant(), list_id, request.name, request.description, request.owner)
        return pb.CreateListResponse(list=_list(made))

    async def GetList(self, request: pb.GetListRequest, context: Context) -> pb.GetListResponse:
        watermark = self._watermark()
        found = await self._lists.load(tenant(), _known(request.list_id))
        people = None if request.uncounted else len(await self._people(found.list_id, watermark))
        return pb.GetListResponse(list=_list(found), people=people, watermark=_mark(watermark))

    async def ListLists(self, request: pb.ListListsRequest, context: Context) -> pb.ListListsResponse:
        size = page_size(request.page_size)
        before = _place(request.page_token) if request.page_token else NEWEST
        found = await self._lists.page(tenant(), before=before, size=size + 1)
        page = found[:size]
        following = _token(page[-1]) if len(found) > size else ""
        return pb.ListListsResponse(lists=map(_list, page), next_page_token=following)

    async def DeleteList(self, request: pb.DeleteListRequest, context: Context) -> pb.DeleteListResponse:
        await self._lists.delete(tenant(), _known(request.list_id))
        return pb.DeleteListResponse()

    async def ChangeListMembers(
        self, request: pb.ChangeListMembersRequest, context: Context
    ) -> pb.ChangeListMembersResponse:
        if request.mode not in _MODES:
            raise ListChangeNotValid("Say whether to append, replace or remove.")
        _check_text("actor", request.actor, _MAX_ACTOR_CHARACTERS)
        if len(request.nids) > _MAX_NIDS or any(not 0 < nid <= _MAX_NID for nid in request.nids):
            raise ListChangeNotValid("A part has at most 20,000 nids.", limit=_MAX_NIDS)
        change = Change(
            _known(request.list_id),
            _uuid("change_id", request.change_id),
            _MODES[request.mode],
            request.actor,
        )
        if request.nids:
            found = await self._lists.stage(tenant(), change, request.part, BitMap(request.nids))
        else:
            found = await self._lists.load(tenant(), change.list_id)
        if request.commit:
            found = await self._lists.commit(tenant(), change, request.unmatched)
        return pb.ChangeListMembersResponse(list=_list(found))

    async def RestoreList(self, request: pb.RestoreListRequest, context: Context) -> pb.RestoreListResponse:
        _check_text("actor", request.actor, _MAX_ACTOR_CHARACTERS)
        change_id = _uuid("change_id", request.change_id)
        restored = await self._lists.restore(tenant(), _known(request.list_id), change_id, request.actor)
        return pb.RestoreListResponse(list=_list(restored))

    async def ListListMembers(
        self, request: pb.ListListMembersRequest, context: Context
    ) -> pb.ListListMembersResponse:
        size = page_size(request.page_size)
        after = place(request.page_token)[0] if request.page_token else 0
        watermark = self._watermark()
        people = await self._people(_known(request.list_id), watermark)
        # `after` is a profile id, or whatever else a token of another list says.
        first = people.rank(after) if 0 <= after <= _MAX_NID else len(people)
        page = list(people[first : first + size])
        following = token(page[-1]) if first + size < len(people) else ""
        return pb.ListListMembersResponse(
            profile_ids=page, next_page_token=following, watermark=_mark(watermark)
        )

    async def _people(self, list_id: str, watermark: Watermark) -> BitMap:
        """The profiles that a segment of nothing but this list has."""
        moment = Moment(watermark.position, time.time_ns() // 1_000_000)
        return (await self._evaluator.evaluate(tenant(), InList(list_id), moment)).members


def _uuid(field: str, text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        raise ListChangeNotValid(f"{field} must be a UUID.", field=field) from error


def _known(list_id: str) -> str:
    """An id that a list can have; raises ListNotFound."""
    try:
        return str(uuid.UUID(list_id))
    except ValueError as error:
        raise ListNotFound("There is no such list.") from error


def _check_text(field: str, text: str, limit: int) -> None:
    if len(text) > limit or "\0" in text:
        raise ListTextNotValid(
            f"{field} has at most {limit} characters and no NUL.", field=field, limit=limit
        )


def _list(found: PeopleList) -> pb.PeopleList:
    answer = pb.PeopleList(
        list_id=found.list_id,
        name=found.name,
        description=found.description,
        owner=found.owner,
        version=found.version,
        identifiers=found.identifiers,
        unmatched=found.unmatched,
        restorable=found.restorable,
    )
    answer.created_at.FromDatetime(found.created_at)
    answer.changed_at.FromDatetime(found.changed_at)
    return answer


def _mark(watermark: Watermark) -> insight_pb.Watermark:
    answer = insight_pb.Watermark(position=watermark.position)
    if watermark.as_of is not None:
        answer.as_of.FromDatetime(watermark.as_of)
    return answer


def _token(last: PeopleList) -> str:
    microseconds = (last.created_at - _EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(_PLACE.pack(microseconds, uuid.UUID(last.list_id).bytes)).decode()


def _place(sent: str) -> Place:
    try:
        microseconds, list_id = _PLACE.unpack(base64.b64decode(sent, altchars=b"-_", validate=True))
        return _EPOCH + timedelta(microseconds=microseconds), str(uuid.UUID(bytes=list_id))
    except (ValueError, OverflowError, struct.error, binascii.Error) as error:
        raise PageTokenNotValid("This page token is not one of ours.") from error
