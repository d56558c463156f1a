"""Tells the event store a history of tests/gene_histories.py as the writer would, without a bus between."""

import uuid
from collections import defaultdict
from collections.abc import Iterable

from contracts.gateway.v1 import events_pb2 as gateway_pb2
from contracts.identity.v1 import events_pb2 as identity_pb2

from chassis.bus import Message
from chassis.clickhouse import ClickHouse
from services.insight.store.events import EventStore
from services.insight.store.rows import Block
from services.insight.subscriptions import Rows
from tests.gene_reference import Announced, Event, History, Remap
from tests.gene_reference.history import KINDS
from tests.service.insight.installation import ERASED, REMAPPED, RESOLVED

REACHABLE = "identity.reachability.changed.v1"


class Told:
    """One fresh tenant's history in the store."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self.tenant_id = str(uuid.uuid4())
        self._clickhouse = clickhouse

    async def tell(self, history: History, after: int = 0, to: int | None = None) -> int:
        """The messages behind a place up to another; the place that everything is told to."""
        to = history.position if to is None else to
        block, rows = Block(), Rows()
        for message in self._messages(history):
            if after < message.seq <= to:
                assert rows.add(message, block) == []
        # Each writer's tokens are its own, so that stories at the same places are different inserts.
        await EventStore(self._clickhouse).insert(block)
        return to

    async def keep_first_seen(self, history: History) -> None:
        """The first moments that stay when retention deletes events."""
        for nid, at_ms in history.first_seen.items():
            await self._clickhouse.command(
                "insert into first_seen (tenant_id, nid, first_at) "
                f"values ('{self.tenant_id}', {nid}, fromUnixTimestamp64Milli({at_ms}))"
            )

    async def erase(self, nids: Iterable[int], position: int) -> None:
        erased = identity_pb2.ProfileErased(erasure_id=str(uuid.uuid4()), nids=sorted(nids))
        block = Block()
        assert Rows().add(self._message(ERASED, position, erased.SerializeToString()), block) == []
        await EventStore(self._clickhouse).insert(block)

    def _messages(self, history: History) -> list[Message]:
        events, remaps, reach = defaultdict(list), defaultdict(list), defaultdict(list)
        for event in history.events:
            events[event.position].append(event)
        for remap in history.remaps:
            remaps[remap.position].append(remap)
        for announced in history.reachability:
            reach[announced.position].append(announced)
        messages = [self._message(RESOLVED, place, _resolved(told)) for place, told in events.items()]
        messages += [self._message(REMAPPED, place, _remapped(told)) for place, told in remaps.items()]
        messages += [self._message(REACHABLE, place, _announced(told)) for place, told in reach.items()]
        return sorted(messages, key=lambda message: message.seq)

    def _message(self, topic: str, position: int, data: bytes) -> Message:
        return Message(f"{topic}.{self.tenant_id}", position, data)


def _resolved(events: list[Event]) -> bytes:
    events = sorted(events, key=lambda event: event.row)
    assert [event.row for event in events] == list(range(len(events)))
    columns = gateway_pb2.AcceptedEvents(
        sources=[
            gateway_pb2.Source(key_id="pk", kind=gateway_pb2.SOURCE_KIND_BROWSER),
            gateway_pb2.Source(key_id="sk", kind=gateway_pb2.SOURCE_KIND_SERVER),
        ],
        source_rows=[event.source - 1 for event in events],
        kinds=[KINDS[event.kind] for event in events],  # type: ignore[misc]
        names=[str(event.payload.get("event", "")) for event in events],
        timestamps_ms=[event.happened_ms for event in events],
        received_at_ms=[event.received_ms or event.at_ms for event in events],
        message_ids=[event.message_id for event in events],
        user_ids=[""] * len(events),
        anonymous_ids=[""] * len(events),
        payloads=[event.body for event in events],
    )
    nids, kinds = [event.nid for event in events], [event.nid_kind for event in events]
    return identity_pb2.ResolvedEvents(events=columns, nids=nids, nid_kinds=kinds).SerializeToString()  # type: ignore[arg-type]


def _remapped(remaps: list[Remap]) -> bytes:
    told = [
        identity_pb2.Remap(nid=remap.nid, kind=remap.kind, profile_id=remap.profile_id)  # type: ignore[arg-type]
        for remap in remaps
    ]
    return identity_pb2.ProfilesRemapped(remaps=told).SerializeToString()


def _announced(announced: list[Announced]) -> bytes:
    told = identity_pb2.ReachabilityChanged()
    for one in announced:
        profile = told.profiles.add(profile_id=one.profile_id)
        for channel in ("email", "sms", "line"):
            profile.channels.add(channel=channel, reachable=channel in one.channels)
    return told.SerializeToString()
