"""How segments overlap: every region of up to eight at once."""

from datetime import datetime
from typing import Annotated

from contracts.insight.v1 import overlaps_service_pb2 as pb
from contracts.insight.v1 import segment_tree_pb2 as tree_pb
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from services.gateway.errors.segments import SegmentNotValid
from services.gateway.routes.answers import AsOf, as_of, moment
from services.gateway.routes.parts import Body, Caller, PartsOf
from services.gateway.routes.presence import while_there
from services.gateway.routes.segment_trees import Node, Tree, node_message, node_of, telling_problems

router = APIRouter(tags=["segments"])

_MAX_SETS = 8


class OverlapBody(Body):
    sets: Annotated[
        list[Tree],
        Field(
            min_length=1,
            max_length=_MAX_SETS,
            description='Saved segments ({"segment": id}) or any other trees',
            examples=[
                [
                    {"gene": "orders", "in": {"last_days": 90}, "is": {"op": ">=", "value": 1}},
                    {"gene": "product_views", "in": {"last_days": 30}, "is": {"op": ">=", "value": 3}},
                ]
            ],
        ),
    ]


class OverlapPart(BaseModel):
    """Some people, and the tree that gives exactly them: it opens as a segment. 可直接另存為客群"""

    profiles: int
    members: int
    visitors: int
    tree: Node


class OverlapRegion(OverlapPart):
    """People who are in these sets and in none of the others."""

    inside: list[int] = Field(description="Places of the sets in `sets`, from 0")


class OverlapAnswer(AsOf):
    """All numbers are of one moment; the regions make up the union. 各區塊人數相加等於聯集"""

    sets: list[OverlapPart] = Field(description="As asked for, each whatever the others say")
    regions: list[OverlapRegion] = Field(description="All 2^n - 1, those of single sets first")
    union: OverlapPart
    everybody: int = Field(description="What shares are of")
    now: datetime | None = Field(description="Now, as the windows took it")
    answered_by: str = Field(description="memory or store")
    yardstick_age_seconds: float | None = Field(description="Where something is compared with everybody's")


@router.post("/v1/segments/overlap", summary="How segments overlap 客群重疊")
async def overlap_segments(
    body: OverlapBody, request: Request, principal: Caller, parts: PartsOf
) -> OverlapAnswer:
    """Up to eight saved segments or trees: how many people are in exactly these and in no other.

    最多八個客群：每個區塊的人數與條件樹。
    """
    sets = [node_message(tree) for tree in body.sets]
    asked = pb.GetOverlapRequest(sets=sets)
    try:
        async with telling_problems(tree_pb.SegmentNode(any_of=tree_pb.AnyOfNodes(nodes=sets)), ""):
            found = await while_there(request, parts.clients.overlaps.overlap(principal.tenant_id, asked))
    except SegmentNotValid as error:
        # They are checked as the nodes of one group, which nobody sent.
        for fault in error.errors:
            fault["pointer"] = str(fault["pointer"]).replace("/any", "/sets", 1)
        raise
    told = found.as_of
    return OverlapAnswer(
        sets=[OverlapPart.model_validate(_part(part)) for part in found.sets],
        regions=[
            OverlapRegion.model_validate(_part(region.part) | {"inside": list(region.inside)})
            for region in found.regions
        ],
        union=OverlapPart.model_validate(_part(found.union)),
        everybody=found.everybody,
        now=moment(told.now),
        answered_by=told.answered_by,
        yardstick_age_seconds=told.yardstick_age_seconds if told.HasField("yardstick_age_seconds") else None,
        **as_of(told.watermark),
    )


def _part(part: pb.OverlapPart) -> dict[str, object]:
    return {
        "profiles": part.people.profiles,
        "members": part.members,
        "visitors": part.people.profiles - part.members,
        "tree": node_of(part.people.tree),
    }
