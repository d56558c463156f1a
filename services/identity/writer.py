"""The single writer: reads accepted events in order, decides each batch in one transaction, publishes.

Exactly once, whenever it is killed: the transaction that stores a batch's results also stores its
decisions and the position. On start the bus is asked what it has of the last batch; what is missing is
built again from the decisions and published under the same message ids. The next batch is not committed
before the last one is published, so one batch of decisions is enough.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from prometheus_client import Counter, Gauge

from chassis.bus import Bus, BusUnavailable, Message
from chassis.database import database_away
from chassis.errors import Unavailable
from chassis.process import cancelled
from chassis.telemetry import continue_traces
from services.identity import subscriptions
from services.identity.domain.arrivals import Arrivals
from services.identity.domain.decisions import Decision, decoded
from services.identity.domain.identifiers import Rules
from services.identity.poison import Poison
from services.identity.settings import Settings
from services.identity.store.lane import Lane, enter_tenant, open_lane
from services.identity.store.queries.progress import (
    Position,
    load_decision,
    load_position,
    measure_tables,
    save_position,
)
from services.identity.subscriptions import Accepted, Outgoing
from services.identity.tenants import Tenant, Unreadable, load_tenant, resolve, tend_seen

log = logging.getLogger(__name__)

_RETRY_SECONDS = 0.5
# Well within the time for which the bus knows a message again. After that only a new start is safe, for it
# asks the bus what it has.
_SEND_SECONDS = 120.0
_REPORT_SECONDS = 1.0
_PURGE_SECONDS = 5.0
# From so many identifiers on, the planner is told each time their number has doubled: autovacuum comes by
# once a minute, and plans made for small tables are a hundred times slower by then.
_MEASURED_FROM = 1_000
# The newest messages say where a tenant's resolved events end; more than one batch of them must remain.
_KEEP_MESSAGES = 1_000

_events = Counter("identity_events", "Accepted events by outcome", ["tenant_id", "outcome"])
_place = Gauge("identity_position", "Place in the accepted stream up to which all is published")


@dataclass(frozen=True, slots=True)
class Decided:
    """One tenant's part of a committed batch, and which of it the bus already has."""

    tenant_id: str
    decision: Decision
    published_to: int
    remapped_to: int


class _Stopped(Exception):
    """Asked to leave while the bus is away; the next start publishes what is left."""


class Writer:
    """One life of the writer, from taking the lock to an error or the wish to stop."""

    def __init__(
        self, bus: Bus, settings: Settings, rules: Rules, poison: Poison, stopping: asyncio.Event
    ) -> None:
        self._bus = bus
        self._settings = settings
        self._rules = rules
        self._poison = poison
        self._stopping = stopping
        self._tenants: dict[str, Tenant] = {}
        self._publishing: asyncio.Task[None] | None = None
        self._published = 0
        self._reported = 0
        self._report_at = 0.0
        self._purge_at = 0.0
        self._measured = 0

    async def run(self) -> None:
        """Raises Unavailable when a part is away; memory must then be forgotten, for it may be ahead."""
        settings = self._settings
        await self._bus.ensure_stream(
            subscriptions.IDENTITY_STREAM,
            [subscriptions.RESOLVED_TOPIC, subscriptions.REMAPPED_TOPIC],
            max_bytes=settings.stream_max_bytes,
        )
        async with open_lane(settings.database_url.get_secret_value()) as connection:
            try:
                with suppress(_Stopped):
                    await self._live(connection)
            finally:
                await self._leave()

    async def _live(self, connection: Lane) -> None:
        position = await load_position(connection)
        await self._republish(connection, position)
        self._published = position.accepted_to
        groups = self._bus.read(
            subscriptions.ACCEPTED_STREAM,
            after=position.accepted_to,
            max_messages=self._settings.group_messages,
            max_bytes=self._settings.group_bytes,
            gather_seconds=self._settings.gather_seconds,
            idle=True,
        )
        log.info("writer_started", extra={"position": position.accepted_to})
        try:
            async for group in groups:
                if group:
                    with continue_traces("resolve", (message.headers for message in group)):
                        await self._take(connection, group)
                if self._stopping.is_set():
                    await self._settle(connection)
                    await self._report()
                    return
                if not group:
                    await self._settle(connection)
                await self._keep_house(connection)
        finally:
            await groups.aclose()

    async def _take(self, connection: Lane, group: Sequence[Message]) -> None:
        """Decide a group in one transaction, then publish it while the next one is read."""
        accepted: dict[int, Accepted] = {}
        batches: dict[str, list[Arrivals | Unreadable]] = {}
        for message in group:
            accepted[message.seq], columns = subscriptions.decode(message)
            if isinstance(columns, Arrivals):
                columns = self._poison.mark(columns)
            batches.setdefault(message.tenant_id, []).append(columns)
        try:
            with database_away():
                decided = await self._decide(connection, group[-1].seq, batches)
        except (Unavailable, _Stopped):
            raise
        except Exception:
            readable = [
                (tenant_id, [columns for columns in batch if isinstance(columns, Arrivals)])
                for tenant_id, batch in batches.items()
            ]
            await self._poison.suspect(connection, group[0].seq, readable)
            raise
        self._poison.forget()
        self._publishing = asyncio.create_task(self._publish(decided, accepted, group[-1].seq))
        for tenant_id in batches:
            await tend_seen(self._tenants[tenant_id])
        _count(decided)

    async def _decide(
        self, connection: Lane, place: int, batches: Mapping[str, Sequence[Arrivals | Unreadable]]
    ) -> list[Decided]:
        decided = []
        async with connection.transaction():
            for tenant_id, batch in batches.items():
                await enter_tenant(connection, tenant_id)
                tenant = await self._tenant(connection, tenant_id)
                decision = await resolve(connection, tenant, batch)
                decided.append(Decided(tenant_id, decision, tenant.published_to, 0))
            await save_position(connection, Position(place, list(batches)))
            # Only one batch of decisions is stored, so the one before must be out.
            await self._published_all()
        return decided

    async def _tenant(self, connection: Lane, tenant_id: str) -> Tenant:
        tenant = self._tenants.get(tenant_id)
        if tenant is None:
            on_bus = subscriptions.on_bus(await self._last(subscriptions.RESOLVED_TOPIC, tenant_id))
            tenant = await load_tenant(
                connection, tenant_id, self._rules, on_bus, self._settings.cached_identifiers
            )
            self._tenants[tenant_id] = tenant
        return tenant

    async def _last(self, topic: str, tenant_id: str) -> Message | None:
        return await self._bus.last_message(subscriptions.IDENTITY_STREAM, f"{topic}.{tenant_id}")

    async def _published_all(self) -> None:
        if self._publishing is not None:
            await self._publishing
            self._publishing = None

    async def _publish(self, decided: Sequence[Decided], accepted: dict[int, Accepted], place: int) -> None:
        await asyncio.gather(*(self._publish_tenant(part, accepted) for part in decided))
        self._published = place
        _place.set(place)

    async def _publish_tenant(self, part: Decided, accepted: dict[int, Accepted]) -> None:
        """In this order, so that a resolved message on the bus proves that all before it is there too."""
        for message in subscriptions.rejected(part.tenant_id, part.decision, accepted):
            await self._send(message)
        remapped = subscriptions.remapped(part.tenant_id, part.decision)
        if remapped is not None and part.remapped_to < part.decision.accepted_to:
            await self._send(remapped)
        for message in subscriptions.resolved(part.tenant_id, part.decision, accepted, part.published_to):
            await self._send(message)

    async def _send(self, message: Outgoing) -> None:
        """Publish, and try again while the bus is sure to know a repetition; then raise BusUnavailable."""
        give_up_at = time.monotonic() + _SEND_SECONDS
        while True:
            try:
                await self._bus.publish(message.subject, message.data, message_id=message.message_id)
                return
            except BusUnavailable as error:
                log.warning("publish_waits", extra={"subject": message.subject, "reason": error.reason})
                if self._stopping.is_set():
                    raise _Stopped from error
                if time.monotonic() > give_up_at:
                    raise
                await asyncio.sleep(_RETRY_SECONDS)

    async def _republish(self, connection: Lane, position: Position) -> None:
        """Publish what the bus misses of the last committed batch."""
        missing = []
        for tenant_id in position.tenants:
            async with connection.transaction():
                await enter_tenant(connection, tenant_id)
                body = await load_decision(connection, tenant_id)
            if body is None:
                continue
            decision = decoded(body)
            on_bus = subscriptions.on_bus(await self._last(subscriptions.RESOLVED_TOPIC, tenant_id))
            remapped_to = subscriptions.remapped_to(await self._last(subscriptions.REMAPPED_TOPIC, tenant_id))
            part = Decided(tenant_id, decision, on_bus.published_to, remapped_to)
            if _is_missing(part):
                missing.append(part)
        if not missing:
            return
        first = min(message.place for part in missing for message in part.decision.messages)
        log.info("publishing_again", extra={"tenants": len(missing), "from_place": first})
        accepted = await self._read_again(first, position.accepted_to)
        await self._publish(missing, accepted, position.accepted_to)

    async def _read_again(self, first: int, last: int) -> dict[int, Accepted]:
        accepted: dict[int, Accepted] = {}
        groups = self._bus.read(subscriptions.ACCEPTED_STREAM, after=first - 1)
        try:
            async for group in groups:
                for message in group:
                    accepted[message.seq] = subscriptions.decode(message)[0]
                if group[-1].seq >= last:
                    return accepted
        finally:
            await groups.aclose()
        raise AssertionError("unreachable")

    async def _settle(self, connection: Lane) -> None:
        """Finish publishing, and note that the next start has nothing to look for."""
        if self._publishing is None:
            return
        await self._published_all()
        async with connection.transaction():
            await save_position(connection, Position(self._published, []))

    async def _keep_house(self, connection: Lane) -> None:
        """Say where we are, make room, keep plans fit; a bus that is away is not worth stopping for."""
        now = time.monotonic()
        identifiers = sum(tenant.nid_high_water for tenant in self._tenants.values())
        if identifiers >= max(_MEASURED_FROM, 2 * self._measured):
            self._measured = identifiers
            with database_away():
                await measure_tables(connection)
        try:
            if now >= self._report_at:
                self._report_at = now + _REPORT_SECONDS
                await self._report()
            if now >= self._purge_at:
                self._purge_at = now + _PURGE_SECONDS
                await self._bus.purge_read(
                    subscriptions.IDENTITY_STREAM, subscriptions.READERS, keep=_KEEP_MESSAGES
                )
        except BusUnavailable as error:
            log.warning("housekeeping_waits", extra={"reason": error.reason})

    async def _report(self) -> None:
        if self._published > self._reported:
            published = self._published
            await self._bus.report_position(subscriptions.ACCEPTED_STREAM, subscriptions.READER, published)
            self._reported = published

    async def _leave(self) -> None:
        """Let go of what still runs; a batch half published is published again at the next start."""
        tasks = [self._publishing, *(tenant.merging for tenant in self._tenants.values())]
        await cancelled(*(task for task in tasks if task is not None))


def _is_missing(part: Decided) -> bool:
    """Whether the bus lacks anything of a decision."""
    decision = part.decision
    last_counted = max((message.place for message in decision.messages if message.counted), default=0)
    if last_counted:
        return part.published_to < last_counted
    # Nothing counted: the bus cannot be asked for what was set aside, but drops what it has already.
    return any(message.faults for message in decision.messages)


def _count(decided: Sequence[Decided]) -> None:
    for part in decided:
        for message in part.decision.messages:
            size = 1 if message.unreadable else len(message.kinds)
            outcomes = {"counted": message.counted, "set_aside": len(message.faults)}
            outcomes["duplicate"] = size - sum(outcomes.values())
            for outcome, number in outcomes.items():
                if number:
                    _events.labels(part.tenant_id, outcome).inc(number)


@asynccontextmanager
async def keep_writing(bus: Bus, settings: Settings, rules: Rules) -> AsyncIterator[None]:
    """A writer that starts again from the tables after any failure; left when its batch is done."""
    stopping = asyncio.Event()
    poison = Poison(rules)
    task = asyncio.create_task(_write(lambda: Writer(bus, settings, rules, poison, stopping).run(), stopping))
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
