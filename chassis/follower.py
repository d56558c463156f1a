"""Follows one stream for ever: from where the results say, pausing while a part it needs is away."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

from prometheus_client import Counter, Gauge

from chassis.bus import Bus, BusUnavailable, Message
from chassis.errors import Unavailable
from chassis.telemetry import continue_traces

log = logging.getLogger(__name__)

_PAUSE_SECONDS = 0.5
# One transaction for what comes in so long: followers have no reader who waits for the last event.
_GATHER_SECONDS = 0.25
_REPORT_SECONDS = 1.0

_messages = Counter("follower_messages_total", "Messages whose results are stored", ["stream", "reader"])
_behind = Gauge("follower_seconds_behind", "Age of the newest followed message", ["stream", "reader"])

Load = Callable[[], Awaitable[int]]
Save = Callable[[int, Sequence[Message]], Awaitable[None]]


async def follow(bus: Bus, stream: str, reader: str, *, load: Load, save: Save) -> None:
    """Hand every message behind `load()` to `save(place before, messages)`, in order; never returns.

    `save` must store its results and the place of its last message in one transaction, and refuse if the
    stored place is not the one before: then each message counts exactly once, whichever
    process is killed when. After any Unavailable the place is loaded again, as a commit whose answer got
    lost may have happened. Any other error is a bug, or a message that `save` should have set aside, and
    ends the process.
    """
    waiting = False
    while True:
        try:
            position = await load()
            reported = _Reported(bus, stream, reader)
            await reported.tell(position)
            async with contextlib.aclosing(
                bus.read(stream, after=position, max_messages=256, gather_seconds=_GATHER_SECONDS, idle=True)
            ) as groups:
                async for group in groups:
                    if group:
                        with continue_traces(f"follow {stream}", (message.headers for message in group)):
                            await save(position, group)
                        position, waiting = group[-1].seq, False
                        _count(stream, reader, group)
                    await reported.tell(position)
        except Unavailable as error:
            if not waiting:
                log.warning("follower_waits", extra={"stream": stream, "reason": error.reason})
            waiting = True
        await asyncio.sleep(_PAUSE_SECONDS)


class _Reported:
    """Tells the bus the position, at most once a second: each report is a write that it syncs to disk."""

    def __init__(self, bus: Bus, stream: str, reader: str) -> None:
        self._bus = bus
        self._stream = stream
        self._reader = reader
        self._position = -1
        self._due_at = 0.0

    async def tell(self, position: int) -> None:
        now = asyncio.get_running_loop().time()
        if position == self._position or now < self._due_at:
            return
        self._due_at = now + _REPORT_SECONDS
        # The bus only purges later; the results are stored.
        with contextlib.suppress(BusUnavailable):
            await self._bus.report_position(self._stream, self._reader, position)
            self._position = position


def _count(stream: str, reader: str, group: Sequence[Message]) -> None:
    _messages.labels(stream, reader).inc(len(group))
    _behind.labels(stream, reader).set((datetime.now(UTC) - group[-1].stored_at).total_seconds())
