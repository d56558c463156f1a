"""gRPC in: goals."""

import uuid
from typing import Any

import grpc
from contracts.insight.v1 import goals_service_pb2 as pb
from contracts.insight.v1 import goals_service_pb2_grpc as pb_grpc

from chassis.rpc import tenant
from services.insight.api.trees import step_message, step_of
from services.insight.domain.goals import Goal
from services.insight.errors import GoalIdNotValid, GoalNotFound, GoalTextNotValid
from services.insight.goals import Goals
from services.insight.paging import page_size, text_place, text_token
from services.insight.store.goals import SavedGoal

_MAX_ACTOR_CHARACTERS = 200
_PAGES = "goals"

Context = grpc.aio.ServicerContext[Any, Any]


class GoalsApi(pb_grpc.GoalsServiceServicer):
    """contracts.insight.v1.GoalsService."""

    service_name = pb.DESCRIPTOR.services_by_name["GoalsService"].full_name

    def __init__(self, goals: Goals) -> None:
        self._goals = goals

    def add_to(self, server: grpc.aio.Server) -> None:
        pb_grpc.add_GoalsServiceServicer_to_server(self, server)

    async def CreateGoal(self, request: pb.CreateGoalRequest, context: Context) -> pb.CreateGoalResponse:
        try:
            goal_id = str(uuid.UUID(request.goal_id))
        except ValueError as error:
            raise GoalIdNotValid("goal_id must be a UUID.") from error
        made = await self._goals.create(tenant(), goal_id, _goal(request.draft), _actor(request.actor))
        return pb.CreateGoalResponse(goal=_message(made))

    async def GetGoal(self, request: pb.GetGoalRequest, context: Context) -> pb.GetGoalResponse:
        found = await self._goals.get(tenant(), _known(request.goal_id))
        return pb.GetGoalResponse(goal=_message(found))

    async def ListGoals(self, request: pb.ListGoalsRequest, context: Context) -> pb.ListGoalsResponse:
        size = page_size(request.page_size)
        after = ("", "")
        if request.page_token:
            name, goal_id = text_place(_PAGES, request.page_token, 2)
            after = (name, goal_id)
        found = await self._goals.page(tenant(), after, size + 1)
        page = found[:size]
        more = len(found) > size
        following = text_token(_PAGES, page[-1].goal.name, page[-1].goal_id) if more else ""
        return pb.ListGoalsResponse(goals=map(_message, page), next_page_token=following)

    async def UpdateGoal(self, request: pb.UpdateGoalRequest, context: Context) -> pb.UpdateGoalResponse:
        goal_id, goal = _known(request.goal_id), _goal(request.draft)
        changed = await self._goals.change(tenant(), goal_id, goal, _actor(request.actor))
        return pb.UpdateGoalResponse(goal=_message(changed))

    async def DeleteGoal(self, request: pb.DeleteGoalRequest, context: Context) -> pb.DeleteGoalResponse:
        await self._goals.delete(tenant(), _known(request.goal_id))
        return pb.DeleteGoalResponse()


def _known(goal_id: str) -> str:
    """An id that a goal can have; raises GoalNotFound."""
    try:
        return str(uuid.UUID(goal_id))
    except ValueError as error:
        raise GoalNotFound("There is no such goal.", goal_id=goal_id[:64]) from error


def _actor(text: str) -> str:
    if len(text) > _MAX_ACTOR_CHARACTERS or "\0" in text:
        raise GoalTextNotValid("Say who asks.", field="actor", limit=_MAX_ACTOR_CHARACTERS)
    return text


def _goal(draft: pb.GoalDraft) -> Goal:
    return Goal(draft.name, draft.description, step_of(draft.step), draft.value_property)


def _message(saved: SavedGoal) -> pb.Goal:
    draft = pb.GoalDraft(
        name=saved.goal.name,
        description=saved.goal.description,
        step=step_message(saved.goal.step),
        value_property=saved.goal.value_property,
    )
    answer = pb.Goal(goal_id=saved.goal_id, draft=draft, changed_by=saved.changed_by)
    answer.created_at.FromDatetime(saved.created_at)
    answer.changed_at.FromDatetime(saved.changed_at)
    return answer
