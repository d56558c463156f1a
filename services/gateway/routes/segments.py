"""Saved segments: making and changing them, their versions and snapshots, and who is in them."""

import re
import uuid
from typing import Annotated, Literal

from contracts.insight.v1 import segments_service_pb2 as pb
from fastapi import APIRouter, Header, Query, Response
from pydantic import Field

from services.gateway.domain.cursors import cursor_of, place_of
from services.gateway.errors.requests import CursorNotValid
from services.gateway.errors.saved_segments import SegmentVersionMissing
from services.gateway.gene_columns import gene_answer, gene_columns
from services.gateway.routes.answers import as_of, moment
from services.gateway.routes.genes import LocalText
from services.gateway.routes.parts import Body, Caller, Cursor, Limit, PartsOf, Search, Storable
from services.gateway.routes.segment_answers import (
    Difference,
    Folder,
    Member,
    MemberList,
    OneSegment,
    SegmentAnswer,
    SegmentList,
    SegmentUser,
    Size,
    SnapshotAnswer,
    SnapshotList,
    VersionList,
    change_answer,
    listed_segment,
    segment_answer,
    segment_fields,
    snapshot_answer,
    version_answer,
)
from services.gateway.routes.segment_state import state_answer
from services.gateway.routes.segment_trees import EXAMPLE, Tree, node_message, telling_problems

router = APIRouter(tags=["segments"])

_SORTS = {
    "name": pb.SEGMENT_SORT_NAME,
    "changed": pb.SEGMENT_SORT_CHANGED,
    "created": pb.SEGMENT_SORT_CREATED,
}
_ETAG = re.compile(r'(?:W/)?"([0-9]{1,9})"')
_MAX_VERSION = 2**31 - 1

Name = Annotated[str, Field(min_length=1, max_length=200), Storable]
FolderName = Annotated[str, Field(max_length=200), Storable]
Description = Annotated[str, Field(max_length=2000), Storable]
Owner = Annotated[str, Field(max_length=200), Storable]
Note = Annotated[str, Field(max_length=500, description="Why, for the list of versions"), Storable]
VersionRead = Annotated[
    int | None, Field(ge=1, le=_MAX_VERSION, description="The version you have read; or send If-Match")
]
IfMatch = Annotated[str, Header(max_length=40, description="ETag of the segment you have read")]
VersionNumber = Annotated[int, Query(ge=1, le=_MAX_VERSION)]
Genes = Annotated[
    list[str],
    Query(
        max_length=20,
        description="Columns: `orders`, `orders:30` (days), `orders:all`, `external:<id>`. 要列出的基因",
    ),
]


class NewSegment(Body):
    name: Name
    folder: FolderName = ""
    description: Description = ""
    owner: Owner = Field("", description="Empty: whoever makes it")
    tree: Tree = Field(examples=[EXAMPLE])
    note: Note = ""


class ChangedSegment(Body):
    """What is left out stays."""

    version: VersionRead = None
    name: Name | None = None
    folder: FolderName | None = None
    description: Description | None = None
    owner: Owner | None = None
    tree: Tree | None = None
    note: Note = ""


class RestoredVersion(Body):
    version: VersionRead = None
    restored_version: int = Field(ge=1, le=_MAX_VERSION, description="The one whose tree is wanted")


class NewSnapshot(Body):
    note: Note = ""


@router.get("/v1/segments", summary="Saved segments 客群清單")
async def list_segments(
    principal: Caller,
    parts: PartsOf,
    *,
    q: Search = "",
    folder: Annotated[FolderName | None, Query(description="Only this folder; empty: outside of all")] = None,
    sort: Literal["name", "changed", "created"] = "name",
    archived: Annotated[bool, Query(description="The archived ones instead")] = False,
    profile: Annotated[
        int | None,
        Query(ge=1, le=2**32 - 1, description="Only those this person is in; pages may be short, then"),
    ] = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> SegmentList:
    """`q` is a part of the name. A new tenant finds the starter segments here."""
    request = pb.ListSegmentsRequest(
        folder=folder,
        text=q,
        sort=_SORTS[sort],
        archived=archived,
        page_size=limit,
        page_token=_token("segments", cursor),
        profile_id=profile,
    )
    found = await parts.clients.segments.page(principal.tenant_id, request)
    return SegmentList(
        segments=[listed_segment(segment) for segment in found.segments],
        folders=[Folder(name=one.name, segments=one.segments) for one in found.folders],
        next_cursor=_cursor("segments", found.next_page_token),
    )


@router.post("/v1/segments", status_code=201, summary="Save a segment 建立客群")
async def make_segment(
    body: NewSegment, principal: Caller, parts: PartsOf, response: Response
) -> SegmentAnswer:
    """Names differ in more than case. A tree that names other segments follows their changes."""
    request = pb.CreateSegmentRequest(
        **body.model_dump(exclude={"tree"}), tree=node_message(body.tree), actor=principal.name
    )
    async with telling_problems(request.tree):
        made = await parts.clients.segments.create(principal.tenant_id, request)
    await _audit(parts, principal, "segment.made", made)
    return _tagged(made, response)


@router.get("/v1/segments/{segment_id}", summary="One segment 單一客群")
async def get_segment(
    segment_id: uuid.UUID, principal: Caller, parts: PartsOf, response: Response
) -> OneSegment:
    found = await parts.clients.segments.get(principal.tenant_id, str(segment_id))
    response.headers["etag"] = f'"{found.segment.version}"'
    users = [SegmentUser(id=one.segment_id, name=one.name, archived=one.archived) for one in found.used_by]
    sentence = LocalText(zh_tw=found.sentence.zh_tw, en=found.sentence.en)
    fields = {**segment_fields(found.segment), "state": state_answer(found.segment.state)}
    return OneSegment.model_validate({**fields, "sentence": sentence, "used_by": users})


@router.patch("/v1/segments/{segment_id}", summary="Change a segment 修改客群")
async def change_segment(
    segment_id: uuid.UUID,
    body: ChangedSegment,
    principal: Caller,
    parts: PartsOf,
    *,
    response: Response,
    if_match: IfMatch = "",
) -> SegmentAnswer:
    """Saves a new version. Refused when somebody else has saved one since you read it."""
    request = pb.UpdateSegmentRequest(
        segment_id=str(segment_id),
        version=_version(body.version, if_match),
        tree=None if body.tree is None else node_message(body.tree),
        actor=principal.name,
        **body.model_dump(exclude={"tree", "version"}),
    )
    async with telling_problems(request.tree):
        saved = await parts.clients.segments.update(principal.tenant_id, request)
    if saved.version != request.version:
        await _audit(parts, principal, "segment.changed", saved)
    return _tagged(saved, response)


@router.post("/v1/segments/{segment_id}/archive", summary="Put a segment away 封存客群")
async def archive_segment(segment_id: uuid.UUID, principal: Caller, parts: PartsOf) -> SegmentAnswer:
    """Refused while another segment names it."""
    archived = await parts.clients.segments.archive(principal.tenant_id, str(segment_id), archived=True)
    await _audit(parts, principal, "segment.archived", archived)
    return segment_answer(archived)


@router.post("/v1/segments/{segment_id}/unarchive", summary="Take a segment back 取消封存")
async def unarchive_segment(segment_id: uuid.UUID, principal: Caller, parts: PartsOf) -> SegmentAnswer:
    back = await parts.clients.segments.archive(principal.tenant_id, str(segment_id), archived=False)
    await _audit(parts, principal, "segment.unarchived", back)
    return segment_answer(back)


@router.delete("/v1/segments/{segment_id}", status_code=204, summary="Delete a segment 刪除客群")
async def delete_segment(segment_id: uuid.UUID, principal: Caller, parts: PartsOf) -> Response:
    """With its versions and snapshots, for ever. Refused while another segment names it."""
    deleted = await parts.clients.segments.delete(principal.tenant_id, str(segment_id))
    await _audit(parts, principal, "segment.deleted", deleted)
    return Response(status_code=204)


@router.get("/v1/segments/{segment_id}/versions", summary="Versions, newest first 版本清單")
async def list_segment_versions(
    segment_id: uuid.UUID, principal: Caller, parts: PartsOf, cursor: Cursor = "", limit: Limit = 50
) -> VersionList:
    name = f"versions {segment_id}"
    request = pb.ListSegmentVersionsRequest(
        segment_id=str(segment_id), page_size=limit, page_token=_token(name, cursor)
    )
    found = await parts.clients.segments.versions(principal.tenant_id, request)
    return VersionList(
        versions=[version_answer(version) for version in found.versions],
        next_cursor=_cursor(name, found.next_page_token),
    )


@router.get("/v1/segments/{segment_id}/difference", summary="Compare two versions 版本差異")
async def compare_segment_versions(
    segment_id: uuid.UUID,
    principal: Caller,
    parts: PartsOf,
    *,
    from_version: VersionNumber,
    to_version: VersionNumber,
) -> Difference:
    """Nodes of a group are matched by what they say: one more in front moves nothing."""
    request = pb.DiffSegmentVersionsRequest(
        segment_id=str(segment_id), from_version=from_version, to_version=to_version
    )
    found = await parts.clients.segments.diff(principal.tenant_id, request)
    return Difference(changes=[change_answer(change) for change in found.changes])


@router.post("/v1/segments/{segment_id}/restore", summary="Restore a version 還原版本")
async def restore_segment_version(
    segment_id: uuid.UUID,
    body: RestoredVersion,
    principal: Caller,
    parts: PartsOf,
    *,
    response: Response,
    if_match: IfMatch = "",
) -> SegmentAnswer:
    """The old tree becomes the newest version; nothing of what was between is lost."""
    request = pb.RestoreSegmentVersionRequest(
        segment_id=str(segment_id),
        version=_version(body.version, if_match),
        restored_version=body.restored_version,
        actor=principal.name,
    )
    saved = await parts.clients.segments.restore(principal.tenant_id, request)
    await _audit(parts, principal, "segment.restored", saved)
    return _tagged(saved, response)


@router.get("/v1/segments/{segment_id}/size", summary="How many people 客群人數")
async def get_segment_size(segment_id: uuid.UUID, principal: Caller, parts: PartsOf) -> Size:
    """Counted now."""
    found = await parts.clients.segments.size(principal.tenant_id, str(segment_id))
    aged = found.HasField("yardstick_age_seconds")
    return Size(
        **as_of(found.watermark),
        profiles=found.profiles,
        members=found.members,
        visitors=found.profiles - found.members,
        reachable={one.channel: one.profiles for one in found.reachable},
        everybody=found.everybody,
        version=found.version,
        now=moment(found.now),
        yardstick_age_seconds=found.yardstick_age_seconds if aged else None,
    )


@router.get("/v1/segments/{segment_id}/members", summary="People in a segment 客群成員")
async def list_segment_members(
    segment_id: uuid.UUID,
    principal: Caller,
    parts: PartsOf,
    *,
    gene: Genes = [],  # noqa: B006 - FastAPI copies it
    cursor: Cursor = "",
    limit: Limit = 50,
) -> MemberList:
    """By rising profile id, with the genes asked for; the rest of a person is at /v1/profiles/{id}."""
    name = f"members {segment_id}"
    request = pb.ListSegmentMembersRequest(
        segment_id=str(segment_id),
        page_size=limit,
        page_token=_token(name, cursor),
        columns=gene_columns(gene),
    )
    found = await parts.clients.segments.members(principal.tenant_id, request)
    return MemberList(
        **as_of(found.watermark),
        genes=gene,
        members=[
            Member(profile_id=one.profile_id, genes=[gene_answer(value) for value in one.values])
            for one in found.members
        ],
        profiles=found.profiles,
        version=found.version,
        now=moment(found.now),
        next_cursor=_cursor(name, found.next_page_token),
    )


@router.post("/v1/segments/{segment_id}/snapshots", status_code=201, summary="Take a snapshot 建立快照")
async def take_snapshot(
    segment_id: uuid.UUID, body: NewSnapshot, principal: Caller, parts: PartsOf
) -> SnapshotAnswer:
    """Keeps who is in the segment now; trees can name it: `{"snapshot": "…"}`."""
    request = pb.TakeSnapshotRequest(segment_id=str(segment_id), actor=principal.name, note=body.note)
    taken = await parts.clients.segments.take_snapshot(principal.tenant_id, request)
    told = {"segment_id": taken.segment_id, "profiles": taken.profiles}
    await parts.audit.write(principal.did("snapshot.taken", f"snapshot:{taken.snapshot_id}", after=told))
    return snapshot_answer(taken)


@router.get("/v1/segments/{segment_id}/snapshots", summary="Snapshots, newest first 快照清單")
async def list_snapshots(
    segment_id: uuid.UUID, principal: Caller, parts: PartsOf, cursor: Cursor = "", limit: Limit = 50
) -> SnapshotList:
    name = f"snapshots {segment_id}"
    request = pb.ListSnapshotsRequest(
        segment_id=str(segment_id), page_size=limit, page_token=_token(name, cursor)
    )
    found = await parts.clients.segments.snapshots(principal.tenant_id, request)
    return SnapshotList(
        snapshots=[snapshot_answer(one) for one in found.snapshots],
        next_cursor=_cursor(name, found.next_page_token),
    )


@router.get("/v1/snapshots/{snapshot_id}", summary="One snapshot 單一快照")
async def get_snapshot(snapshot_id: uuid.UUID, principal: Caller, parts: PartsOf) -> SnapshotAnswer:
    return snapshot_answer(await parts.clients.segments.snapshot(principal.tenant_id, str(snapshot_id)))


@router.delete("/v1/snapshots/{snapshot_id}", status_code=204, summary="Delete a snapshot 刪除快照")
async def delete_snapshot(snapshot_id: uuid.UUID, principal: Caller, parts: PartsOf) -> Response:
    """Refused while a segment names it."""
    deleted = await parts.clients.segments.delete_snapshot(principal.tenant_id, str(snapshot_id))
    told = {"segment_id": deleted.segment_id, "profiles": deleted.profiles}
    await parts.audit.write(principal.did("snapshot.deleted", f"snapshot:{snapshot_id}", before=told))
    return Response(status_code=204)


async def _audit(parts: PartsOf, principal: Caller, action: str, segment: pb.Segment) -> None:
    # No name: it may be a person's.
    told = {"version": segment.version, "archived": segment.HasField("archived_at")}
    await parts.audit.write(principal.did(action, f"segment:{segment.segment_id}", after=told))


def _tagged(segment: pb.Segment, response: Response) -> SegmentAnswer:
    response.headers["etag"] = f'"{segment.version}"'
    return segment_answer(segment)


def _version(said: int | None, if_match: str) -> int:
    """Of the body, else of the header; raises SegmentVersionMissing."""
    if said is not None:
        return said
    tag = _ETAG.fullmatch(if_match.strip())
    if tag is None:
        raise SegmentVersionMissing("Say which version you have read.")
    return int(tag[1])


def _token(name: str, cursor: str) -> str:
    if not cursor:
        return ""
    place = place_of(name, cursor, str)
    if place is None:
        raise CursorNotValid("The cursor belongs to another list.")
    return str(place[0])


def _cursor(name: str, page_token: str) -> str | None:
    return cursor_of(name, page_token) if page_token else None
