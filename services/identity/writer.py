"""The single writer: reads events in order, decides each batch in one transaction, publishes it.

Exactly once, whenever it is killed: the transaction that stores a batch's results also stores its
decisions and the position. On start the bus is asked what it has of the last batch of each lane; what is
missing is built again from the decisions and published under the same message ids. Nothing is committed
before what was committed last is published, so one batch of decisions a lane is enough.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from prometheus_client import Counter, Gauge

from chassis.background import cancelled
from chassis.bus import Bus, BusUnavailable, Message, StreamTooShort
from chassis.database import database_away
from chassis.errors import Unavailable
from chassis.telemetry import continue_traces
from services.identity import subscriptions
from services.identity.clerk import Clerk
from services.identity.commands import Handler
from services.identity.domain.arrivals import Arrivals
from services.identity.domain.identifiers import Rules
from services.identity.inflows import IMPORTED, LIVE, Limits, Pace, Reading, Share
from services.identity.memory import Tenants
from services.identity.poison import Poison
from services.identity.publishing import Publisher, Said, Stopped
from services.identity.resuming import Resuming
from services.identity.settings import Settings
from services.identity.store.lane import Lane, enter_tenant, open_lane
from services.identity.store.queries.progress import measure_tables
from services.identity.subscriptions import Accepted, Part
from services.identity.tenants import Unreadable, resolve, tend_seen

log = logging.getLogger(__name__)

_RETRY_SECONDS = 0.5
# Without any work, so long until what was published is noted and the house is kept.
_IDLE_SECONDS = 0.5
_REPORT_SECONDS = 1.0
_PURGE_SECONDS = 5.0
_FORGET_SECONDS = 60.0
# What imports, and commands that take long, get of the writer's time while live events wait.
_BACKGROUND_SHARE = 0.2
# From so many identifiers on, the planner is told each time their number has doubled: autovacuum comes by
# once a minute, and plans made for small tables are a hundred times slower by then.
_MEASURED_FROM = 1_000
# The newest messages say where a tenant's resolved events end; more than one batch of them must remain.
_KEEP_MESSAGES = 1_000

_events = Counter("identity_events", "Accepted events by outcome", ["tenant_id", "outcome"])
_place = Gauge("identity_position", "Place in a lane's stream up to which all is published", ["lane"])


class Writer:
    """One life of the writer, from taking the lock to an error or the wish to stop."""

    def __init__(
        self,
        bus: Bus,
        settings: Settings,
        *,
        rules: Rules,
        poisons: Mapping[str, Poison],
        handlers: Mapping[str, Handler],
        stopping: asyncio.Event,
    ) -> None:
        self._bus = bus
        self._settings = settings
        self._poisons = poisons
        self._handlers = handlers
        self._stopping = stopping
        self._woken = asyncio.Event()
        self._live = Reading(bus, LIVE, live_limits(settings), self._woken.set)
        self._imported = Reading(bus, IMPORTED, imported_limits(settings), self._woken.set)
        self._readings = {reading.inflow.name: reading for reading in (self._live, self._imported)}
        self._publisher = Publisher(bus, stopping)
        self._tenants = Tenants(bus, self._publisher, self._readings, rules, settings.cached_identifiers)
        self._background = Share(_BACKGROUND_SHARE)
        self._pace = Pace(settings.imported_events_per_second)
        self._reported: dict[str, int] = {}
        self._report_at = 0.0
        self._purge_at = 0.0
        self._forget_at = 0.0
        self._measured = 0

    async def run(self) -> None:
        """Raises Unavailable when a part is away; memory must then be forgotten, for it may be ahead."""
        settings = self._settings
        await self._bus.ensure_stream(
            subscriptions.IDENTITY_STREAM, subscriptions.TOPICS, max_bytes=settings.stream_max_bytes
        )
        await self._bus.ensure_stream(
            subscriptions.MARKS_STREAM,
            [subscriptions.MARK_TOPIC],
            max_bytes=settings.marks_max_bytes,
            newest_only=True,
        )
        async with open_lane(settings.database_url.get_secret_value()) as connection:
            clerk = Clerk(connection, self._handlers, self._tenants, self._publisher)
            try:
                with suppress(Stopped):
                    resuming = Resuming(
                        self._bus,
                        self._readings,
                        self._publisher,
                        self._tenants,
                        restored_at=self._settings.restored_at,
                    )
                    await resuming.begin(connection)
                    await clerk.listen(self._woken.set)
                    log.info("writer_started", extra={"position": self._live.position.accepted_to})
                    await self._write(connection, clerk, resuming)
            finally:
                await self._leave()

    async def _write(self, connection: Lane, clerk: Clerk, resuming: Resuming) -> None:
        while not self._stopping.is_set():
            await resuming.look(connection)
            for reading in self._readings.values():
                reading.go_on()
            if not await self._turn(connection, clerk):
                await self._pause(connection)
            await self._keep_house(connection, clerk)
        await self._settle(connection)
        await self._report()

    async def _turn(self, connection: Lane, clerk: Clerk) -> bool:
        """Live events, then commands, then what may wait; whether there was anything to do."""
        started = time.monotonic()
        busy = False
        if self._live.ready:
            busy = await self._take_next(connection, self._live)
            self._live.go_on()
            self._pace.heard_live()
        if clerk.waiting:
            await clerk.work()
            busy = True
        self._background.give(time.monotonic() - started)
        imported_due = self._imported.ready and not self._pace.wait_seconds
        if not (imported_due or clerk.unfinished):
            return busy
        if self._live.ready and not self._background.due:
            return True
        started = time.monotonic()
        if clerk.unfinished:
            await clerk.go_on()
        if imported_due:
            await self._take_next(connection, self._imported)
        self._background.spend(time.monotonic() - started)
        return True

    async def _pause(self, connection: Lane) -> None:
        """Wait for work, or until imported events that wait may be taken."""
        paced = self._pace.wait_seconds if self._imported.ready else 0.0
        try:
            async with asyncio.timeout(min(_IDLE_SECONDS, paced or _IDLE_SECONDS)):
                await self._woken.wait()
        except TimeoutError:
            await self._settle(connection)
        self._woken.clear()

    async def _take_next(self, connection: Lane, reading: Reading) -> bool:
        try:
            group = reading.take()
        except StreamTooShort:
            # Looked at again, it says why it is not read.
            await reading.close()
            return False
        with continue_traces("resolve", (message.headers for message in group)):
            await self._take(connection, reading, group)
        return True

    async def _take(self, connection: Lane, reading: Reading, group: Sequence[Message]) -> None:
        """Decide a group in one transaction, then publish it while the next one is read."""
        accepted: dict[int, Accepted] = {}
        batches: dict[str, list[Arrivals | Unreadable]] = {}
        poison = self._poisons[reading.inflow.name]
        for message in group:
            accepted[message.seq], columns = subscriptions.decode(message)
            if isinstance(columns, Arrivals):
                columns = poison.mark(columns)
            batches.setdefault(message.tenant_id, []).append(columns)
        try:
            with database_away():
                await self._tenants.load(connection, batches)
                said = await self._decide(connection, reading, group[-1].seq, batches)
        except (Unavailable, Stopped):
            raise
        except Exception:
            readable = [
                (tenant_id, [columns for columns in batch if isinstance(columns, Arrivals)])
                for tenant_id, batch in batches.items()
            ]
            await poison.suspect(connection, group[0].seq, readable)
            raise
        poison.forget()
        if reading is self._imported:
            self._pace.took(
                sum(len(message.kinds) for part in said.parts for message in part.decision.messages)
            )
        said.accepted = accepted
        self._publisher.start(said)
        for tenant_id in batches:
            await tend_seen(self._tenants[tenant_id])
        _count(said.parts)

    async def _decide(
        self,
        connection: Lane,
        reading: Reading,
        place: int,
        batches: Mapping[str, Sequence[Arrivals | Unreadable]],
    ) -> Said:
        name = reading.inflow.name
        parts, announced = [], {}
        async with connection.transaction():
            for tenant_id, batch in batches.items():
                await enter_tenant(connection, tenant_id)
                tenant = self._tenants[tenant_id]
                decision = await resolve(connection, tenant, name, batch)
                published_to = tenant.published_to.get(name, 0)
                parts.append(Part(tenant_id, reading.inflow, reading.origin, decision, published_to, 0))
                if tenant.facts:
                    announced[tenant_id] = list(subscriptions.announced(tenant_id, tenant.facts))
                    tenant.facts.clear()
                await self._publisher.guard(tenant)
            await reading.save(
                connection, replace(reading.position, accepted_to=place, tenants=list(batches))
            )
            # Only one batch of decisions is stored, so the one before must be out.
            await self._publisher.finish(connection)
            unsent = await self._publisher.store(connection, announced)
        return Said(reading, place, parts, {}, unsent)

    async def _settle(self, connection: Lane) -> None:
        """Finish publishing, and note that the next start has nothing to look for."""
        if not self._publisher.pending:
            return
        async with connection.transaction():
            await self._publisher.finish(connection)
            for reading in self._readings.values():
                if reading.opened and reading.position.tenants:
                    await reading.save(connection, replace(reading.position, tenants=()))

    async def _keep_house(self, connection: Lane, clerk: Clerk) -> None:
        """Say where we are, make room, keep plans fit; a bus that is away is not worth stopping for."""
        now = time.monotonic()
        with database_away():
            if self._tenants.identifiers >= max(_MEASURED_FROM, 2 * self._measured):
                self._measured = self._tenants.identifiers
                await measure_tables(connection)
            if now >= self._forget_at:
                self._forget_at = now + _FORGET_SECONDS
                await clerk.forget_old()
        try:
            if now >= self._report_at:
                self._report_at = now + _REPORT_SECONDS
                await self._report()
            if now >= self._purge_at:
                self._purge_at = now + _PURGE_SECONDS
                await self._bus.purge_read(
                    subscriptions.IDENTITY_STREAM,
                    subscriptions.READERS,
                    keep=_KEEP_MESSAGES,
                    keep_seconds=self._settings.keep_days * 86_400,
                )
        except BusUnavailable as error:
            log.warning("housekeeping_waits", extra={"reason": error.reason})

    async def _report(self) -> None:
        for name, published in self._publisher.published.items():
            if published != self._reported.get(name):
                stream = self._readings[name].inflow.stream
                await self._bus.report_position(stream, subscriptions.READER, published)
                self._reported[name] = published
                _place.labels(name).set(published)

    async def _leave(self) -> None:
        """Let go of what still runs; a batch half published is published again at the next start."""
        for reading in self._readings.values():
            await reading.close()
        await self._publisher.leave()
        await self._tenants.leave()


def live_limits(settings: Settings) -> Limits:
    """What one transaction of live events may hold."""
    return Limits(settings.group_messages, settings.group_bytes, settings.gather_seconds)


def imported_limits(settings: Settings) -> Limits:
    """Small, for live events wait while it is decided; and without delay, for more is there anyway."""
    return Limits(settings.imported_group_messages, settings.imported_group_bytes, 0.0)


def _count(parts: Sequence[Part]) -> None:
    for part in parts:
        for message in part.decision.messages:
            size = 1 if message.unreadable else len(message.kinds)
            outcomes = {"counted": message.counted, "set_aside": len(message.faults)}
            outcomes["suppressed"] = message.suppressed
            outcomes["duplicate"] = size - sum(outcomes.values())
            for outcome, number in outcomes.items():
                if number:
                    _events.labels(part.tenant_id, outcome).inc(number)


@asynccontextmanager
async def keep_writing(
    bus: Bus, settings: Settings, rules: Rules, handlers: Mapping[str, Handler]
) -> AsyncIterator[None]:
    """A writer that starts again from the tables after any failure; left when its batch is done."""
    stopping = asyncio.Event()
    poisons = {inflow.name: Poison(inflow.name, rules) for inflow in (LIVE, IMPORTED)}

    def writer() -> Writer:
        return Writer(bus, settings, rules=rules, poisons=poisons, handlers=handlers, stopping=stopping)

    task = asyncio.create_task(_write(lambda: writer().run(), stopping))
    try:
        yield
    finally:
        stopping.set()
        done, _ = await asyncio.wait({task}, timeout=settings.drain_seconds)
        if not done:
            log.warning("drain_too_long")
            await cancelled(task)


async def _write(live: Callable[[], Awaitable[None]], stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        try:
            with database_away():
                await live()
        except Unavailable as error:
            log.warning("writer_waits", extra={"reason": error.reason})
        except Exception:
            # A bug or a broken table must not silence the service: it is told, and tried again.
            log.exception("writer_failed")
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), _RETRY_SECONDS)
