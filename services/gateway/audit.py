"""Who did what: the tenants' append-only, hash-chained logs, their verification and their anchors.

An anchor is an entry in the platform's chain that holds the head of a tenant's chain: a chain that was cut
short, or written anew from some entry on, is found out. The platform's own head is told to the service's log,
which is kept elsewhere.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from json import loads

from prometheus_client import Gauge
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.database import DatabaseUnavailable, Engine, open_transaction
from services.gateway.domain.audit import (
    FIRST,
    MAX_FACTS_BYTES,
    PLATFORM,
    Break,
    Entry,
    Head,
    Stored,
    canonical,
    checked,
    personal_place,
)
from services.gateway.errors.teammates import LooksPersonal
from services.gateway.store import audit as store
from services.gateway.store import operators

__all__ = ["PLATFORM", "AuditLog", "Entry"]

log = logging.getLogger(__name__)

_ANCHORED = "audit.anchored"
_ANCHOR_SECONDS = 900.0
_PAGE = 2000
_broken = Gauge("audit_chains_broken", "Chains that were not as written when they were last anchored")


@dataclass(frozen=True, slots=True)
class Verification:
    """How far a chain was found as it was written; `complete` when that is its end or its first break."""

    reached: Head
    broken: Break | None
    complete: bool
    anchored: int


class AuditLog:
    """Writes and checks the chains of all tenants."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def record(self, connection: AsyncConnection, entry: Entry) -> None:
        """Within the transaction of the change, as its last statement: both happen or neither."""
        _require_small_and_impersonal(entry)
        await store.append(connection, entry)

    async def write(self, entry: Entry) -> None:
        """For a change that another service has made and answered."""
        async with open_transaction(self._engine, entry.tenant_id) as connection:
            await self.record(connection, entry)

    async def verify(self, tenant_id: str, start: Head, *, limit: int = _PAGE) -> Verification:
        """Check up to `limit` entries behind `start`, and where they end against the newest anchor."""
        # First: what is anchored later than the entries were read would look cut off.
        anchor = await self._anchor(tenant_id)
        entries = await store.load_following(self._engine, tenant_id, start.number, limit)
        reached, broken = checked(start, entries)
        broken = broken or _against_anchor(anchor, start, entries)
        complete = len(entries) < limit
        if broken is None and complete and reached.number < anchor.number:
            broken = Break(reached.number + 1, "missing")
        return Verification(reached, broken, complete or broken is not None, anchor.number)

    async def _anchor(self, tenant_id: str) -> Head:
        """What the platform's chain last said of a tenant's; the platform's own is told to the log only."""
        found = await store.load_newest_about(self._engine, PLATFORM, _ANCHORED, f"tenant:{tenant_id}")
        return _head_of(found) if found else Head()

    async def keep_anchored(self) -> None:
        """Check what is new of every chain and anchor it, again and again, for ever."""
        while True:
            try:
                await self.anchor()
            except DatabaseUnavailable:
                log.warning("anchoring_waiting")
            await asyncio.sleep(_ANCHOR_SECONDS)

    async def anchor(self) -> None:
        """Once, for every tenant; a broken chain is told to the log and keeps its old anchor."""
        n_broken = 0
        async for tenant_id in operators.each_tenant(self._engine):
            n_broken += not await self._anchor_one(tenant_id)
        _broken.set(n_broken)
        head = await store.load_head(self._engine, PLATFORM)
        log.info("platform_chain", extra={"number": head.number, "hash": head.hash.hex()})

    async def _anchor_one(self, tenant_id: str) -> bool:
        """False when the chain is broken."""
        anchor = await self._anchor(tenant_id)
        head = await self._reached(tenant_id, anchor)
        if head is None:
            return False
        if head.number > anchor.number:
            after = {"number": head.number, "hash": head.hash.hex()}
            await self.write(Entry(PLATFORM, "system", _ANCHORED, f"tenant:{tenant_id}", after=after))
        return True

    async def _reached(self, tenant_id: str, start: Head) -> Head | None:
        """The head of a chain whose entries behind `start` are as written; None for a broken one."""
        async for found in self._parts(tenant_id, start):
            if found.broken is not None:
                log.error(
                    "audit_chain_broken",
                    extra={"tenant_id": tenant_id, "number": found.broken.number, "why": found.broken.why},
                )
                return None
            start = found.reached
        return start

    async def _parts(self, tenant_id: str, start: Head) -> AsyncIterator[Verification]:
        while True:
            found = await self.verify(tenant_id, start)
            yield found
            if found.complete:
                return
            start = found.reached


def _require_small_and_impersonal(entry: Entry) -> None:
    for facts in (entry.before, entry.after):
        if len(canonical(facts)) > MAX_FACTS_BYTES:
            raise ValueError(
                f"{entry.action}: an audit entry takes {MAX_FACTS_BYTES} bytes of facts: count them"
            )
    place = personal_place(entry)
    if place is not None:
        raise LooksPersonal("A name or id looks like an e-mail address or phone number.", place=place)


def _head_of(anchor: Stored) -> Head:
    told = loads(anchor.after)
    return Head(int(told["number"]), bytes.fromhex(told["hash"]))


def _against_anchor(anchor: Head, start: Head, entries: list[Stored]) -> Break | None:
    """A chain that is whole in itself but another one than was anchored."""
    if anchor.hash == FIRST:
        return None
    at_anchor = [start, *(Head(entry.number, entry.hash) for entry in entries)]
    for head in at_anchor:
        if head.number == anchor.number and head.hash != anchor.hash:
            return Break(anchor.number, "replaced")
    return None
