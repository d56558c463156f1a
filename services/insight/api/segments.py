"""gRPC in: saved segments."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import grpc
from contracts.insight.v1 import genes_service_pb2 as genes_pb
from contracts.insight.v1 import segments_service_pb2 as pb
from contracts.insight.v1 import segments_service_pb2_grpc as pb_grpc
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.rpc import tenant
from services.insight.api.answers import watermark_message
from services.insight.api.gene_values import gene_value
from services.insight.api.live import LiveDoors, state_message
from services.insight.api.segment_columns import column_message, columns_of
from services.insight.api.sentences import sentence_message
from services.insight.api.trees import tree_message, tree_of
from services.insight.domain.segments.references import Change
from services.insight.domain.segments.tree import Node, Path
from services.insight.errors import PageTokenNotValid, SegmentListNotValid
from services.insight.evaluation import Moment
from services.insight.live.reading import LiveReading
from services.insight.memberships import Memberships, People, Place
from services.insight.names import StoredNames
from services.insight.paging import page_size, place, text_place, text_token, token
from services.insight.segments import Edit, Segments
from services.insight.store.events import Watermark
from services.insight.store.segments import Choice, Draft, Saved, User, Version, sorted_by
from services.insight.store.snapshots import Snapshot

_SORTS: Mapping[int, str] = {
    pb.SEGMENT_SORT_UNSPECIFIED: "name",
    pb.SEGMENT_SORT_NAME: "name",
    pb.SEGMENT_SORT_CHANGED: "changed",
    pb.SEGMENT_SORT_CREATED: "created",
}
# Files are made from such pages.
_MAX_MEMBERS = 2_000
# Above every version there is.
_NEWEST = 2**31 - 1

Context = grpc.aio.ServicerContext[Any, Any]


class SegmentsApi(LiveDoors):
    """contracts.insight.v1.SegmentsService."""

    service_name = pb.DESCRIPTOR.services_by_name["SegmentsService"].full_name

    def __init__(
        self,
        segments: Segments,
        memberships: Memberships,
        names: StoredNames,
        live: LiveReading,
        reached: Callable[[int], Watermark],
    ) -> None:
        super().__init__(live)
        self._segments = segments
        self._memberships = memberships
        self._names = names
        self._reached = reached

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
        tree = shown.saved.draft.tree
        state = await self._live.state(tenant(), request.segment_id)
        return pb.GetSegmentResponse(
            segment=_segment(shown.saved, state_message(state, archived=_archived(shown.saved))),
            used_by=[_user(user) for user in shown.used_by],
            sentence=sentence_message(tree, await self._names.of(tenant(), tree)),
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
        shown = found[:size]
        if request.HasField("profile_id"):
            ids = [saved.segment_id for saved in shown]
            theirs = await self._live.containing(tenant(), ids, request.profile_id)
            shown = [saved for saved in shown if saved.segment_id in theirs]
        states = await self._live.states(tenant(), [saved.segment_id for saved in shown])
        answer = pb.ListSegmentsResponse(
            segments=[
                _segment(saved, state_message(states.get(saved.segment_id), archived=_archived(saved)))
                for saved in shown
            ],
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

    async def GetSegmentSize(
        self, request: pb.GetSegmentSizeRequest, context: Context
    ) -> pb.GetSegmentSizeResponse:
        counted = await self._memberships.count(tenant(), request.segment_id)
        found, size = counted.evaluation, counted.evaluation.size
        answer = pb.GetSegmentSizeResponse(
            profiles=size.profiles,
            members=size.members,
            reachable=[
                genes_pb.ReachableProfiles(channel=channel, profiles=count)
                for channel, count in sorted(size.reachable.items())
            ],
            everybody=found.everybody,
            version=counted.number,
            watermark=watermark_message(self._reached(found.position)),
            now=_stamp(found.now_ms),
            yardstick_age_seconds=found.yardstick_age_seconds,
        )
        return answer

    async def ListSegmentMembers(
        self, request: pb.ListSegmentMembersRequest, context: Context
    ) -> pb.ListSegmentMembersResponse:
        at = _place(request.page_token, request.segment_id) if request.page_token else None
        columns = columns_of(request.columns)
        people = await self._memberships.page(
            tenant(), request.segment_id, at, columns, page_size(request.page_size, _MAX_MEMBERS)
        )
        return pb.ListSegmentMembersResponse(
            members=_members(people),
            next_page_token=_member_token(request.segment_id, people.next),
            profiles=people.profiles,
            version=people.at.number,
            watermark=watermark_message(self._reached(people.at.moment.position)),
            now=_stamp(people.at.moment.now_ms),
            columns=[column_message(column) for column in columns],
        )

    async def TakeSnapshot(
        self, request: pb.TakeSnapshotRequest, context: Context
    ) -> pb.TakeSnapshotResponse:
        taken = await self._memberships.freeze(tenant(), request.segment_id, request.actor, request.note)
        return pb.TakeSnapshotResponse(snapshot=_snapshot(taken))

    async def ListSnapshots(
        self, request: pb.ListSnapshotsRequest, context: Context
    ) -> pb.ListSnapshotsResponse:
        size = page_size(request.page_size)
        before = _uuid(text_place("snapshots", request.page_token, 1)[0]) if request.page_token else ""
        found = await self._memberships.frozen(tenant(), request.segment_id, before, size + 1)
        answer = pb.ListSnapshotsResponse(snapshots=[_snapshot(one) for one in found[:size]])
        if len(found) > size:
            answer.next_page_token = text_token("snapshots", found[size - 1].snapshot_id)
        return answer

    async def GetSnapshot(self, request: pb.GetSnapshotRequest, context: Context) -> pb.GetSnapshotResponse:
        found = await self._memberships.snapshot(tenant(), request.snapshot_id)
        return pb.GetSnapshotResponse(snapshot=_snapshot(found))

    async def DeleteSnapshot(
        self, request: pb.DeleteSnapshotRequest, context: Context
    ) -> pb.DeleteSnapshotResponse:
        return pb.DeleteSnapshotResponse(
            snapshot=_snapshot(await self._memberships.thaw(tenant(), request.snapshot_id))
        )


def _members(people: People) -> list[pb.SegmentMember]:
    return [
        pb.SegmentMember(
            profile_id=profile_id, values=[gene_value(values.get(profile_id)) for values in people.columns]
        )
        for profile_id in people.profile_ids
    ]


def _place(sent: str, segment_id: str) -> Place:
    of, *numbers = text_place("members", sent, 5)
    try:
        number, position, now_ms, after = map(int, numbers)
    except ValueError as error:
        raise PageTokenNotValid("This page token is not one of ours.") from error
    fits = 0 < number < _NEWEST and 0 <= position < 2**63 and 0 <= now_ms < 2**43 and 0 <= after < 2**32
    if of != segment_id or not fits:
        raise PageTokenNotValid("This page token belongs to another list.")
    return Place(number, Moment(position, now_ms), after)


def _member_token(segment_id: str, place: Place | None) -> str:
    """ "" behind the last page."""
    if place is None:
        return ""
    moment = place.moment
    parts = (place.number, moment.position, moment.now_ms, place.after)
    return text_token("members", segment_id, *map(str, parts))


def _number(sent: int) -> int:
    """Of a version; one that no column holds is none there is."""
    return min(sent, _NEWEST - 1)


def _after(sort: str, sent: str) -> tuple[str, str]:
    key, segment_id = text_place(sort, sent, 2)
    try:
        if sort != "name":
            datetime.fromisoformat(key)
    except ValueError as error:
        raise PageTokenNotValid("This page token is not one of ours.") from error
    return key, _uuid(segment_id)


def _uuid(sent: str) -> str:
    try:
        return str(uuid.UUID(sent))
    except ValueError as error:
        raise PageTokenNotValid("This page token is not one of ours.") from error


def _archived(saved: Saved) -> bool:
    return saved.archived_at is not None


def _segment(saved: Saved, state: pb.SegmentState | None = None) -> pb.Segment:
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
        state=state,
    )
    answer.created_at.FromDatetime(saved.created_at)
    answer.changed_at.FromDatetime(saved.changed_at)
    if saved.archived_at is not None:
        answer.archived_at.FromDatetime(saved.archived_at)
    return answer


def _snapshot(snapshot: Snapshot) -> pb.Snapshot:
    answer = pb.Snapshot(
        snapshot_id=snapshot.snapshot_id,
        segment_id=snapshot.segment_id,
        version=snapshot.number,
        profiles=snapshot.profiles,
        position=snapshot.position,
        taken_by=snapshot.taken_by,
        note=snapshot.note,
    )
    answer.taken_at.FromDatetime(snapshot.taken_at)
    return answer


def _stamp(now_ms: int) -> Timestamp:
    answer = Timestamp()
    answer.FromMilliseconds(now_ms)
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
