"""gRPC in."""

from typing import Any

import grpc
from contracts.recommender.v1 import recommender_service_pb2 as pb
from contracts.recommender.v1 import recommender_service_pb2_grpc as pb_grpc

from chassis.rpc import tenant
from services.recommender.store import Store


class RecommenderApi(pb_grpc.RecommenderServiceServicer):
    """contracts.recommender.v1.RecommenderService."""

    service_name = pb.DESCRIPTOR.services_by_name["RecommenderService"].full_name

    def __init__(self, store: Store) -> None:
        self._store = store

    def add_to(self, server: grpc.aio.Server) -> None:
        pb_grpc.add_RecommenderServiceServicer_to_server(self, server)

    async def GetWatermark(
        self, request: pb.GetWatermarkRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> pb.GetWatermarkResponse:
        progress = await self._store.load_progress(tenant())
        answer = pb.GetWatermarkResponse(position=progress.position, events=progress.events)
        if progress.newest_received_at is not None:
            answer.as_of.FromDatetime(progress.newest_received_at)
        return answer
