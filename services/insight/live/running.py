"""The live segments' two loops: refreshing, and telling the bus."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager

from chassis.background import in_background
from chassis.bus import Bus
from services.insight.live.loop import Live
from services.insight.live.outbox import Outbox, Outgoing, Stream
from services.insight.live.tenant import Parts
from services.insight.store.live import Delta

Told = Callable[[str, Delta], Iterable[Outgoing]]


@asynccontextmanager
async def live_segments(
    parts: Parts,
    bus: Bus,
    stream: Stream,
    told: Told,
    *,
    news: Callable[[], Mapping[str, int]],
    tick_seconds: float,
) -> AsyncIterator[None]:
    """While entered, every saved segment of every tenant is kept right; `told` makes messages of changes."""
    outbox = Outbox(bus, parts.live, stream, told)
    live = Live(parts, outbox, news, tick_seconds)
    async with in_background(outbox.run()), in_background(live.run()):
        yield
