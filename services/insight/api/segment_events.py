"""What insight says on the bus: who entered a segment and who left it."""

from collections.abc import Iterator, Mapping

from contracts.insight.v1 import events_pb2 as pb

from services.insight.live.causes import Reason
from services.insight.live.outbox import Outgoing, Stream
from services.insight.store.live import Delta

STREAM, TOPIC = "INSIGHT", "insight.segment.changed.v1"
# Of people in one message.
_MOST = 100_000

REASONS: "Mapping[str, pb.SegmentChangeReason.ValueType]" = {
    Reason.EVENTS: pb.SEGMENT_CHANGE_REASON_EVENTS,
    Reason.TIME: pb.SEGMENT_CHANGE_REASON_TIME,
    Reason.YARDSTICK: pb.SEGMENT_CHANGE_REASON_YARDSTICK,
    Reason.DEFINITION: pb.SEGMENT_CHANGE_REASON_DEFINITION,
    Reason.IDENTITY: pb.SEGMENT_CHANGE_REASON_IDENTITY,
    Reason.ERASURE: pb.SEGMENT_CHANGE_REASON_ERASURE,
}


def stream(max_bytes: int, keep_days: float) -> Stream:
    return Stream(STREAM, TOPIC, max_bytes, keep_days * 86_400)


def change_messages(tenant_id: str, delta: Delta) -> Iterator[Outgoing]:
    """At least one; who left comes first."""
    people = [(False, profile_id) for profile_id in delta.gone] + [(True, one) for one in delta.entered]
    parts = max(1, -(-len(people) // _MOST))
    for part in range(parts):
        some = people[part * _MOST : (part + 1) * _MOST]
        message = pb.SegmentChanged(
            segment_id=delta.segment_id,
            version=delta.version,
            sequence=delta.sequence,
            part=part,
            parts=parts,
            position=delta.position,
            reason=REASONS[delta.reason],
            entered=[profile_id for entered, profile_id in some if entered],
            left=[profile_id for entered, profile_id in some if not entered],
        )
        message.at.FromDatetime(delta.at)
        key = f"{tenant_id}:{delta.segment_id}:{delta.sequence}:{part}"
        yield Outgoing(f"{TOPIC}.{tenant_id}", key, message.SerializeToString())
