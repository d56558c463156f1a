"""The two lanes in which events come in: what happens now, and what is imported; each is read in order.

Live events go first: a group of imported ones is taken when no live one waits, or has waited for its share.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from chassis.background import cancelled
from chassis.bus import Bus, BusUnavailable, Message, StreamState
from chassis.errors import ExpectedError
from services.identity.errors import StreamReplaced
from services.identity.store.lane import Lane, open_beside
from services.identity.store.queries.progress import ADOPTED, Position, load_position, save_position

log = logging.getLogger(__name__)

# How often a stream that is not there, or not the right one, is looked at again.
_LOOK_SECONDS = 2.0
# For so long after the last live event others may follow it.
_LIVE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Inflow:
    """One lane: where its events are read, and what they become."""

    name: str
    stream: str
    topic: str


LIVE = Inflow("live", "ACCEPTED", "identity.events.resolved.v1")
IMPORTED = Inflow("imported", "IMPORTED", "identity.events.imported.v1")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one group of an inflow may hold."""

    messages: int
    max_bytes: int
    gather_seconds: float


class Reading:
    """One inflow as it is read: at most one group is ready. Opened when its stream is the one we know."""

    def __init__(self, bus: Bus, inflow: Inflow, limits: Limits, woken: Callable[[], None]) -> None:
        self.inflow = inflow
        self.position = Position()
        self.opened = False
        self._bus = bus
        self._limits = limits
        self._woken = woken
        self._groups: AsyncGenerator[list[Message], None] | None = None
        self._next: asyncio.Task[list[Message]] | None = None
        self._look_at = 0.0
        self._told = ""

    @property
    def origin(self) -> str:
        """Tells the places of this stream from those of another that had its name."""
        created = self.position.stream_created_at
        return f"{self.inflow.name}-{0 if created is None else int(created.timestamp() * 1000):x}"

    @property
    def ready(self) -> bool:
        """Whether `take` has something to give, or to raise."""
        return self._next is not None and self._next.done()

    async def load(self, connection: Lane) -> None:
        """Where the tables say that we are."""
        self.position = await load_position(connection, self.inflow.name)

    async def check(self, connection: Lane, identity_stream: str) -> bool:
        """Open unless opened; whether it has just been. A stream that is not there is looked for again."""
        if self.opened or time.monotonic() < self._look_at:
            return False
        self._look_at = time.monotonic() + _LOOK_SECONDS
        await self.load(connection)
        try:
            state = await self._bus.state(self.inflow.stream)
        except BusUnavailable:
            return False
        if state is None:
            self._tell("stream_missing", "The gateway has not made it yet.")
            return False
        try:
            self._compare(state)
        except StreamReplaced as error:
            self._tell("stream_replaced", error)
            return False
        await self._adopt(connection, state, identity_stream)
        self.opened, self._told = True, ""
        return True

    def _compare(self, state: StreamState) -> None:
        known = self.position.stream_created_at
        if known is not None and known != state.created_at:
            raise StreamReplaced(
                "Another stream has taken the name of the one that was read.",
                stream=self.inflow.stream,
                read=known.isoformat(),
                found=state.created_at.isoformat(),
            )
        if state.last < self.position.accepted_to:
            raise StreamReplaced(
                "The stream ends before the place up to which it was read: it was lost, or is an old copy.",
                stream=self.inflow.stream,
                read_to=self.position.accepted_to,
                ends_at=state.last,
            )

    async def _adopt(self, connection: Lane, state: StreamState, identity_stream: str) -> None:
        """Remember which stream it is that is read from now on."""
        if self.position.stream_created_at is not None:
            return
        resolved_from = self.position.resolved_from
        if resolved_from == ADOPTED:
            own = await self._bus.state(identity_stream)
            resolved_from = 0 if own is None else own.last
        await self.save(
            connection,
            replace(self.position, stream_created_at=state.created_at, resolved_from=resolved_from),
        )

    async def save(self, connection: Lane, position: Position) -> None:
        """Store a position; inside a transaction it is true only when that commits."""
        await save_position(connection, self.inflow.name, position)
        self.position = position

    def _tell(self, event: str, why: ExpectedError | str) -> None:
        """Say once why nothing is read."""
        text = str(why)
        if text != self._told:
            self._told = text
            facts = why.facts if isinstance(why, ExpectedError) else {"stream": self.inflow.stream}
            log.error(event, extra={"why": text, **facts})

    def go_on(self) -> None:
        """Read the next group beside whatever else is done."""
        if not self.opened or self._next is not None:
            return
        if self._groups is None:
            self._groups = self._bus.read(
                self.inflow.stream,
                after=self.position.accepted_to,
                max_messages=self._limits.messages,
                max_bytes=self._limits.max_bytes,
                gather_seconds=self._limits.gather_seconds,
            )
        self._next = asyncio.create_task(_first(self._groups))
        self._next.add_done_callback(lambda _: self._woken())

    def take(self) -> list[Message]:
        """The group that is ready; raises what reading it raised."""
        assert self._next is not None
        task, self._next = self._next, None
        return task.result()

    async def close(self) -> None:
        """Stop reading; what was read and not taken is read again."""
        if self._next is not None:
            await cancelled(self._next)
            if not self._next.cancelled():
                self._next.exception()
            self._next = None
        if self._groups is not None:
            with suppress(RuntimeError):
                await self._groups.aclose()
            self._groups = None
        self.opened = False


async def _first(groups: AsyncGenerator[list[Message], None]) -> list[Message]:
    return await anext(groups)


class Share:
    """How much of the writer's time goes to what may wait while something waits that should not."""

    def __init__(self, share: float) -> None:
        # Seconds of the one for each second of the other.
        self._rate = share / (1 - share)
        self._saved = 0.0
        self._cost = 0.0

    @property
    def due(self) -> bool:
        """Whether it has waited long enough for what its last turn took."""
        return self._saved > 0.0 and self._saved >= self._cost

    def give(self, seconds: float) -> None:
        """The others were busy for so long."""
        # No more than one turn: a long quiet time must not pay for many at once.
        self._saved = min(self._saved + self._rate * seconds, max(1.0, self._cost))

    def spend(self, seconds: float) -> None:
        """It had a turn."""
        self._saved = max(0.0, self._saved - seconds)
        self._cost = seconds


class Pace:
    """Takes imported events at a rate while live ones keep coming.

    What stands behind the writer, down to the disks of the stores, is the same for both: at full speed an
    import would be felt by everybody who sends or asks, whoever goes first here.
    """

    def __init__(self, events_per_second: float, now: Callable[[], float] = time.monotonic) -> None:
        self._rate = events_per_second
        self._now = now
        self._live_until = 0.0
        self._due_at = 0.0

    def heard_live(self) -> None:
        """Live events came."""
        self._live_until = self._now() + _LIVE_SECONDS

    def took(self, events: int) -> None:
        """So many imported ones were taken."""
        self._due_at = self._now() + events / self._rate

    @property
    def wait_seconds(self) -> float:
        """How long the next ones have to wait; 0: they may be taken."""
        now = self._now()
        return max(0.0, min(self._due_at, self._live_until) - now)


async def adopt(database_url: str, stream: str) -> bool:
    """Let the stream that now has this name be read from its beginning; False when we read none of it.

    Events of it that were counted before are recognised, as ever, by their message ids.
    """
    for inflow in (LIVE, IMPORTED):
        if inflow.stream == stream:
            async with open_beside(database_url) as connection:
                await save_position(connection, inflow.name, Position(resolved_from=ADOPTED))
            return True
    return False
