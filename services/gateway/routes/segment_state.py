"""How far a segment's people are counted, as the API tells it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

from contracts.insight.v1 import events_pb2
from contracts.insight.v1 import segments_service_pb2 as pb
from pydantic import BaseModel, Field

from services.gateway.routes.answers import moment

Refresh = Literal["waiting", "live", "slow", "failed"]
Reason = Literal["events", "time", "yardstick", "definition", "identity", "erasure"]

_REFRESHES: Mapping[int, Refresh] = {
    pb.SEGMENT_REFRESH_UNSPECIFIED: "waiting",
    pb.SEGMENT_REFRESH_WAITING: "waiting",
    pb.SEGMENT_REFRESH_LIVE: "live",
    pb.SEGMENT_REFRESH_SLOW: "slow",
    pb.SEGMENT_REFRESH_FAILED: "failed",
}
REASONS: Mapping[int, Reason] = {
    events_pb2.SEGMENT_CHANGE_REASON_EVENTS: "events",
    events_pb2.SEGMENT_CHANGE_REASON_TIME: "time",
    events_pb2.SEGMENT_CHANGE_REASON_YARDSTICK: "yardstick",
    events_pb2.SEGMENT_CHANGE_REASON_DEFINITION: "definition",
    events_pb2.SEGMENT_CHANGE_REASON_IDENTITY: "identity",
    events_pb2.SEGMENT_CHANGE_REASON_ERASURE: "erasure",
}


class SegmentState(BaseModel):
    """As stored at `now`: nothing is counted to tell it."""

    refresh: Refresh = Field(
        description="`waiting`: not counted yet, or archived. `live`: kept right as things happen. `slow`: "
        "too many people for memory, counted from time to time. `failed`: cannot be counted, see `failure`"
    )
    profiles: int | None = Field(description="People; null before they were counted for the first time")
    entered_today: int = Field(description="On the tenant's local day")
    left_today: int
    version: int | None
    sequence: int = Field(description="Of the newest change")
    position: int | None = Field(description="Place up to which events are counted")
    now: datetime | None = Field(description='The "now" of its windows')
    age_seconds: float | None = Field(description="How long ago that was")
    since: datetime | None = Field(description="Since when `refresh` is what it is")
    failure: str | None = Field(description="Why it fails: a reason of /docs/errors")
    failure_text: str | None
    yardstick_age_seconds: float | None


def state_answer(state: pb.SegmentState) -> SegmentState:
    counted = state.HasField("now")
    now = moment(state.now) if counted else None
    aged = state.HasField("yardstick_age_seconds")
    return SegmentState(
        refresh=_REFRESHES[state.refresh],
        profiles=state.profiles if counted else None,
        entered_today=state.entered_today,
        left_today=state.left_today,
        version=state.version if counted else None,
        sequence=state.sequence,
        position=state.watermark.position if counted else None,
        now=now,
        age_seconds=None if now is None else round((datetime.now(UTC) - now).total_seconds(), 1),
        since=moment(state.since) if state.HasField("since") else None,
        failure=state.failure or None,
        failure_text=state.failure_text or None,
        yardstick_age_seconds=state.yardstick_age_seconds if aged else None,
    )
