"""Goals: events that a tenant has named, so that they count where otherwise only orders would."""

import uuid
from datetime import datetime
from typing import Annotated

from contracts.insight.v1 import goals_service_pb2 as pb
from contracts.insight.v1 import segment_tree_pb2 as tree_pb
from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from services.gateway.domain.cursors import cursor_of, place_of
from services.gateway.errors.requests import CursorNotValid
from services.gateway.routes.answers import moment
from services.gateway.routes.parts import Body, Caller, CommandId, Cursor, Limit, PartsOf, Storable
from services.gateway.routes.segment_trees import PropertyTest, step_message, step_of, telling_problems

router = APIRouter(tags=["goals"])

_PROPERTY = r"^([^.\s][^.]*(\.[^.\s][^.]*){0,5})?$"


class GoalBody(Body):
    name: Annotated[str, Field(min_length=1, max_length=200), Storable]
    description: Annotated[str, Field(max_length=2000), Storable] = ""
    event: Annotated[str, Field(min_length=1, max_length=500), Storable] = Field(
        description="Canonical name, such as signed_up, or one of your own 事件名稱"
    )
    where: list[PropertyTest] = Field(default=[], max_length=10, description="Its properties fulfil all")
    value_property: Annotated[str, Field(max_length=500, pattern=_PROPERTY), Storable] = Field(
        default="", description="Path of the property that says what it is worth; empty: none 價值欄位"
    )


class GoalAnswer(BaseModel):
    id: str
    name: str
    description: str
    event: str
    where: list[PropertyTest]
    value_property: str
    created_at: datetime | None
    changed_at: datetime | None
    changed_by: str


class GoalList(BaseModel):
    goals: list[GoalAnswer]
    next_cursor: str | None


@router.get("/v1/goals", summary="Goals, by name 目標清單")
async def list_goals(principal: Caller, parts: PartsOf, cursor: Cursor = "", limit: Limit = 50) -> GoalList:
    """Where no goal is named, an order is the goal."""
    place = place_of("goals", cursor, str) if cursor else ("",)
    if place is None:
        raise CursorNotValid("The cursor belongs to another list.")
    request = pb.ListGoalsRequest(page_size=limit, page_token=str(place[0]))
    found = await parts.clients.goals.page(principal.tenant_id, request)
    following = cursor_of("goals", found.next_page_token) if found.next_page_token else None
    return GoalList(goals=[_answer(one) for one in found.goals], next_cursor=following)


@router.post("/v1/goals", status_code=201, summary="Name a goal 建立目標")
async def make_goal(body: GoalBody, principal: Caller, parts: PartsOf, command_id: CommandId) -> GoalAnswer:
    request = pb.CreateGoalRequest(goal_id=command_id, draft=_draft(body), actor=principal.name)
    async with telling_problems(_checked(request.draft), at=""):
        made = await parts.clients.goals.create(principal.tenant_id, request)
    await parts.audit.write(principal.did("goal.made", f"goal:{made.goal_id}"))
    return _answer(made)


@router.get("/v1/goals/{goal_id}", summary="One goal 單一目標")
async def get_goal(goal_id: uuid.UUID, principal: Caller, parts: PartsOf) -> GoalAnswer:
    return _answer(await parts.clients.goals.get(principal.tenant_id, str(goal_id)))


@router.put("/v1/goals/{goal_id}", summary="Say a goal anew 修改目標")
async def change_goal(goal_id: uuid.UUID, body: GoalBody, principal: Caller, parts: PartsOf) -> GoalAnswer:
    """Segments that name it follow."""
    request = pb.UpdateGoalRequest(goal_id=str(goal_id), draft=_draft(body), actor=principal.name)
    async with telling_problems(_checked(request.draft), at=""):
        changed = await parts.clients.goals.update(principal.tenant_id, request)
    await parts.audit.write(principal.did("goal.changed", f"goal:{goal_id}"))
    return _answer(changed)


@router.delete("/v1/goals/{goal_id}", status_code=204, summary="Delete a goal 刪除目標")
async def delete_goal(goal_id: uuid.UUID, principal: Caller, parts: PartsOf) -> Response:
    """Refused while a segment names it."""
    await parts.clients.goals.delete(principal.tenant_id, str(goal_id))
    await parts.audit.write(principal.did("goal.deleted", f"goal:{goal_id}"))
    return Response(status_code=204)


def _draft(body: GoalBody) -> pb.GoalDraft:
    return pb.GoalDraft(
        name=body.name,
        description=body.description,
        step=step_message(body.event, body.where),
        value_property=body.value_property,
    )


def _checked(draft: pb.GoalDraft) -> tree_pb.SegmentNode:
    """The condition that insight checks a goal as."""
    step = tree_pb.EventStep()
    step.CopyFrom(draft.step)
    if draft.value_property:
        known = tree_pb.ValueTest(known=tree_pb.KnownTest())
        step.where.append(tree_pb.PropertyTest(path=draft.value_property, test=known))
    window = tree_pb.SegmentWindow(all_time=tree_pb.AllTime())
    return tree_pb.SegmentNode(event=tree_pb.EventCondition(step=step, window=window))


def _answer(goal: pb.Goal) -> GoalAnswer:
    step = step_of(goal.draft.step)
    return GoalAnswer(
        id=goal.goal_id,
        name=goal.draft.name,
        description=goal.draft.description,
        event=step.event,
        where=step.where,
        value_property=goal.draft.value_property,
        created_at=moment(goal.created_at),
        changed_at=moment(goal.changed_at),
        changed_by=goal.changed_by,
    )
