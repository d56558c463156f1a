"""Refreshes every tenant's live segments: at once where there is news, and when time changes something."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from prometheus_client import Counter, Gauge, Histogram

from chassis.clickhouse import ClickHouseUnavailable
from chassis.database import DatabaseUnavailable
from services.insight.live.outbox import Outbox
from services.insight.live.tenant import LiveTenant, Parts

log = logging.getLogger(__name__)

# So many tenants at once: each may wait for the store while another's loops run.
_TENANTS_AT_ONCE = 4
# A tenant that takes long rests half as long; one that keeps taking long because the store answers for it,
# as it does if memory has no room for everybody, much longer. Who is in memory is never that late: a machine
# that is busy for a moment would leave segments as they were for minutes.
_SLOW_SECONDS, _REST_TIMES, _LONGEST_REST_SECONDS = 3.0, 10.0, 300.0
_REST_SHARE = 0.5
_KEEP, _KEEP_DELTAS = timedelta(days=7), 2000
_TIDY_EVERY_SECONDS = 600.0

_lag = Gauge("insight_live_lag_seconds", "How long news of some tenant waits to be counted in its segments")
_refreshes = Histogram(
    "insight_live_refresh_seconds",
    "What refreshing one tenant's segments takes",
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100),
)
_busy = Counter("insight_live_busy_seconds", "Time in which some tenant's segments are being refreshed")
_stored = Counter("insight_live_deltas", "Changes of segments that were stored")
_failures = Counter("insight_live_failures", "Refreshes of a tenant that failed as a whole")


class Live:
    """`news` tells of each tenant the place of its last message."""

    def __init__(
        self, parts: Parts, outbox: Outbox, news: Callable[[], Mapping[str, int]], tick_seconds: float
    ) -> None:
        self._parts = parts
        self._outbox = outbox
        self._news = news
        self._tick_seconds = tick_seconds
        self._tenants: dict[str, LiveTenant] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._rest_until: dict[str, float] = {}
        self._last_seconds: dict[str, float] = {}
        # Since when news waits.
        self._waiting: dict[str, float] = {}
        self._gate = asyncio.Semaphore(_TENANTS_AT_ONCE)
        self._tidy_at = time.monotonic() + _TIDY_EVERY_SECONDS

    async def run(self) -> None:
        """Never returns; what fails is tried again."""
        try:
            while True:
                started = time.monotonic()
                try:
                    await self._tick()
                except DatabaseUnavailable as error:
                    log.warning("live_waits", extra={"why": str(error)[:300]})
                except Exception:
                    # The next look may succeed, and all else goes on.
                    _failures.inc()
                    log.exception("live_failed")
                await asyncio.sleep(max(0.05, self._tick_seconds - (time.monotonic() - started)))
        finally:
            for task in self._running.values():
                task.cancel()
            beside = [tenant.stop() for tenant in self._tenants.values()]
            await asyncio.gather(*self._running.values(), *beside, return_exceptions=True)

    async def _tick(self) -> None:
        queue, news, clock = await self._parts.live.queue(), self._news(), time.monotonic()
        for tenant_id in self._tenants.keys() - queue.keys() - self._running.keys():
            await self._tenants.pop(tenant_id).stop()
        for tenant_id, changed in queue.items():
            if tenant_id in self._running:
                continue
            tenant = self._tenants.setdefault(tenant_id, LiveTenant(tenant_id, self._parts))
            if tenant.due(changed, news.get(tenant_id, 0)):
                self._waiting.setdefault(tenant_id, clock)
                if clock >= self._rest_until.get(tenant_id, 0.0):
                    work = self._refresh(tenant, changed, news.get(tenant_id, 0))
                    task = self._running[tenant_id] = asyncio.create_task(work)
                    task.add_done_callback(lambda _, done=tenant_id: self._running.pop(done))  # type: ignore[misc]
            else:
                self._waiting.pop(tenant_id, None)
        _lag.set(max((clock - since for since in self._waiting.values()), default=0.0))
        if clock >= self._tidy_at:
            self._tidy_at = clock + _TIDY_EVERY_SECONDS
            await self._tidy()

    async def _refresh(self, tenant: LiveTenant, changed: int, news: int) -> None:
        async with self._gate:
            started = time.monotonic()
            try:
                _stored.inc(await tenant.refresh(changed, news))
                if tenant.empty:
                    await self._parts.live.leave(tenant.tenant_id, changed)
            except (DatabaseUnavailable, ClickHouseUnavailable) as error:
                _failures.inc()
                log.warning("live_waits", extra={"why": str(error)[:300]})
            except Exception:
                # Of one tenant; the others go on.
                _failures.inc()
                tenant.forget()
                log.exception("live_failed", extra={"tenant_id": tenant.tenant_id})
            seconds = time.monotonic() - started
            self._rest(tenant, seconds)
            _refreshes.observe(seconds)
            _busy.inc(seconds)
        # Also of what failed half-way something may be stored.
        self._outbox.wake(tenant.tenant_id)

    def _rest(self, tenant: LiveTenant, seconds: float) -> None:
        before = self._last_seconds.get(tenant.tenant_id, 0.0)
        self._last_seconds[tenant.tenant_id] = seconds
        rest = _REST_SHARE * seconds
        if tenant.by_store and min(seconds, before) > _SLOW_SECONDS:
            rest = min(_REST_TIMES * seconds, _LONGEST_REST_SECONDS)
        self._rest_until[tenant.tenant_id] = time.monotonic() + rest

    async def _tidy(self) -> None:
        """Store members in one piece, and drop deltas that nobody needs any more."""
        before = datetime.now(UTC) - _KEEP
        for tenant_id, tenant in list(self._tenants.items()):
            if tenant_id not in self._running and not tenant.busy:
                await tenant.fold()
                await self._parts.live.drop_old(tenant_id, before, _KEEP_DELTAS)
