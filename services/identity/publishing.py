"""Puts what was committed on the bus, in order, before the next transaction commits; and once only.

At most one transaction is ahead of the bus. What it decided of events can be built again from its decisions
and the accepted messages; everything else it has to say is kept in the outbox until the bus has it.
"""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chassis.background import cancelled
from chassis.bus import Bus, BusUnavailable, Message
from services.identity import subscriptions
from services.identity.inflows import Reading
from services.identity.store.lane import Lane, enter_tenant
from services.identity.store.queries.outbox import (
    Unsent,
    add_unsent,
    delete_sent,
    load_unsent,
    save_announced_at,
)
from services.identity.store.queries.progress import Position, load_position, save_position
from services.identity.subscriptions import Accepted, Outgoing, Part
from services.identity.tenants import Tenant

log = logging.getLogger(__name__)

_RETRY_SECONDS = 0.5
# Well within the time for which the bus knows a message again. After that only a new start is safe, for it
# asks the bus what it has.
_SEND_SECONDS = 120.0
# So many numbers are announced as used at once.
_MARK_STEP = 10_000
_OUTBOX = "outbox"


class Stopped(Exception):
    """Asked to leave while the bus is away; the next start publishes what is left."""


@dataclass(slots=True)
class Said:
    """What one transaction has to say."""

    # The lane whose events it decided; None for a command.
    reading: Reading | None = None
    place: int = 0
    parts: Sequence[Part] = ()
    accepted: Mapping[int, Accepted] = field(default_factory=dict)
    # By tenant, out of the outbox.
    unsent: dict[str, list[Unsent]] = field(default_factory=dict)


class Publisher:
    """Publishes one transaction's messages while the next one is decided."""

    def __init__(self, bus: Bus, stopping: asyncio.Event) -> None:
        self._bus = bus
        self._stopping = stopping
        self._task: asyncio.Task[None] | None = None
        # What is in the outbox, though the bus has it: (tenant, entry, erasure it announces, place).
        self._sent: list[tuple[str, int, str, int]] = []
        # By lane, the last place of which all is published.
        self.published: dict[str, int] = {}

    @property
    def pending(self) -> bool:
        """Whether `finish` has anything to do."""
        return self._task is not None or bool(self._sent)

    def start(self, said: Said) -> None:
        """Publish beside whatever else is done; `said` must be committed."""
        self._task = asyncio.create_task(self._publish(said))

    async def finish(self, connection: Lane) -> None:
        """Wait until all is published, and take it out of the outbox; needs a transaction."""
        if self._task is not None:
            await self._task
            self._task = None
        for tenant_id, entry, erasure_id, place in self._sent:
            await enter_tenant(connection, tenant_id)
            await delete_sent(connection, tenant_id, entry)
            if erasure_id:
                await save_announced_at(connection, tenant_id, erasure_id, place)
        if self._sent:
            await save_position(connection, _OUTBOX, Position())
            self._sent = []

    async def leave(self) -> None:
        """Let go of what still runs; what is half published is published again at the next start."""
        if self._task is not None:
            await cancelled(self._task)

    async def store(
        self, connection: Lane, said: Mapping[str, Sequence[Outgoing]]
    ) -> dict[str, list[Unsent]]:
        """Put messages of tenants into the outbox, in the transaction that decided them; after `finish`."""
        unsent = {}
        for tenant_id, messages in said.items():
            if not messages:
                continue
            await enter_tenant(connection, tenant_id)
            await add_unsent(
                connection, tenant_id, [(each.subject, each.message_id, each.data) for each in messages]
            )
            unsent[tenant_id] = await load_unsent(connection, tenant_id)
        if unsent:
            await save_position(connection, _OUTBOX, Position(tenants=list(unsent)))
        return unsent

    async def left(self, connection: Lane) -> Said:
        """What the outbox still holds at a start."""
        unsent = {}
        position = await load_position(connection, _OUTBOX)
        for tenant_id in position.tenants:
            async with connection.transaction():
                await enter_tenant(connection, tenant_id)
                unsent[tenant_id] = await load_unsent(connection, tenant_id)
        return Said(unsent=unsent)

    async def guard(self, tenant: Tenant) -> None:
        """Before a commit: see to it that the bus knows that the tenant's highest number may be in use."""
        if tenant.nid_high_water > tenant.nid_mark:
            mark = tenant.nid_high_water + _MARK_STEP
            await self._send(subscriptions.nid_mark(tenant.tenant_id, mark))
            tenant.nid_mark = mark

    async def last(self, topic: str, tenant_id: str) -> Message | None:
        """The newest message of a tenant's topic in our stream."""
        return await self._bus.last_message(subscriptions.IDENTITY_STREAM, f"{topic}.{tenant_id}")

    async def publish_remaps(self, part: Part) -> None:
        """The changes of the map that the bus does not have."""
        decision = part.decision
        for message in subscriptions.remapped(
            part.tenant_id,
            decision.moved,
            decision.map_version,
            accepted_to=decision.accepted_to,
            after=part.remapped_to,
        ):
            await self._send(message)

    async def _publish(self, said: Said) -> None:
        await asyncio.gather(*(self._publish_part(part, said.accepted) for part in said.parts))
        await asyncio.gather(*(self._publish_unsent(*each) for each in said.unsent.items()))
        if said.reading is not None:
            self.published[said.reading.inflow.name] = said.place

    async def _publish_part(self, part: Part, accepted: Mapping[int, Accepted]) -> None:
        """In this order, so that a resolved message on the bus proves that all before it is there too."""
        for message in subscriptions.rejected(part, accepted):
            await self._send(message)
        await self.publish_remaps(part)
        for message in subscriptions.resolved(part, accepted):
            await self._send(message)

    async def _publish_unsent(self, tenant_id: str, unsent: Sequence[Unsent]) -> None:
        for each in unsent:
            place = await self._send(Outgoing(each.subject, each.body, each.message_id))
            erasure_id = subscriptions.erasure_of(each.subject, each.body)
            self._sent.append((tenant_id, each.entry, erasure_id, place))

    async def _send(self, message: Outgoing) -> int:
        """Publish, and try again while the bus is sure to know a repetition; then raise BusUnavailable."""
        give_up_at = time.monotonic() + _SEND_SECONDS
        while True:
            try:
                return await self._bus.publish(message.subject, message.data, message_id=message.message_id)
            except BusUnavailable as error:
                log.warning("publish_waits", extra={"subject": message.subject, "reason": error.reason})
                if self._stopping.is_set():
                    raise Stopped from error
                if time.monotonic() > give_up_at:
                    raise
                await asyncio.sleep(_RETRY_SECONDS)
