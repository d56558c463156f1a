"""Lists of people: what a tenant uploads, who is on them, and how they change."""

import uuid
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Literal

from contracts.insight.v1 import lists_service_pb2 as pb
from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from starlette.responses import StreamingResponse

from services.gateway.auth import Principal
from services.gateway.domain.cursors import cursor_of, place_of
from services.gateway.domain.masking import Sight
from services.gateway.domain.spreadsheets import MARK, csv_line
from services.gateway.errors.requests import CursorNotValid
from services.gateway.routes.answers import AsOf, Profile, as_of, moment, profile
from services.gateway.routes.import_answers import ImportAnswer
from services.gateway.routes.imports import start
from services.gateway.routes.parts import (
    Body,
    Caller,
    CommandId,
    Cursor,
    Limit,
    Parts,
    PartsOf,
    Storable,
)
from services.gateway.routes.sight import SightOf

router = APIRouter(tags=["lists"])

# Columns of a file; browsers' own numbers are of no use in one.
_KINDS = ("user_id", "email", "phone", "line_id", "external_id")
_ROWS = 200


class NewList(Body):
    name: Annotated[str, Field(min_length=1, max_length=200), Storable]
    description: Annotated[str, Field(max_length=2000), Storable] = ""


class ListAnswer(BaseModel):
    """People who have one of the identifiers on it."""

    id: str
    name: str
    description: str
    owner: str
    version: int = Field(description="Rises by one with every change; 0 before the first")
    identifiers: int
    unmatched: int = Field(description="Rows of the newest upload that matched nobody")
    restorable: bool = Field(description="Whether the version before is there to go back to")
    created_at: datetime | None
    changed_at: datetime | None


class OneList(AsOf):
    list: ListAnswer
    people: int


class Lists(BaseModel):
    lists: list[ListAnswer]
    next_cursor: str | None


class ListMembers(AsOf):
    profiles: list[Profile]
    next_cursor: str | None


class Upload(Body):
    import_id: uuid.UUID = Field(description="An import of kind `list` whose columns are mapped")
    mode: Literal["append", "replace", "remove"] = Field(
        description="replace: whoever is not in the file leaves the list"
    )


@router.get("/v1/lists", summary="Lists of people, newest first 名單清單")
async def list_lists(principal: Caller, parts: PartsOf, cursor: Cursor = "", limit: Limit = 50) -> Lists:
    place = place_of("lists", cursor, str) if cursor else ("",)
    if place is None:
        raise CursorNotValid("The cursor belongs to another list.")
    request = pb.ListListsRequest(page_size=limit, page_token=str(place[0]))
    found = await parts.clients.lists.list_lists(principal.tenant_id, request)
    following = cursor_of("lists", found.next_page_token) if found.next_page_token else None
    return Lists(lists=[_answer(one) for one in found.lists], next_cursor=following)


@router.post("/v1/lists", status_code=201, summary="Make an empty list 建立名單")
async def make_list(body: NewList, principal: Caller, parts: PartsOf, command_id: CommandId) -> ListAnswer:
    """Then upload people to it: `POST /v1/lists/{id}/uploads`."""
    request = pb.CreateListRequest(
        list_id=command_id, name=body.name, description=body.description, owner=principal.name
    )
    made = await parts.clients.lists.create_list(principal.tenant_id, request)
    # Its name may be a person's; who reads the audit log need not know it.
    await parts.audit.write(principal.did("list.made", f"list:{made.list_id}"))
    return _answer(made)


@router.get("/v1/lists/{list_id}", summary="One list 單一名單")
async def get_list(list_id: uuid.UUID, principal: Caller, parts: PartsOf) -> OneList:
    found = await parts.clients.lists.get_list(principal.tenant_id, str(list_id))
    return OneList(list=_answer(found.list), people=found.people, **as_of(found.watermark))


@router.delete("/v1/lists/{list_id}", status_code=204, summary="Delete a list 刪除名單")
async def delete_list(list_id: uuid.UUID, principal: Caller, parts: PartsOf) -> Response:
    """Refused while a segment uses it."""
    await parts.clients.lists.delete_list(principal.tenant_id, str(list_id))
    await parts.audit.write(principal.did("list.deleted", f"list:{list_id}"))
    return Response(status_code=204)


@router.post("/v1/lists/{list_id}/uploads", status_code=202, summary="Upload people to a list 上傳名單")
async def upload_to_list(list_id: uuid.UUID, body: Upload, principal: Caller, parts: PartsOf) -> ImportAnswer:
    """Starts an import of kind `list`, tried with its dry run before: the list changes when all is read.

    A cancelled or failed upload changes nothing. Watch `GET /v1/imports/{id}`.
    """
    await parts.clients.lists.get_list(principal.tenant_id, str(list_id), counted=False)
    target = {"list_id": str(list_id), "mode": body.mode}
    return await start(parts, principal, body.import_id, target)


@router.post("/v1/lists/{list_id}/restore", summary="Go back to the version before 還原前一版")
async def restore_list(
    list_id: uuid.UUID, principal: Caller, parts: PartsOf, command_id: CommandId
) -> ListAnswer:
    """The version before the present one becomes the next; doing it twice undoes it."""
    request = pb.RestoreListRequest(list_id=str(list_id), change_id=command_id, actor=principal.name)
    restored = await parts.clients.lists.restore_list(principal.tenant_id, request)
    told = {"version": restored.version}
    await parts.audit.write(principal.did("list.restored", f"list:{list_id}", after=told))
    return _answer(restored)


@router.get("/v1/lists/{list_id}/members", summary="People on a list 名單成員")
async def list_list_members(
    list_id: uuid.UUID,
    principal: Caller,
    parts: PartsOf,
    *,
    sight: SightOf,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> ListMembers:
    """By rising profile id."""
    name = f"list {list_id}"
    place = place_of(name, cursor, str) if cursor else ("",)
    if place is None:
        raise CursorNotValid("The cursor belongs to another list.")
    request = pb.ListListMembersRequest(list_id=str(list_id), page_size=limit, page_token=str(place[0]))
    found, profiles = await _members(parts, principal, request, sight)
    following = cursor_of(name, found.next_page_token) if found.next_page_token else None
    return ListMembers(profiles=profiles, next_cursor=following, **as_of(found.watermark))


@router.get(
    "/v1/lists/{list_id}/members/file",
    summary="The same as CSV 下載名單成員",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def download_list_members(
    list_id: uuid.UUID, principal: Caller, parts: PartsOf, sight: SightOf
) -> StreamingResponse:
    """UTF-8 with a mark; cells that a spreadsheet would compute begin with '. To teammates masked.

    Every download is in the audit log. 匯出的個資對成員一樣遮蔽，以金鑰下載則完整。
    """
    await parts.clients.lists.get_list(principal.tenant_id, str(list_id), counted=False)
    await parts.audit.write(principal.did("list.downloaded", f"list:{list_id}"))
    return StreamingResponse(
        _sheet(parts, principal, str(list_id), sight),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="list-{list_id}.csv"'},
    )


async def _sheet(parts: Parts, principal: Principal, list_id: str, sight: Sight) -> AsyncIterator[str]:
    yield MARK + csv_line(["profile_id", "member", *_KINDS, "orders", "revenue", "currency", "last_seen_at"])
    request = pb.ListListMembersRequest(list_id=list_id, page_size=_ROWS)
    while True:
        found, people = await _members(parts, principal, request, sight)
        yield "".join(csv_line(_cells(one)) for one in people)
        request.page_token = found.next_page_token
        if not request.page_token:
            return


def _cells(one: Profile) -> list[object]:
    values = ["; ".join(each.value for each in one.identifiers if each.kind == kind) for kind in _KINDS]
    totals = one.totals
    seen = totals.last_seen_at.isoformat() if totals.last_seen_at else None
    return [
        one.id,
        int(one.member),
        *values,
        totals.orders,
        totals.revenue.amount,
        totals.revenue.currency,
        seen,
    ]


async def _members(
    parts: Parts, principal: Principal, request: pb.ListListMembersRequest, sight: Sight
) -> tuple[pb.ListListMembersResponse, list[Profile]]:
    """A page as insight knows it, and its people."""
    found = await parts.clients.lists.list_list_members(principal.tenant_id, request)
    known = await parts.clients.identity.get_profiles(principal.tenant_id, found.profile_ids)
    # Somebody who was merged a moment ago may come as their survivor, once.
    people = {one.profile.profile_id: one.profile for one in known}
    summaries = await parts.clients.insight.get_summaries(principal.tenant_id, list(people))
    pairs = zip(people.values(), summaries.profiles, strict=True)
    return found, [profile(one, summary, sight) for one, summary in pairs]


def _answer(found: pb.PeopleList) -> ListAnswer:
    return ListAnswer(
        id=found.list_id,
        name=found.name,
        description=found.description,
        owner=found.owner,
        version=found.version,
        identifiers=found.identifiers,
        unmatched=found.unmatched,
        restorable=found.restorable,
        created_at=moment(found.created_at),
        changed_at=moment(found.changed_at),
    )
