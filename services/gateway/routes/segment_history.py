"""How segments were: people by local day, and who came and went lately."""

import uuid
from datetime import date, datetime

from contracts.insight.v1 import segments_service_pb2 as pb
from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.gateway.domain.cursors import cursor_of, place_of
from services.gateway.errors.requests import CursorNotValid
from services.gateway.routes.answers import moment
from services.gateway.routes.parts import Caller, Cursor, Limit, PartsOf
from services.gateway.routes.segment_state import REASONS, Reason, SegmentState, state_answer

router = APIRouter(tags=["segments"])


class SegmentDay(BaseModel):
    day: date
    profiles: int = Field(description="At its end, or now")
    entered: int
    left: int


class SegmentDayList(BaseModel):
    days: list[SegmentDay] = Field(description="Local days of the tenant, without a gap")
    state: SegmentState
    next_cursor: str | None


class Movement(BaseModel):
    sequence: int = Field(description="Rises by one with each change of the segment")
    version: int
    reason: Reason
    position: int = Field(description="Place up to which events were counted")
    at: datetime | None
    entered: int
    left: int
    entered_profiles: list[int] = Field(description="At most 100; nobody who was erased is among them")
    left_profiles: list[int]


class MovementList(BaseModel):
    changes: list[Movement] = Field(description="Of seven days at most")
    state: SegmentState
    next_cursor: str | None


@router.get("/v1/segments/{segment_id}/history", summary="People by day, newest first 客群人數歷史")
async def get_segment_history(
    segment_id: uuid.UUID, principal: Caller, parts: PartsOf, cursor: Cursor = "", limit: Limit = 50
) -> SegmentDayList:
    """As recorded on each day: what is learnt later of a day that is over does not change it."""
    name = f"segment days {segment_id}"
    request = pb.ListSegmentDaysRequest(
        segment_id=str(segment_id), page_size=limit, page_token=_token(name, cursor)
    )
    found = await parts.clients.segments.days(principal.tenant_id, request)
    return SegmentDayList(
        days=[
            SegmentDay(
                day=date.fromisoformat(one.day), profiles=one.profiles, entered=one.entered, left=one.left
            )
            for one in found.days
        ],
        state=state_answer(found.state),
        next_cursor=_cursor(name, found.next_page_token),
    )


@router.get("/v1/segments/{segment_id}/changes", summary="Who came and went, newest first 客群異動")
async def list_segment_changes(
    segment_id: uuid.UUID, principal: Caller, parts: PartsOf, cursor: Cursor = "", limit: Limit = 50
) -> MovementList:
    """Each entry says who entered and who left at one moment, and why."""
    name = f"segment changes {segment_id}"
    request = pb.ListSegmentChangesRequest(
        segment_id=str(segment_id), page_size=limit, page_token=_token(name, cursor)
    )
    found = await parts.clients.segments.changes(principal.tenant_id, request)
    return MovementList(
        changes=[
            Movement(
                sequence=one.sequence,
                version=one.version,
                reason=REASONS[one.reason],
                position=one.position,
                at=moment(one.at),
                entered=one.entered,
                left=one.left,
                entered_profiles=list(one.entered_profiles),
                left_profiles=list(one.left_profiles),
            )
            for one in found.changes
        ],
        state=state_answer(found.state),
        next_cursor=_cursor(name, found.next_page_token),
    )


def _token(name: str, cursor: str) -> str:
    if not cursor:
        return ""
    place = place_of(name, cursor, str)
    if place is None:
        raise CursorNotValid("The cursor belongs to another list.")
    return str(place[0])


def _cursor(name: str, page_token: str) -> str | None:
    return cursor_of(name, page_token) if page_token else None
