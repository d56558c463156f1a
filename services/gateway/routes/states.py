"""States of customers, NES and NAPL, and who went from which to which."""

from datetime import date
from typing import Annotated, Literal

from contracts.insight.v1 import states_service_pb2 as pb
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from services.gateway.routes.answers import AsOf, as_of
from services.gateway.routes.genes import Gene, gene_answer
from services.gateway.routes.parts import Body, Caller, PartsOf
from services.gateway.routes.presence import while_there
from services.gateway.routes.segment_trees import Node, Tree, node_message, node_of, telling_problems

router = APIRouter(tags=["states"])


class StateList(BaseModel):
    states: list[Gene]


class TransitionsAsked(Body):
    state: Literal["nes_state", "napl_state"] = "nes_state"
    from_on: Annotated[date, Field(description="At the end of this local day, which is over")]
    to_on: Annotated[date | None, Field(description="At the end of this later one; null: now")] = None
    tree: Annotated[Tree | None, Field(description="Of these people only, as they are now")] = None


class StateTransition(BaseModel):
    before: str | None = Field(description="null: in no state, such as before an order")
    after: str | None
    profiles: int
    tree: Node = Field(description="Who they are")


class StateCount(BaseModel):
    state: str
    profiles: int
    tree: Node = Field(description="Who they are")


class Transitions(AsOf):
    """With what is known today. 狀態轉移"""

    transitions: list[StateTransition]
    counts: list[StateCount] = Field(description="At the end, by state")
    asleep: int = Field(description="At the beginning: NES S1 to S3, NAPL sleeping and lost")
    woken: int = Field(description="Who of them was awake at the end")
    wake_up_rate: float | None = Field(description="woken / asleep, 0 to 1; null where nobody slept 喚醒率")
    everybody: int
    asleep_tree: Node = Field(description="Who slept at the beginning")
    woken_tree: Node = Field(description="Who of them was awake at the end")


@router.get("/v1/states", summary="States of customers 顧客動態")
async def list_states(principal: Caller, parts: PartsOf) -> StateList:
    """NES and NAPL, told by several genes together. Conditions name them as genes:
    `{"gene": "nes_state", "is": {"one_of": ["s1"]}}`."""
    found = await parts.clients.states.every(principal.tenant_id)
    return StateList(states=[gene_answer(one) for one in found.states])


@router.post("/v1/reports/state-transitions", summary="Who went from which state to which 狀態轉移與喚醒率")
async def get_state_transitions(
    body: TransitionsAsked, request: Request, principal: Caller, parts: PartsOf
) -> Transitions:
    asked = pb.GetStateTransitionsRequest(
        state=body.state,
        from_on=body.from_on.isoformat(),
        to_on="" if body.to_on is None else body.to_on.isoformat(),
        among=None if body.tree is None else node_message(body.tree),
    )
    async with telling_problems(asked.among):
        answer = parts.clients.states.transitions(principal.tenant_id, asked)
        found = await while_there(request, answer)
    return Transitions(
        transitions=[
            StateTransition(
                before=one.before or None,
                after=one.after or None,
                profiles=one.profiles,
                tree=node_of(one.tree),
            )
            for one in found.transitions
        ],
        counts=[
            StateCount(state=one.state, profiles=one.profiles, tree=node_of(one.tree)) for one in found.counts
        ],
        asleep=found.asleep,
        woken=found.woken,
        wake_up_rate=found.woken / found.asleep if found.asleep else None,
        everybody=found.everybody,
        asleep_tree=node_of(found.asleep_tree),
        woken_tree=node_of(found.woken_tree),
        **as_of(found.watermark),
    )
