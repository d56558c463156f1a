"""Follows the changes of segments as any service would that acts on them."""

import time
from dataclasses import dataclass, field

from contracts.insight.v1 import events_pb2

from chassis.bus import Bus


@dataclass
class Follower:
    """Reads the stream from its beginning, as any service would that acts on segments."""

    bus: Bus
    tenant_id: str
    place: int = 0
    heard: list[events_pb2.SegmentChanged] = field(default_factory=list)
    members: dict[str, set[int]] = field(default_factory=dict)
    known: dict[str, tuple[int, int]] = field(default_factory=dict)

    async def until(self, segment_id: str, members: set[int], timeout_seconds: float = 120) -> None:
        deadline = time.monotonic() + timeout_seconds
        async for group in self.bus.read("INSIGHT", after=self.place, max_wait_seconds=0.2, idle=True):
            for message in group:
                self.place = message.seq
                if message.tenant_id == self.tenant_id:
                    self.take(events_pb2.SegmentChanged.FromString(message.data))
            if self.members.get(segment_id, set()) == members:
                return
            assert time.monotonic() < deadline, (self.members.get(segment_id), members)

    def take(self, change: events_pb2.SegmentChanged) -> None:
        place = (change.sequence, change.part)
        if place <= self.known.get(change.segment_id, (0, 0)):
            return
        self.known[change.segment_id] = place
        self.heard.append(change)
        members = self.members.setdefault(change.segment_id, set())
        assert not members & set(change.entered)
        assert members >= set(change.left)
        members |= set(change.entered)
        members -= set(change.left)

    def reasons(self, segment_id: str) -> list[int]:
        return [change.reason for change in self.heard if change.segment_id == segment_id]
