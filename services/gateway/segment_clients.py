"""Asking insight for saved segments."""

from contracts.insight.v1 import segments_service_pb2 as pb
from contracts.insight.v1.segments_service_pb2_grpc import SegmentsServiceStub

from chassis.rpc import RpcClient
from services.gateway.remote import Remote

# Counting everybody of a large tenant may take longer than a person's patience with a form.
_COUNT_SECONDS = 25.0


class SavedSegments(Remote):
    """Segments that tenants save, and who is in them."""

    def __init__(self, client: RpcClient) -> None:
        super().__init__(client, "insight")
        self._stub = SegmentsServiceStub(client.channel)

    async def create(self, tenant_id: str, request: pb.CreateSegmentRequest) -> pb.Segment:
        return (await self._ask(self._stub.CreateSegment, request, tenant_id)).segment

    async def get(self, tenant_id: str, segment_id: str) -> pb.GetSegmentResponse:
        return await self._ask(self._stub.GetSegment, pb.GetSegmentRequest(segment_id=segment_id), tenant_id)

    async def page(self, tenant_id: str, request: pb.ListSegmentsRequest) -> pb.ListSegmentsResponse:
        return await self._ask(self._stub.ListSegments, request, tenant_id)

    async def update(self, tenant_id: str, request: pb.UpdateSegmentRequest) -> pb.Segment:
        return (await self._ask(self._stub.UpdateSegment, request, tenant_id)).segment

    async def archive(self, tenant_id: str, segment_id: str, *, archived: bool) -> pb.Segment:
        request = pb.ArchiveSegmentRequest(segment_id=segment_id, archived=archived)
        return (await self._ask(self._stub.ArchiveSegment, request, tenant_id)).segment

    async def delete(self, tenant_id: str, segment_id: str) -> pb.Segment:
        request = pb.DeleteSegmentRequest(segment_id=segment_id)
        return (await self._ask(self._stub.DeleteSegment, request, tenant_id)).segment

    async def versions(
        self, tenant_id: str, request: pb.ListSegmentVersionsRequest
    ) -> pb.ListSegmentVersionsResponse:
        return await self._ask(self._stub.ListSegmentVersions, request, tenant_id)

    async def diff(
        self, tenant_id: str, request: pb.DiffSegmentVersionsRequest
    ) -> pb.DiffSegmentVersionsResponse:
        return await self._ask(self._stub.DiffSegmentVersions, request, tenant_id)

    async def restore(self, tenant_id: str, request: pb.RestoreSegmentVersionRequest) -> pb.Segment:
        return (await self._ask(self._stub.RestoreSegmentVersion, request, tenant_id)).segment

    async def size(self, tenant_id: str, segment_id: str) -> pb.GetSegmentSizeResponse:
        request = pb.GetSegmentSizeRequest(segment_id=segment_id)
        return await self._ask(self._stub.GetSegmentSize, request, tenant_id, _COUNT_SECONDS)

    async def members(
        self, tenant_id: str, request: pb.ListSegmentMembersRequest
    ) -> pb.ListSegmentMembersResponse:
        return await self._ask(self._stub.ListSegmentMembers, request, tenant_id, _COUNT_SECONDS)

    async def days(self, tenant_id: str, request: pb.ListSegmentDaysRequest) -> pb.ListSegmentDaysResponse:
        return await self._ask(self._stub.ListSegmentDays, request, tenant_id)

    async def changes(
        self, tenant_id: str, request: pb.ListSegmentChangesRequest
    ) -> pb.ListSegmentChangesResponse:
        return await self._ask(self._stub.ListSegmentChanges, request, tenant_id)

    async def take_snapshot(self, tenant_id: str, request: pb.TakeSnapshotRequest) -> pb.Snapshot:
        return (await self._ask(self._stub.TakeSnapshot, request, tenant_id, _COUNT_SECONDS)).snapshot

    async def snapshots(self, tenant_id: str, request: pb.ListSnapshotsRequest) -> pb.ListSnapshotsResponse:
        return await self._ask(self._stub.ListSnapshots, request, tenant_id)

    async def snapshot(self, tenant_id: str, snapshot_id: str) -> pb.Snapshot:
        request = pb.GetSnapshotRequest(snapshot_id=snapshot_id)
        return (await self._ask(self._stub.GetSnapshot, request, tenant_id)).snapshot

    async def delete_snapshot(self, tenant_id: str, snapshot_id: str) -> pb.Snapshot:
        request = pb.DeleteSnapshotRequest(snapshot_id=snapshot_id)
        return (await self._ask(self._stub.DeleteSnapshot, request, tenant_id)).snapshot
