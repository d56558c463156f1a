"""Bus in: follows identity's stream, each event once, and keeps how far it is for every tenant."""

import logging
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from contracts.identity.v1 import events_pb2
from google.protobuf.message import DecodeError
from prometheus_client import Counter

from chassis.bus import Bus, Message
from chassis.follower import follow
from services.recommender.store import Progress, Store

log = logging.getLogger(__name__)

STREAM = "IDENTITY"
# Imported events count like those that just happened.
EVENTS = frozenset({"identity.events.resolved.v1", "identity.events.imported.v1"})
FORGOTTEN = "identity.tenant.forgotten.v1"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_unreadable = Counter(
    "recommender_unreadable_messages_total", "Messages that could not be read and were passed over"
)


async def follow_identity(bus: Bus, store: Store) -> None:
    """Never returns; see chassis.follower."""

    async def load() -> int:
        return await store.load_position(STREAM)

    async def save(start: int, group: Sequence[Message]) -> None:
        await store.save(
            STREAM,
            start=start,
            end=group[-1].seq,
            progress=progress_of(group),
            forgotten=forgotten_tenants(group),
        )

    await follow(bus, STREAM, "recommender", load=load, save=save)


def progress_of(group: Sequence[Message]) -> Mapping[str, Progress]:
    """What a group of messages adds, by tenant."""
    progress: dict[str, Progress] = {}
    for message in group:
        if message.topic not in EVENTS:
            continue
        try:
            tenant_id = str(uuid.UUID(message.tenant_id))
            received_at_ms = events_pb2.ResolvedEvents.FromString(message.data).events.received_at_ms
        except (ValueError, DecodeError):
            # It will not get better, and those behind it must not wait for it; identity still has its events.
            _unreadable.inc()
            log.error("message_unreadable", extra={"stream": STREAM, "seq": message.seq})
            continue
        before = progress.get(tenant_id, Progress(0, None, 0))
        newest = max([_EPOCH + timedelta(milliseconds=ms) for ms in received_at_ms], default=None)
        progress[tenant_id] = Progress(
            message.seq, _newer(before.newest_received_at, newest), before.events + len(received_at_ms)
        )
    return progress


def forgotten_tenants(group: Sequence[Message]) -> list[str]:
    """Tenants of whom everything is to be deleted; nothing of theirs follows in the stream."""
    found = []
    for message in group:
        if message.topic == FORGOTTEN:
            try:
                found.append(str(uuid.UUID(message.tenant_id)))
            except ValueError:
                # Nobody's: no row has such a tenant.
                _unreadable.inc()
    return found


def _newer(one: datetime | None, other: datetime | None) -> datetime | None:
    return other if one is None else one if other is None else max(one, other)
