"""gRPC in: how sets of people overlap."""

import time
from collections.abc import Callable
from typing import Any

import grpc
from contracts.insight.v1 import overlaps_service_pb2 as pb
from contracts.insight.v1 import overlaps_service_pb2_grpc as pb_grpc
from contracts.insight.v1 import report_pb2

from chassis.rpc import tenant
from services.insight.api.answers import watermark_message
from services.insight.api.trees import tree_message, tree_of
from services.insight.evaluation import Moment
from services.insight.overlaps import Overlap, Overlaps, Part
from services.insight.store.events import Watermark

Context = grpc.aio.ServicerContext[Any, Any]


class OverlapsApi(pb_grpc.OverlapsServiceServicer):
    """contracts.insight.v1.OverlapsService."""

    service_name = pb.DESCRIPTOR.services_by_name["OverlapsService"].full_name

    def __init__(self, overlaps: Overlaps, watermark: Callable[[], Watermark]) -> None:
        self._overlaps = overlaps
        self._watermark = watermark

    def add_to(self, server: grpc.aio.Server) -> None:
        pb_grpc.add_OverlapsServiceServicer_to_server(self, server)

    async def GetOverlap(self, request: pb.GetOverlapRequest, context: Context) -> pb.GetOverlapResponse:
        sets, watermark = [tree_of(one) for one in request.sets], self._watermark()
        moment = Moment(watermark.position, time.time_ns() // 1_000_000)
        overlap = await self._overlaps.of(tenant(), sets, moment)
        return _answer(overlap, watermark, moment)


def _answer(overlap: Overlap, watermark: Watermark, moment: Moment) -> pb.GetOverlapResponse:
    answer = pb.GetOverlapResponse(
        sets=[_part(part) for part in overlap.sets],
        regions=[pb.OverlapRegion(inside=one.inside, part=_part(one.part)) for one in overlap.regions],
        union=_part(overlap.union),
        everybody=overlap.everybody,
        as_of=report_pb2.ReportAsOf(
            watermark=watermark_message(watermark),
            answered_by=overlap.by,
            yardstick_age_seconds=overlap.yardstick_age_seconds,
        ),
    )
    answer.as_of.now.FromMilliseconds(moment.now_ms)
    return answer


def _part(part: Part) -> pb.OverlapPart:
    people = report_pb2.PeopleNumber(profiles=part.profiles, tree=tree_message(part.tree))
    return pb.OverlapPart(people=people, members=part.members)
