"""gRPC in."""

from typing import Any

import grpc
from contracts.campaign.v1 import campaign_service_pb2 as pb
from contracts.campaign.v1 import campaign_service_pb2_grpc as pb_grpc

from chassis.rpc import tenant
from services.campaign.store import Store
from services.campaign.subscriptions import STREAM


class CampaignApi(pb_grpc.CampaignServiceServicer):
    """contracts.campaign.v1.CampaignService."""

    service_name = pb.DESCRIPTOR.services_by_name["CampaignService"].full_name

    def __init__(self, store: Store) -> None:
        self._store = store

    def add_to(self, server: grpc.aio.Server) -> None:
        pb_grpc.add_CampaignServiceServicer_to_server(self, server)

    async def GetWatermark(
        self, request: pb.GetWatermarkRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> pb.GetWatermarkResponse:
        progress = await self._store.load_progress(tenant())
        answer = pb.GetWatermarkResponse(
            # Not the tenant's last event: all up to here is known, whosever it was.
            position=await self._store.load_position(STREAM),
            events=progress.events,
        )
        if progress.newest_received_at is not None:
            answer.as_of.FromDatetime(progress.newest_received_at)
        return answer
