"""Trees that nobody saved: whom they contain, and why somebody is in or out."""

import uuid
from datetime import date, datetime
from typing import Annotated, Any

from contracts.insight.v1 import genes_service_pb2 as pb
from contracts.insight.v1 import segment_tree_pb2 as tree_pb
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from services.gateway.errors.people import ProfileNotFound
from services.gateway.errors.requests import RequestNotValid
from services.gateway.routes.answers import AsOf, as_of, moment
from services.gateway.routes.genes import LocalText, gene_value, local
from services.gateway.routes.parts import Body, Caller, Parts, PartsOf
from services.gateway.routes.presence import while_there
from services.gateway.routes.segment_trees import EXAMPLE, Tree, node_message, telling_problems
from services.gateway.routes.segment_trees.problems import pointer_to

router = APIRouter(tags=["segments"])

_TREE = Field(examples=[EXAMPLE])


class PreviewBody(Body):
    tree: Annotated[Tree, _TREE]


class NodeCount(BaseModel):
    """One condition or group, whatever the others say."""

    pointer: str = Field(description="Where it stands in the request's body")
    path: list[int]
    profiles: int


class Preview(AsOf):
    """Whom the tree contains. 此條件的人數"""

    profiles: int
    members: int
    visitors: int
    everybody: int = Field(description="What shares are of")
    share: float | None = Field(description="0 to 1; null without anybody at all")
    reachable: dict[str, int] = Field(description="How many each channel reaches 可發送人數")
    counts: list[NodeCount]
    sentence: LocalText
    now: datetime | None = Field(description="Now, as the windows took it")
    exact: bool = Field(description="Whether every number is exact, and no estimate")
    answered_by: str = Field(description="memory or store")
    yardstick_age_seconds: float | None = Field(description="Where something is compared with everybody's")


class ExplainBody(Body):
    """Give a tree, or the id of a saved segment."""

    profile_id: Annotated[int, Field(ge=1, le=2**32 - 1)]
    tree: Annotated[Tree | None, _TREE] = None
    segment_id: uuid.UUID | None = None
    on: date | None = Field(default=None, description="As it was at the end of this past local day")


class NodeReason(BaseModel):
    """One condition or group, for this profile."""

    pointer: str
    path: list[int]
    fulfilled: bool
    sentence: LocalText
    value: str | list[str] | dict[str, str] | None = Field(
        description="Genes: the profile's own; null is unknown"
    )


class Explanation(AsOf):
    profile_id: int
    member: bool
    on: date | None
    known_today: bool = Field(description="A past day is answered with what is known today 以今日所知回推")
    nodes: list[NodeReason]


@router.post("/v1/segments/preview", summary="Count a segment while it is built 預覽客群人數")
async def preview_segment(body: PreviewBody, request: Request, principal: Caller, parts: PartsOf) -> Preview:
    """Every condition and group is counted by itself. Hang up, and the work ends.

    每個條件與群組各有人數；中斷連線即停止計算。
    """
    tree = node_message(body.tree)
    asked = pb.PreviewSegmentRequest(root=tree)
    async with telling_problems(tree):
        found = await while_there(request, parts.clients.genes.preview(principal.tenant_id, asked))
    return Preview(
        profiles=found.profiles,
        members=found.members,
        visitors=found.visitors,
        everybody=found.everybody,
        share=found.profiles / found.everybody if found.everybody else None,
        reachable={one.channel: one.profiles for one in found.reachable},
        counts=[
            NodeCount(pointer=pointer_to(tree, one.path), path=list(one.path), profiles=one.profiles)
            for one in found.counts
        ],
        sentence=local(found.sentence),
        now=moment(found.now),
        exact=found.exact,
        answered_by=found.answered_by,
        yardstick_age_seconds=found.yardstick_age_seconds
        if found.HasField("yardstick_age_seconds")
        else None,
        **as_of(found.watermark),
    )


@router.post("/v1/segments/explain", summary="Why is somebody in or out 為何在（或不在）客群中")
async def explain_segment(
    body: ExplainBody, request: Request, principal: Caller, parts: PartsOf
) -> Explanation:
    """Condition by condition with the profile's values, now or at the end of a past day."""
    tree = await _tree(body, parts, principal.tenant_id)
    known = await parts.clients.identity.get_profile(principal.tenant_id, body.profile_id)
    if known is None:
        raise ProfileNotFound("There is no such profile.")
    survivor = known.profile.profile_id
    asked = pb.ExplainMembershipRequest(
        profile_id=survivor, root=tree, on=body.on.isoformat() if body.on else ""
    )
    async with telling_problems(tree):
        found = await while_there(request, parts.clients.genes.explain(principal.tenant_id, asked))
    return Explanation(
        profile_id=survivor,
        member=found.member,
        on=body.on,
        known_today=body.on is not None,
        nodes=[_reason(tree, one) for one in found.nodes],
        **as_of(found.watermark),
    )


async def _tree(body: ExplainBody, parts: Parts, tenant_id: str) -> tree_pb.SegmentNode:
    if body.tree is not None and body.segment_id is None:
        return node_message(body.tree)
    if body.tree is None and body.segment_id is not None:
        return (await parts.clients.segments.get(tenant_id, str(body.segment_id))).segment.tree
    raise RequestNotValid("Give a tree or a segment_id, one of them.")


def _reason(tree: tree_pb.SegmentNode, one: pb.NodeExplanation) -> NodeReason:
    value: Any = gene_value(one.value)
    return NodeReason(
        pointer=pointer_to(tree, one.path),
        path=list(one.path),
        fulfilled=one.fulfilled,
        sentence=local(one.sentence),
        value=value,
    )
