"""Finds out, at a start, what the bus misses of what was committed last, and which streams may be read."""

import logging
from collections.abc import Mapping
from dataclasses import replace

from chassis.bus import Bus
from services.identity import subscriptions
from services.identity.domain.decisions import decoded, without
from services.identity.inflows import Reading
from services.identity.memory import Tenants
from services.identity.publishing import Publisher, Said
from services.identity.store.lane import Lane, enter_tenant
from services.identity.store.queries.erasures import load_erased_nids
from services.identity.store.queries.progress import (
    Position,
    load_decision,
    load_position,
    save_position,
)
from services.identity.subscriptions import Accepted, Part

log = logging.getLogger(__name__)

_RESTORES = "restores"
_RESTORED_AT = "restored_at"


class Resuming:
    """At most one transaction is ahead of the bus; a lane is read once its stream is known to be the one."""

    def __init__(
        self,
        bus: Bus,
        readings: Mapping[str, Reading],
        publisher: Publisher,
        tenants: Tenants,
        *,
        restored_at: int = 0,
    ) -> None:
        self._bus = bus
        self._restored_at = restored_at
        self._readings = readings
        self._publisher = publisher
        self._tenants = tenants

    async def begin(self, connection: Lane) -> None:
        """Publish what the bus misses of what was committed last."""
        self._tenants.restores = (await load_position(connection, _RESTORES)).accepted_to
        if self._restored_at > (await load_position(connection, _RESTORED_AT)).accepted_to:
            # The bus is as old as the tables, and cannot tell.
            await self._count_restore(connection)
            await save_position(connection, _RESTORED_AT, Position(self._restored_at))
        for reading in self._readings.values():
            await reading.load(connection)
            # These do not need the accepted messages, and nothing newer may overtake them.
            for part in await self._last_parts(connection, reading):
                await self._publisher.publish_remaps(part)
        self._publisher.start(await self._publisher.left(connection))
        async with connection.transaction():
            await self._publisher.finish(connection)
        await self.look(connection)

    async def look(self, connection: Lane) -> None:
        """Open the lanes that are not open and can be."""
        for reading in self._readings.values():
            if await reading.check(connection, subscriptions.IDENTITY_STREAM):
                # The other lane may be in the midst of it.
                async with connection.transaction():
                    await self._publisher.finish(connection)
                await self._recognise_restore(connection, reading)
                # What memory says of the bus may be of another stream.
                await self._tenants.leave()
                await self._republish(connection, reading)

    async def _recognise_restore(self, connection: Lane, reading: Reading) -> None:
        """Whoever reported a later place than the tables know has given numbers that they do not know."""
        reported = await self._bus.reported_position(reading.inflow.stream, subscriptions.READER)
        if reported > reading.position.accepted_to:
            await self._count_restore(connection)
            log.warning("database_was_restored", extra={"read_to": reading.position.accepted_to})

    async def _count_restore(self, connection: Lane) -> None:
        self._tenants.restores += 1
        await save_position(connection, _RESTORES, Position(self._tenants.restores))

    async def _republish(self, connection: Lane, reading: Reading) -> None:
        missing = [part for part in await self._last_parts(connection, reading) if part.missing]
        position = reading.position
        if missing:
            first = min(message.place for part in missing for message in part.decision.messages)
            log.info("publishing_again", extra={"tenants": len(missing), "from_place": first})
            accepted = await self._read_again(reading, first)
            self._publisher.start(Said(reading, position.accepted_to, missing, accepted))
        async with connection.transaction():
            await self._publisher.finish(connection)
            # Its messages may be purged by and by, and must then not be taken for missing.
            await reading.save(connection, replace(position, tenants=()))
        self._publisher.published[reading.inflow.name] = position.accepted_to

    async def _last_parts(self, connection: Lane, reading: Reading) -> list[Part]:
        """A lane's last batch, and what the bus has of it; nothing once it was said that it has all.

        The batch may be from long ago, when the other lane was never idle since: the messages that would
        show that the bus had it are purged by then, and so are the accepted ones.
        """
        position = reading.position
        if not position.tenants:
            return []
        reported = await self._bus.reported_position(reading.inflow.stream, subscriptions.READER)
        if reported >= position.accepted_to:
            return []
        parts = []
        for tenant_id in position.tenants:
            async with connection.transaction():
                await enter_tenant(connection, tenant_id)
                body = await load_decision(connection, tenant_id, reading.inflow.name)
                erased = await load_erased_nids(connection, tenant_id)
            if body is None:
                continue
            last = await self._publisher.last(reading.inflow.topic, tenant_id)
            remapped = await self._publisher.last(subscriptions.REMAPPED_TOPIC, tenant_id)
            published_to, _ = subscriptions.resolved_to(last, position.resolved_from)
            parts.append(
                Part(
                    tenant_id,
                    reading.inflow,
                    reading.origin,
                    # A lane whose stream was away opens late: people may have been erased since.
                    without(decoded(body), erased),
                    published_to,
                    subscriptions.remapped_to(remapped),
                )
            )
        return parts

    async def _read_again(self, reading: Reading, first: int) -> dict[int, Accepted]:
        accepted: dict[int, Accepted] = {}
        groups = self._bus.read(reading.inflow.stream, after=first - 1)
        try:
            async for group in groups:
                for message in group:
                    accepted[message.seq] = subscriptions.decode(message)[0]
                if group[-1].seq >= reading.position.accepted_to:
                    return accepted
        finally:
            await groups.aclose()
        raise AssertionError("unreachable")
