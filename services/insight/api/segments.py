"""gRPC in: saved segments."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import grpc
from contracts.insight.v1 import segments_service_pb2 as pb
from contracts.insight.v1 import segments_service_pb2_grpc as pb_grpc

from chassis.rpc import tenant
from services.insight.api.trees import tree_message, tree_of
from services.insight.domain.segments.references import Change
from services.insight.domain.segments.tree import Node, Path
from services.insight.errors import PageTokenNotValid, SegmentListNotValid
from services.insight.paging import page_size, place, text_place, text_token, token
from services.insight.segments import Edit, Segments
from services.insight.store.segments import Choice, Draft, Saved, User, Version, sorted_by

_SORTS: Mapping[int, str] = {
    pb.SEGMENT_SORT_UNSPECIFIED: "name",
    pb.SEGMENT_SORT_NAME: "name",
    pb.SEGMENT_SORT_CHANGED: "changed",
    pb.SEGMENT_SORT_CREATED: "created",
}
# Above every version there is.
_NEWEST = 2**31 - 1

Context = grpc.aio.ServicerContext[Any, Any]


class SegmentsApi(pb_grpc.SegmentsServiceServicer):
    """contracts.insight.v1.SegmentsService."""

    service_name = pb.DESCRIPTOR.services_by_name["SegmentsService"].full_name

    def __init__(self, segments: Segments) -> None:
        self._segments = segments

    def add_to(self, server: grpc.aio.Server) -> None:
        pb_grpc.add_SegmentsServiceServicer_to_server(self, server)

    async def CreateSegment(
        self, request: pb.CreateSegmentRequest, context: Context
    ) -> pb.CreateSegmentResponse:
        draft = Draft(
            request.name,
            request.folder,
            request.description,
            request.owner or request.actor,
            tree_of(request.tree),
        )
        saved = await self._segments.create(tenant(), draft, request.actor, request.note)
        return pb.CreateSegmentResponse(segment=_segment(saved))

    async def GetSegment(self, request: pb.GetSegmentRequest, context: Context) -> pb.GetSegmentResponse:
        shown = await self._segments.get(tenant(), request.segment_id)
        return pb.GetSegmentResponse(
            segment=_segment(shown.saved), used_by=[_user(user) for user in shown.used_by]
        )

    async def ListSegments(
        self, request: pb.ListSegmentsRequest, context: Context
    ) -> pb.ListSegmentsResponse:
        sort = _SORTS.get(request.sort)
        if sort is None:
            raise SegmentListNotValid("This is no order of segments.")
        size = page_size(request.page_size)
        choice = Choice(
            sort=sort,
            folder=request.folder if request.HasField("folder") else None,
            text=request.text,
            archived=request.archived,
            after=_after(sort, request.page_token) if request.page_token else None,
            n_segments=size + 1,
        )
        found = await self._segments.page(tenant(), choice)
        folders = await self._segments.folders(tenant())
        answer = pb.ListSegmentsResponse(
            segments=[_segment(saved) for saved in found[:size]],
            folders=[pb.SegmentFolder(name=name, segments=count) for name, count in folders.items()],
        )
        if len(found) > size:
            answer.next_page_token = text_token(sort, *sorted_by(found[size - 1], sort))
        return answer

    async def UpdateSegment(
        self, request: pb.UpdateSegmentRequest, context: Context
    ) -> pb.UpdateSegmentResponse:
        edit = Edit(
            name=request.name if request.HasField("name") else None,
            folder=request.folder if request.HasField("folder") else None,
            description=request.description if request.HasField("description") else None,
            owner=request.owner if request.HasField("owner") else None,
            tree=tree_of(request.tree) if request.HasField("tree") else None,
            note=request.note,
        )
        saved = await self._segments.update(
            tenant(), request.segment_id, request.version, edit, request.actor
        )
        return pb.UpdateSegmentResponse(segment=_segment(saved))

    async def ArchiveSegment(
        self, request: pb.ArchiveSegmentRequest, context: Context
    ) -> pb.ArchiveSegmentResponse:
        saved = await self._segments.archive(tenant(), request.segment_id, archived=request.archived)
        return pb.ArchiveSegmentResponse(segment=_segment(saved))

    async def DeleteSegment(
        self, request: pb.DeleteSegmentRequest, context: Context
    ) -> pb.DeleteSegmentResponse:
        return pb.DeleteSegmentResponse(
            segment=_segment(await self._segments.delete(tenant(), request.segment_id))
        )

    async def ListSegmentVersions(
        self, request: pb.ListSegmentVersionsRequest, context: Context
    ) -> pb.ListSegmentVersionsResponse:
        size = page_size(request.page_size)
        before = place(request.page_token)[0] if request.page_token else _NEWEST
        found = await self._segments.versions(
            tenant(), request.segment_id, min(max(before, 0), _NEWEST), size + 1
        )
        answer = pb.ListSegmentVersionsResponse(versions=[_version(one) for one in found[:size]])
        if len(found) > size:
            answer.next_page_token = token(found[size - 1].number)
        return answer

    async def DiffSegmentVersions(
        self, request: pb.DiffSegmentVersionsRequest, context: Context
    ) -> pb.DiffSegmentVersionsResponse:
        first, second = _number(request.from_version), _number(request.to_version)
        changes = await self._segments.changes(tenant(), request.segment_id, first, second)
        return pb.DiffSegmentVersionsResponse(changes=[_change(change) for change in changes])

    async def RestoreSegmentVersion(
        self, request: pb.RestoreSegmentVersionRequest, context: Context
    ) -> pb.RestoreSegmentVersionResponse:
        saved = await self._segments.restore(
            tenant(), request.segment_id, request.version, _number(request.restored_version), request.actor
        )
        return pb.RestoreSegmentVersionResponse(segment=_segment(saved))


def _number(sent: int) -> int:
    """Of a version; one that no column holds is none there is."""
    return min(sent, _NEWEST - 1)


def _after(sort: str, sent: str) -> tuple[str, str]:
    key, segment_id = text_place(sort, sent, 2)
    try:
        uuid.UUID(segment_id)
        if sort != "name":
            datetime.fromisoformat(key)
    except ValueError as error:
        raise PageTokenNotValid("This page token is not one of ours.") from error
    return key, segment_id


def _segment(saved: Saved) -> pb.Segment:
    draft = saved.draft
    answer = pb.Segment(
        segment_id=saved.segment_id,
        name=draft.name,
        folder=draft.folder,
        description=draft.description,
        owner=draft.owner,
        tree=tree_message(draft.tree),
        version=saved.number,
        changed_by=saved.changed_by,
        starter=saved.starter,
    )
    answer.created_at.FromDatetime(saved.created_at)
    answer.changed_at.FromDatetime(saved.changed_at)
    if saved.archived_at is not None:
        answer.archived_at.FromDatetime(saved.archived_at)
    return answer


def _user(user: User) -> pb.SegmentUser:
    return pb.SegmentUser(segment_id=user.segment_id, name=user.name, archived=user.archived)


def _version(version: Version) -> pb.SegmentVersion:
    answer = pb.SegmentVersion(
        version=version.number,
        name=version.name,
        tree=tree_message(version.tree),
        changed_by=version.changed_by,
        note=version.note,
    )
    answer.changed_at.FromDatetime(version.changed_at)
    return answer


def _change(change: Change) -> pb.SegmentChange:
    return pb.SegmentChange(before=_placed(change.before), after=_placed(change.after))


def _placed(placed: tuple[Path, Node] | None) -> pb.PlacedNode | None:
    return None if placed is None else pb.PlacedNode(path=placed[0], node=tree_message(placed[1]))
