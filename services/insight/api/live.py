"""gRPC in: how live segments are, were, and who came and went."""

from datetime import date
from typing import Any

import grpc
from contracts.insight.v1 import segments_service_pb2 as pb
from contracts.insight.v1 import segments_service_pb2_grpc as pb_grpc

from chassis.rpc import tenant
from services.insight.api.answers import watermark_message
from services.insight.api.segment_events import REASONS
from services.insight.errors import PageTokenNotValid
from services.insight.live.reading import LiveReading
from services.insight.paging import page_size, text_place, text_token
from services.insight.store.events import Watermark
from services.insight.store.live_pages import LiveState, Movement, SegmentDay

# Of the people of one change.
_SHOWN = 100
_NEWEST = 2**62

Context = grpc.aio.ServicerContext[Any, Any]


class LiveDoors(pb_grpc.SegmentsServiceServicer):
    """The part of contracts.insight.v1.SegmentsService that reads what live segments stored."""

    def __init__(self, live: LiveReading) -> None:
        self._live = live

    async def GetSegmentMembership(
        self, request: pb.GetSegmentMembershipRequest, context: Context
    ) -> pb.GetSegmentMembershipResponse:
        members, sequence = await self._live.membership(tenant(), request.segment_id)
        state = await self._live.state(tenant(), request.segment_id)
        return pb.GetSegmentMembershipResponse(
            members=members.serialize(), sequence=sequence, state=state_message(state)
        )

    async def ListSegmentDays(
        self, request: pb.ListSegmentDaysRequest, context: Context
    ) -> pb.ListSegmentDaysResponse:
        size = page_size(request.page_size)
        last = _day(request.page_token) if request.page_token else None
        found = await self._live.days(tenant(), request.segment_id, last, size)
        answer = pb.ListSegmentDaysResponse(
            days=[_day_message(one) for one in found.days], state=state_message(found.state)
        )
        if found.next is not None:
            answer.next_page_token = text_token("segment_days", found.next.isoformat())
        return answer

    async def ListSegmentChanges(
        self, request: pb.ListSegmentChangesRequest, context: Context
    ) -> pb.ListSegmentChangesResponse:
        size = page_size(request.page_size)
        before = _sequence(request.page_token) if request.page_token else _NEWEST
        found = await self._live.changes(tenant(), request.segment_id, before, size + 1)
        state = await self._live.state(tenant(), request.segment_id)
        answer = pb.ListSegmentChangesResponse(
            changes=[_movement(one) for one in found[:size]], state=state_message(state)
        )
        if len(found) > size:
            answer.next_page_token = text_token("segment_changes", str(found[size - 1].sequence))
        return answer


def state_message(state: LiveState | None, *, archived: bool = False) -> pb.SegmentState:
    """An archived segment waits, with what it was."""
    if state is None:
        return pb.SegmentState(refresh=pb.SEGMENT_REFRESH_WAITING)
    answer = pb.SegmentState(
        refresh=pb.SEGMENT_REFRESH_WAITING if archived else _refresh(state),
        version=state.version,
        profiles=state.size,
        entered_today=state.entered,
        left_today=state.gone,
        sequence=state.sequence,
        failure=state.failure,
        failure_text=state.failure_text,
        yardstick_age_seconds=state.yardstick_age_seconds,
    )
    answer.since.FromDatetime(state.since)
    # What could never be evaluated is as of nothing.
    if state.answered_by:
        answer.watermark.CopyFrom(watermark_message(Watermark(state.position, None)))
        answer.now.FromDatetime(state.as_of)
    return answer


def _refresh(state: LiveState) -> "pb.SegmentRefresh.ValueType":
    if state.failure:
        return pb.SEGMENT_REFRESH_FAILED
    return pb.SEGMENT_REFRESH_LIVE if state.answered_by == "memory" else pb.SEGMENT_REFRESH_SLOW


def _day_message(day: SegmentDay) -> pb.SegmentDay:
    return pb.SegmentDay(day=day.day.isoformat(), profiles=day.size, entered=day.entered, left=day.gone)


def _movement(movement: Movement) -> pb.SegmentMovement:
    answer = pb.SegmentMovement(
        sequence=movement.sequence,
        version=movement.version,
        reason=REASONS[movement.reason],
        position=movement.position,
        entered=movement.n_entered,
        left=movement.n_gone,
        entered_profiles=movement.entered[:_SHOWN],
        left_profiles=movement.gone[:_SHOWN],
    )
    answer.at.FromDatetime(movement.at)
    return answer


def _day(sent: str) -> date:
    try:
        return date.fromisoformat(text_place("segment_days", sent, 1)[0])
    except ValueError as error:
        raise PageTokenNotValid("This page token is not one of ours.") from error


def _sequence(sent: str) -> int:
    (told,) = text_place("segment_changes", sent, 1)
    if not (told.isascii() and told.isdigit() and len(told) < 19):
        raise PageTokenNotValid("This page token is not one of ours.")
    return int(told)
