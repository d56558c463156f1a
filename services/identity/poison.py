"""Finds the event that makes a batch fail again and again, so that it is set aside alone."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from chassis.database import database_away
from chassis.errors import Unavailable
from services.identity.domain.arrivals import Arrivals
from services.identity.domain.identifiers import Rules
from services.identity.store.lane import Lane, enter_tenant
from services.identity.tenants import new_tenant, resolve

log = logging.getLogger(__name__)

# A fault that goes away by itself must not cost an event.
_TRIES = 3


class Poison:
    """Remembers, from one life of the writer to the next, where a lane failed and which events did it."""

    def __init__(self, lane: str, rules: Rules) -> None:
        self._lane = lane
        self._rules = rules
        self._failing_place = 0
        self._failures = 0
        self._broken: dict[int, frozenset[int]] = {}

    def mark(self, arrivals: Arrivals) -> Arrivals:
        """The message with its known poison marked as such."""
        broken = self._broken.get(arrivals.place)
        return arrivals if broken is None else replace(arrivals, broken=broken)

    def forget(self) -> None:
        """A batch went through, so nothing is suspected any more."""
        self._failures = 0
        self._broken.clear()

    async def suspect(
        self, connection: Lane, place: int, batches: Sequence[tuple[str, Sequence[Arrivals]]]
    ) -> None:
        """Note that the batch from `place` on failed; after some tries, find its poison."""
        self._failures = self._failures + 1 if place == self._failing_place else 1
        self._failing_place = place
        if self._failures < _TRIES:
            return
        for tenant_id, batch in batches:
            for arrivals in batch:
                rows = [row for row in range(len(arrivals)) if row not in arrivals.broken]
                found = await self._poisonous(connection, tenant_id, arrivals, rows)
                if found:
                    log.error(
                        "poison_found",
                        extra={"tenant_id": tenant_id, "place": arrivals.place, "events": len(found)},
                    )
                    self._broken[arrivals.place] = arrivals.broken | frozenset(found)

    async def _poisonous(
        self, connection: Lane, tenant_id: str, arrivals: Arrivals, rows: Sequence[int]
    ) -> list[int]:
        """The rows that fail, by halving; all of `rows` when they fail only together."""
        if not await self._fails(connection, tenant_id, arrivals, rows):
            return []
        if len(rows) == 1:
            return list(rows)
        half = len(rows) // 2
        found = await self._poisonous(connection, tenant_id, arrivals, rows[:half])
        found += await self._poisonous(connection, tenant_id, arrivals, rows[half:])
        return found or list(rows)

    async def _fails(self, connection: Lane, tenant_id: str, arrivals: Arrivals, rows: Sequence[int]) -> bool:
        """Whether resolving these rows alone fails; leaves nothing behind."""
        others = frozenset(range(len(arrivals))) - frozenset(rows)
        transaction = connection.transaction()
        with database_away():
            await transaction.start()
            try:
                await enter_tenant(connection, tenant_id)
                # Without its seen keys: copies fail as their originals do.
                tenant = await new_tenant(connection, tenant_id, self._rules)
                await resolve(connection, tenant, self._lane, [replace(arrivals, broken=others)])
            except Unavailable:
                raise
            except Exception:
                log.exception("poison_probed", extra={"tenant_id": tenant_id, "events": len(rows)})
                return True
            finally:
                await transaction.rollback()
        return False
