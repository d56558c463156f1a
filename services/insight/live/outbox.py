"""Publishes what is stored of who entered and who left, until the bus has it; and keeps the stream short."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from prometheus_client import Gauge

from chassis.bus import Bus, BusUnavailable
from chassis.database import DatabaseUnavailable
from services.insight.store.live import Delta, LiveStore

log = logging.getLogger(__name__)

_AT_ONCE = 200
_RETRY_SECONDS = 1.0
_PURGE_EVERY_SECONDS = 600.0
# Our own mark in the stream, behind which nothing goes for its age.
READER = "insight"
_EVERYTHING = 10**12

_waiting = Gauge("insight_live_unpublished", "Tenants with changes of segments that the bus has not got yet")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message; the same id whenever it is sent again."""

    subject: str
    message_id: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Stream:
    """Where changes go: refused from `max_bytes` on, gone after `keep_seconds`."""

    name: str
    topic: str
    max_bytes: int
    keep_seconds: float


class Outbox:
    """`told` makes the messages of a delta."""

    def __init__(
        self, bus: Bus, live: LiveStore, stream: Stream, told: Callable[[str, Delta], Iterable[Outgoing]]
    ) -> None:
        self._bus = bus
        self._live = live
        self._stream = stream
        self._told = told
        self._tenants: dict[str, None] = {}
        self._woken = asyncio.Event()
        # Of the newest message that we published.
        self._place = 0

    def wake(self, tenant_id: str) -> None:
        """Something was stored of this tenant."""
        self._tenants[tenant_id] = None
        self._woken.set()

    async def run(self) -> None:
        """Never returns; what fails is tried again."""
        await self._again(self._prepare)
        purge_at = 0.0
        while True:
            _waiting.set(len(self._tenants))
            if asyncio.get_running_loop().time() >= purge_at:
                await self._again(self._purge)
                purge_at = asyncio.get_running_loop().time() + _PURGE_EVERY_SECONDS
            try:
                async with asyncio.timeout(_PURGE_EVERY_SECONDS):
                    await self._woken.wait()
            except TimeoutError:
                continue
            self._woken.clear()
            await self._again(self._send_all)

    async def _prepare(self) -> None:
        await self._bus.ensure_stream(
            self._stream.name, [self._stream.topic], max_bytes=self._stream.max_bytes
        )
        # What a former start left.
        for tenant_id in await self._live.queue():
            self.wake(tenant_id)

    async def _purge(self) -> None:
        """What is old goes, whoever has read it; who was away longer reads a segment's people anew."""
        name = self._stream.name
        if self._place:
            await self._bus.report_position(name, READER, self._place)
        await self._bus.purge_read(name, [READER], keep=_EVERYTHING, keep_seconds=self._stream.keep_seconds)

    async def _send_all(self) -> None:
        for tenant_id in list(self._tenants):
            # Out first: what is stored meanwhile puts it in again.
            del self._tenants[tenant_id]
            try:
                await self._send(tenant_id)
            except BaseException:
                self._tenants[tenant_id] = None
                raise

    async def _send(self, tenant_id: str) -> None:
        while deltas := await self._live.unsent(tenant_id, _AT_ONCE):
            by_segment: dict[str, list[Delta]] = {}
            for delta in deltas:
                by_segment.setdefault(delta.segment_id, []).append(delta)
            async with asyncio.TaskGroup() as tasks:
                for own in by_segment.values():
                    tasks.create_task(self._publish(tenant_id, own))
            await self._live.sent(tenant_id, deltas)

    async def _publish(self, tenant_id: str, deltas: Iterable[Delta]) -> None:
        """Of one segment, one after the other."""
        for delta in deltas:
            for message in self._told(tenant_id, delta):
                place = await self._bus.publish(message.subject, message.data, message_id=message.message_id)
                self._place = max(self._place, place)

    async def _again(self, act: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await act()
            except* (BusUnavailable, DatabaseUnavailable) as away:
                log.warning("changes_wait", extra={"why": str(away.exceptions[0])[:300]})
            else:
                return
            await asyncio.sleep(_RETRY_SECONDS)
