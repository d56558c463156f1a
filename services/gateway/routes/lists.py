"""Lists of people: what a tenant uploads, who is on them, and how they change."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from contracts.insight.v1 import lists_service_pb2 as pb
from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from services.gateway.domain.cursors import cursor_of, place_of
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
    PartsOf,
    Storable,
)
from services.gateway.routes.sight import SightOf

router = APIRouter(tags=["lists"])


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
    found = await parts.clients.lists.list_list_members(principal.tenant_id, request)
    known = await parts.clients.identity.get_profiles(principal.tenant_id, found.profile_ids)
    # Somebody who was merged a moment ago may come as their survivor, once.
    people = {one.profile.profile_id: one.profile for one in known}
    summaries = await parts.clients.insight.get_summaries(principal.tenant_id, list(people))
    profiles = [
        profile(one, summary, sight) for one, summary in zip(people.values(), summaries.profiles, strict=True)
    ]
    following = cursor_of(name, found.next_page_token) if found.next_page_token else None
    return ListMembers(profiles=profiles, next_cursor=following, **as_of(found.watermark))


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
