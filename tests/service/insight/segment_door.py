"""One tenant's saved segments through the service's door, and trees to save."""

from typing import Any

import pytest
from contracts.insight.v1 import segment_tree_pb2 as tree_pb
from contracts.insight.v1 import segments_service_pb2 as pb
from contracts.insight.v1 import segments_service_pb2_grpc as pb_grpc

from chassis.errors import ExpectedError
from tests.service.insight.installation import Client


class Door:
    """One tenant's segments."""

    def __init__(self, client: Client, tenant_id: str) -> None:
        self._client = client
        self.tenant_id = tenant_id
        self._stub = pb_grpc.SegmentsServiceStub(client.rpc.channel)

    async def ask(self, request: Any) -> Any:
        """The method follows from the request."""
        name = type(request).__name__.removesuffix("Request")
        return await self._client.rpc.call(getattr(self._stub, name), request, tenant_id=self.tenant_id)

    async def create(self, name: str, tree: tree_pb.SegmentNode, **said: str) -> pb.Segment:
        request = pb.CreateSegmentRequest(name=name, tree=tree, actor="amy", **said)
        segment: pb.Segment = (await self.ask(request)).segment
        return segment

    async def update(self, segment: pb.Segment, **said: Any) -> pb.Segment:
        """What is said, of the version that the segment has."""
        request = pb.UpdateSegmentRequest(
            segment_id=segment.segment_id, version=segment.version, actor="ben", **said
        )
        changed: pb.Segment = (await self.ask(request)).segment
        return changed

    async def refused(self, request: Any) -> ExpectedError:
        with pytest.raises(ExpectedError) as refused:
            await self.ask(request)
        return refused.value


def orders(at_least: int) -> tree_pb.SegmentNode:
    compare = tree_pb.CompareTest(comparison=tree_pb.COMPARISON_GREATER_OR_EQUAL, value=str(at_least))
    window = tree_pb.SegmentWindow(days_ago=tree_pb.DaysAgo(first=29))
    test = tree_pb.ValueTest(compare=compare)
    return tree_pb.SegmentNode(gene=tree_pb.GeneCondition(gene="orders", test=test, window=window))


def in_segment(segment_id: str) -> tree_pb.SegmentNode:
    return tree_pb.SegmentNode(in_segment=tree_pb.InSegmentCondition(segment_id=segment_id))


def any_of(*nodes: tree_pb.SegmentNode) -> tree_pb.SegmentNode:
    return tree_pb.SegmentNode(any_of=tree_pb.AnyOfNodes(nodes=nodes))
