"""What the API tells of saved segments."""

from datetime import datetime

from contracts.insight.v1 import segments_service_pb2 as pb
from pydantic import BaseModel, Field

from services.gateway.gene_columns import GeneValue
from services.gateway.routes.answers import AsOf, moment
from services.gateway.routes.genes import LocalText
from services.gateway.routes.segment_state import SegmentState, state_answer
from services.gateway.routes.segment_trees import Node, node_of


class SegmentAnswer(BaseModel):
    id: str
    name: str
    folder: str = Field(description="Empty: outside of all folders")
    description: str
    owner: str
    tree: Node
    version: int = Field(description="Rises with every change; also the ETag")
    created_at: datetime | None
    changed_at: datetime | None
    changed_by: str
    archived_at: datetime | None
    starter: str = Field(description="Which starter segment it began as; empty for all others")


class ListedSegment(SegmentAnswer):
    state: SegmentState


class SegmentUser(BaseModel):
    id: str
    name: str
    archived: bool


class OneSegment(ListedSegment):
    sentence: LocalText = Field(description="What its tree says")
    used_by: list[SegmentUser] = Field(description="Segments that name it or one of its snapshots")


class Folder(BaseModel):
    name: str
    segments: int


class SegmentList(BaseModel):
    segments: list[ListedSegment]
    folders: list[Folder] = Field(description="Of all segments that are not archived")
    next_cursor: str | None


class VersionAnswer(BaseModel):
    version: int
    name: str
    tree: Node
    changed_at: datetime | None
    changed_by: str
    note: str


class VersionList(BaseModel):
    versions: list[VersionAnswer]
    next_cursor: str | None


class PlacedNode(BaseModel):
    path: list[int] = Field(description="From the root: the index of the child at each step")
    node: Node


class Change(BaseModel):
    """A node that was added (no `before`), removed (no `after`) or changed."""

    before: PlacedNode | None
    after: PlacedNode | None


class Difference(BaseModel):
    changes: list[Change]


class Size(AsOf):
    profiles: int
    members: int
    visitors: int
    reachable: dict[str, int] = Field(description="People by channel")
    everybody: int = Field(description="What shares are of")
    version: int
    now: datetime | None = Field(description='The "now" of its windows')
    yardstick_age_seconds: float | None = Field(
        description="Age of what tenant-relative conditions compare with; null without one"
    )


class Member(BaseModel):
    profile_id: int
    genes: list[GeneValue] = Field(description="In the order of `genes`; numbers are exact text")


class MemberList(AsOf):
    """All pages are of the first one's moment and version."""

    genes: list[str] = Field(description="As asked for")
    members: list[Member]
    profiles: int = Field(description="People on all pages")
    version: int
    now: datetime | None
    next_cursor: str | None


class SnapshotAnswer(BaseModel):
    id: str
    segment_id: str
    version: int
    profiles: int = Field(description="People when it was taken; whoever was erased since is in it no more")
    position: int
    taken_at: datetime | None
    taken_by: str
    note: str


class SnapshotList(BaseModel):
    snapshots: list[SnapshotAnswer]
    next_cursor: str | None


def segment_fields(segment: pb.Segment) -> dict[str, object]:
    """The fields of SegmentAnswer."""
    return {
        "id": segment.segment_id,
        "name": segment.name,
        "folder": segment.folder,
        "description": segment.description,
        "owner": segment.owner,
        "tree": node_of(segment.tree),
        "version": segment.version,
        "created_at": moment(segment.created_at),
        "changed_at": moment(segment.changed_at),
        "changed_by": segment.changed_by,
        "archived_at": moment(segment.archived_at),
        "starter": segment.starter,
    }


def listed_segment(segment: pb.Segment) -> ListedSegment:
    return ListedSegment.model_validate({**segment_fields(segment), "state": state_answer(segment.state)})


def segment_answer(segment: pb.Segment) -> SegmentAnswer:
    return SegmentAnswer.model_validate(segment_fields(segment))


def version_answer(version: pb.SegmentVersion) -> VersionAnswer:
    return VersionAnswer(
        version=version.version,
        name=version.name,
        tree=node_of(version.tree),
        changed_at=moment(version.changed_at),
        changed_by=version.changed_by,
        note=version.note,
    )


def change_answer(change: pb.SegmentChange) -> Change:
    return Change(
        before=_placed(change.before) if change.HasField("before") else None,
        after=_placed(change.after) if change.HasField("after") else None,
    )


def _placed(placed: pb.PlacedNode) -> PlacedNode:
    return PlacedNode(path=list(placed.path), node=node_of(placed.node))


def snapshot_answer(snapshot: pb.Snapshot) -> SnapshotAnswer:
    return SnapshotAnswer(
        id=snapshot.snapshot_id,
        segment_id=snapshot.segment_id,
        version=snapshot.version,
        profiles=snapshot.profiles,
        position=snapshot.position,
        taken_at=moment(snapshot.taken_at),
        taken_by=snapshot.taken_by,
        note=snapshot.note,
    )
