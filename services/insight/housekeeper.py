"""Removes from the table files what must not be there any more, some hours' worth at a time."""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Protocol

from clickhouse_connect.driver.exceptions import ClickHouseError
from prometheus_client import Counter, Gauge

from chassis.clickhouse import ClickHouseUnavailable
from chassis.database import DatabaseUnavailable
from services.insight.domain.retention import kept_since
from services.insight.store.erasures import CleaningFailed, Erasures, Kept, Work
from services.insight.store.tenants import Tenants

log = logging.getLogger(__name__)

_LONGEST_PAUSE_SECONDS = 60.0

_cleanings = Counter("insight_cleanings_total", "Rewritings of the event store without what had to go")
_failing = Gauge("insight_cleaning_failing", "1 while the event store cannot be cleaned")


class Forgetful(Protocol):
    """What keeps people outside the event store."""

    async def forget_people(self, tenant_id: str, nids: Collection[int]) -> None:
        """Take these out of everything stored."""


class Belongings(Protocol):
    """What a tenant has outside the event store."""

    async def forget(self, tenant_id: str) -> None:
        """Delete all of a tenant."""


class Housekeeper:
    """Cleans every `clean_after_seconds` if there is anything to clean; a forgotten tenant waits for nobody.

    `position` is the writer's place: all up to there is written, so that what is deleted stays deleted.
    """

    def __init__(
        self,
        erasures: Erasures,
        tenants: Tenants,
        forgetful: Sequence[Forgetful],
        belongings: Sequence[Belongings],
        copies: Sequence[Belongings] = (),
        *,
        position: Callable[[], int],
        clean_after_seconds: float,
        rewriting: asyncio.Lock,
    ) -> None:
        self._erasures = erasures
        self._tenants = tenants
        self._belongings = belongings
        self._forgetful = forgetful
        # Made of events, and to go when some of these go.
        self._copies = copies
        self._position = position
        self._clean_after_seconds = clean_after_seconds
        # Held while rows are deleted: nobody may read them before and store something of them after.
        self._rewriting = rewriting
        # When nothing had grown old yet.
        self._looked_at: datetime | None = None

    async def run(self) -> None:
        """Never returns; what fails is tried again."""
        while True:
            await asyncio.sleep(min(_LONGEST_PAUSE_SECONDS, self._clean_after_seconds / 4))
            try:
                if work := await self._due():
                    await self._clean(work)
                _failing.set(0)
            except (ClickHouseUnavailable, ClickHouseError, CleaningFailed, DatabaseUnavailable) as error:
                _failing.set(1)
                log.warning("not_cleaned", extra={"why": str(error)[:300]})

    async def _due(self) -> Work | None:
        position = self._position()
        work = await self._erasures.announced(position)
        last = await self._erasures.last_begun_at()
        now = datetime.now(UTC)
        if last is not None and (now - last).total_seconds() < self._clean_after_seconds:
            return work if work.forgotten else None
        looked_at = self._looked_at
        if looked_at is None or (now - looked_at).total_seconds() >= self._clean_after_seconds:
            work = replace(work, kept=await self._outdated(position, now))
            # What was found and could not be deleted is looked for again at once.
            self._looked_at = None if work.kept else now
        return work or None

    async def _outdated(self, position: int, now: datetime) -> list[Kept]:
        """Tenants with rows that their retention no longer keeps."""
        found = []
        for tenant_id in await self._erasures.tenants():
            tenant = await self._tenants.load(tenant_id)
            since = kept_since(tenant.retention, tenant.time_zone, now)
            if since is None:
                continue
            kept = Kept(tenant_id, since, tenant.retention.keep_orders, tenant.retention.keep_first_seen)
            if await self._erasures.grown_old(kept, position):
                found.append(kept)
        return found

    async def _clean(self, work: Work) -> None:
        facts = {"position": work.to, "erasures": work.erasures}
        facts |= {"forgotten": len(work.forgotten), "shortened": len(work.kept)}
        log.info("cleaning", extra=facts)
        async with self._rewriting:
            await self._erasures.begin(work)
            for kept in work.kept:
                if kept.first_seen:
                    await self._erasures.keep_first_seen(kept, work.to)
            await self._erasures.delete(work)
            await self._erasures.record_shortened(work)
        for kept in work.kept:
            for copy in self._copies:
                await copy.forget(kept.tenant_id)
        for tenant_id, nids in await self._erasures.announced_nids(work):
            for each in self._forgetful:
                await each.forget_people(tenant_id, nids)
        for tenant_id in work.forgotten:
            await self._tenants.forget(tenant_id)
            for belonging in self._belongings:
                await belonging.forget(tenant_id)
        await self._erasures.files_gone()
        await self._erasures.finish(work)
        _cleanings.inc()
        log.info("cleaned", extra=facts)
