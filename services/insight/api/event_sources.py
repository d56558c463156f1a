"""gRPC in: what arrives from where."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import grpc
from contracts.insight.v1 import event_sources_service_pb2 as pb
from contracts.insight.v1 import event_sources_service_pb2_grpc as pb_grpc

from chassis.clickhouse import ClickHouse
from chassis.rpc import tenant
from services.insight.api.answers import watermark_message
from services.insight.domain.event_sources import EventSource
from services.insight.store.events import Watermark
from services.insight.store.queries.event_sources import load_event_sources

Context = grpc.aio.ServicerContext[Any, Any]


class EventSourcesApi(pb_grpc.EventSourcesServiceServicer):
    """contracts.insight.v1.EventSourcesService."""

    service_name = pb.DESCRIPTOR.services_by_name["EventSourcesService"].full_name

    def __init__(self, clickhouse: ClickHouse, watermark: Callable[[], Watermark]) -> None:
        self._clickhouse = clickhouse
        self._watermark = watermark

    def add_to(self, server: grpc.aio.Server) -> None:
        pb_grpc.add_EventSourcesServiceServicer_to_server(self, server)

    async def ListEventSources(
        self, request: pb.ListEventSourcesRequest, context: Context
    ) -> pb.ListEventSourcesResponse:
        watermark, now = self._watermark(), datetime.now(UTC)
        found = await load_event_sources(self._clickhouse, tenant(), watermark.position, now)
        answer = pb.ListEventSourcesResponse(
            sources=map(_source, found), watermark=watermark_message(watermark)
        )
        answer.now.FromDatetime(now)
        return answer


def _source(one: EventSource) -> pb.EventSource:
    answer = pb.EventSource(
        key_id=one.key_id,
        ten_minutes=one.ten_minutes,
        hour=one.hour,
        day=one.day,
        usual_hour=one.usual_hour,
        delay_p95_seconds=one.delay_p95_seconds,
    )
    answer.last_received_at.FromDatetime(one.last_received_at)
    return answer
