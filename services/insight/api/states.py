"""gRPC in: states and who went from which to which."""

import time
from collections.abc import Callable
from datetime import date
from typing import Any

import grpc
from contracts.insight.v1 import segment_tree_pb2
from contracts.insight.v1 import states_service_pb2 as pb
from contracts.insight.v1 import states_service_pb2_grpc as pb_grpc

from chassis.rpc import tenant
from services.insight.api.answers import watermark_message
from services.insight.api.genes import gene_message
from services.insight.api.trees import tree_message, tree_of
from services.insight.domain.catalogue import DERIVED
from services.insight.errors import DayNotValid
from services.insight.evaluation import Moment
from services.insight.reporting.number import PeopleNumber
from services.insight.states import Asked, Ending, States
from services.insight.store.events import Watermark

Context = grpc.aio.ServicerContext[Any, Any]


class StatesApi(pb_grpc.StatesServiceServicer):
    """contracts.insight.v1.StatesService."""

    service_name = pb.DESCRIPTOR.services_by_name["StatesService"].full_name

    def __init__(self, states: States, watermark: Callable[[], Watermark]) -> None:
        self._states = states
        self._watermark = watermark

    def add_to(self, server: grpc.aio.Server) -> None:
        pb_grpc.add_StatesServiceServicer_to_server(self, server)

    async def ListStates(self, request: pb.ListStatesRequest, context: Context) -> pb.ListStatesResponse:
        return pb.ListStatesResponse(states=map(gene_message, DERIVED))

    async def GetStateTransitions(
        self, request: pb.GetStateTransitionsRequest, context: Context
    ) -> pb.GetStateTransitionsResponse:
        among = tree_of(request.among) if request.HasField("among") else None
        to_on = _day(request.to_on) if request.to_on else None
        asked, watermark = Asked(request.state, _day(request.from_on), to_on, among), self._watermark()
        moment = Moment(watermark.position, time.time_ns() // 1_000_000)
        found = await self._states.transitions(tenant(), asked, moment)
        return pb.GetStateTransitionsResponse(
            transitions=[
                pb.StateTransition(
                    before=one.before, after=one.after, profiles=one.profiles, tree=tree_message(one.tree)
                )
                for one in found.moved
            ],
            counts=map(_ending, found.endings),
            asleep=found.asleep.profiles,
            woken=found.woken.profiles,
            asleep_tree=_tree(found.asleep),
            woken_tree=_tree(found.woken),
            everybody=found.everybody,
            watermark=watermark_message(watermark),
        )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise DayNotValid("Send an ISO date such as 2026-11-22.", on=text[:64]) from error


def _ending(one: Ending) -> pb.StateCount:
    return pb.StateCount(state=one.state, profiles=one.profiles, tree=tree_message(one.tree))


def _tree(number: PeopleNumber) -> segment_tree_pb2.SegmentNode:
    assert number.tree is not None
    return tree_message(number.tree)
