"""The live feed: what just became somebody's event, a few at a time, without personal data."""

import asyncio
import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

from contracts.gateway.v1 import events_pb2 as gateway_pb
from contracts.identity.v1 import events_pb2 as identity_pb

from chassis.bus import Bus, BusUnavailable, Message
from services.gateway.errors.requests import TooManyFeeds

log = logging.getLogger(__name__)

_TOPIC = "identity.events.resolved.v1"
# A screen can show no more; the rest is told as a number.
_SHOWN = 20
_WAITING = 16
_FEEDS_PER_TENANT = 20
_FEEDS = 200


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """One event; page and screen names stay out, because pages carry people's names in their titles."""

    kind: str
    name: str
    occurred_at_ms: int
    received_at_ms: int
    nid: int
    identified: bool


@dataclass(frozen=True, slots=True)
class Burst:
    """Events that were resolved together: how many, and the newest of them."""

    id: int
    count: int
    events: tuple[LiveEvent, ...]


Feed = asyncio.Queue[Burst | None]


@dataclass(slots=True)
class _Tenant:
    listener: asyncio.Task[None]
    feeds: set[Feed] = field(default_factory=set)


class LiveFeed:
    """One subscription a watched tenant, however many watch; a slow watcher misses bursts, not the others."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._tenants: dict[str, _Tenant] = {}
        self._closed = False

    @contextlib.contextmanager
    def open(self, tenant_id: str) -> Iterator[Feed]:
        """A queue of bursts from now on; None ends it."""
        tenant = self._tenants.get(tenant_id)
        watching = sum(len(other.feeds) for other in self._tenants.values())
        if self._closed or watching >= _FEEDS or (tenant and len(tenant.feeds) >= _FEEDS_PER_TENANT):
            raise TooManyFeeds("Too many live feeds are open.", retry_after_seconds=10)
        if tenant is None:
            tenant = _Tenant(asyncio.create_task(self._listen(tenant_id)))
            self._tenants[tenant_id] = tenant
        feed: Feed = asyncio.Queue(_WAITING)
        tenant.feeds.add(feed)
        try:
            yield feed
        finally:
            tenant.feeds.discard(feed)
            if not tenant.feeds and self._tenants.get(tenant_id) is tenant:
                del self._tenants[tenant_id]
                tenant.listener.cancel()

    async def _listen(self, tenant_id: str) -> None:
        while True:
            try:
                async for message in self._bus.listen(f"{_TOPIC}.{tenant_id}"):
                    self._spread(tenant_id, message)
            except BusUnavailable:
                log.warning("live_feed_interrupted")
            await asyncio.sleep(1)

    def _spread(self, tenant_id: str, message: Message) -> None:
        burst = burst_of(message.data)
        for feed in self._tenants[tenant_id].feeds:
            with contextlib.suppress(asyncio.QueueFull):
                feed.put_nowait(burst)

    def close(self) -> None:
        """End every feed and open no more, so that the server can drain."""
        self._closed = True
        for tenant in list(self._tenants.values()):
            tenant.listener.cancel()
            for feed in tenant.feeds:
                while feed.full():
                    feed.get_nowait()
                feed.put_nowait(None)


def burst_of(data: bytes) -> Burst:
    """The newest events of a message of identity's."""
    resolved = identity_pb.ResolvedEvents.FromString(data)
    events = resolved.events
    shown = range(max(0, len(resolved.nids) - _SHOWN), len(resolved.nids))
    return Burst(
        id=resolved.accepted_to,
        count=len(resolved.nids),
        events=tuple(
            LiveEvent(
                kind=kind_name(events.kinds[row]),
                name=events.names[row][:80] if events.kinds[row] == gateway_pb.EVENT_KIND_TRACK else "",
                occurred_at_ms=events.timestamps_ms[row],
                received_at_ms=events.received_at_ms[row],
                nid=resolved.nids[row],
                identified=resolved.nid_kinds[row] == gateway_pb.IDENTIFIER_KIND_USER_ID,
            )
            for row in reversed(shown)
        ),
    )


def kind_name(kind: gateway_pb.EventKind.ValueType) -> str:
    """ "track" of EVENT_KIND_TRACK."""
    return gateway_pb.EventKind.Name(kind).removeprefix("EVENT_KIND_").lower()
