"""Metering: what each tenant sent and asked, counted in memory and added to its days every few seconds.

A gateway that is killed loses what it had not added yet: a tenant is never charged for more than it used.
Exact counts of events are identity's; see /v1/reports/intake.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime

from chassis.background import cancelled
from chassis.database import DatabaseUnavailable, Engine
from services.gateway.store.usage import Used, add_usage

log = logging.getLogger(__name__)

_SAVE_SECONDS = 5.0


class Meter:
    """Counts; entered by `run_meter`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._used: dict[tuple[str, date], Used] = {}
        self._today = datetime.now(UTC).date()

    def add_events(self, tenant_id: str, events: int, set_aside: int, size_bytes: int) -> None:
        """Count one request of the tracking API, or one message of an import."""
        used = self._of(tenant_id)
        used.events += events
        used.set_aside += set_aside
        used.bytes += size_bytes

    def add_call(self, tenant_id: str) -> None:
        """Count one call of the open API."""
        self._of(tenant_id).calls += 1

    def _of(self, tenant_id: str) -> Used:
        key = (tenant_id, self._today)
        used = self._used.get(key)
        if used is None:
            used = self._used[key] = Used()
        return used

    async def save(self) -> None:
        """Add what was counted; what could not be added is kept for the next time."""
        self._today = datetime.now(UTC).date()
        taken, self._used = self._used, {}
        by_tenant: dict[str, dict[date, Used]] = {}
        for (tenant_id, day), used in taken.items():
            by_tenant.setdefault(tenant_id, {})[day] = used
        for tenant_id, days in by_tenant.items():
            try:
                await add_usage(self._engine, tenant_id, days)
            except DatabaseUnavailable:
                for day, used in days.items():
                    self._keep(tenant_id, day, used)
            except Exception:
                # One tenant that was deleted meanwhile must not cost the others their counts.
                log.exception("usage_not_saved", extra={"tenant_id": tenant_id})

    def _keep(self, tenant_id: str, day: date, used: Used) -> None:
        since = self._used.setdefault((tenant_id, day), Used())
        since.events += used.events
        since.set_aside += used.set_aside
        since.bytes += used.bytes
        since.calls += used.calls


async def _follow(meter: Meter) -> None:
    while True:
        await asyncio.sleep(_SAVE_SECONDS)
        await meter.save()


@asynccontextmanager
async def run_meter(engine: Engine) -> AsyncIterator[Meter]:
    """A meter that saves by itself, and once more when it is left."""
    meter = Meter(engine)
    following = asyncio.create_task(_follow(meter))
    try:
        yield meter
    finally:
        await cancelled(following)
        with contextlib.suppress(DatabaseUnavailable):
            await meter.save()
