"""What tenants decided about counting and keeping: time zone, currency, exchange rates, retention, genes."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_transaction
from services.insight.domain.genes.facts import Rules
from services.insight.domain.money import Rate, Rates
from services.insight.domain.orders import Counts
from services.insight.domain.retention import Retention

_LOAD = sa.text(
    "select time_zone, currency, retention_days, keep_first_seen, keep_orders, session_minutes, "
    "slowing_days, dormant_days, lost_days, loyal_orders, loyal_days, price_after_discount, order_counts, "
    "return_days from tenants "
    "where tenant_id = :tenant_id"
)
_SAVE = sa.text(
    "insert into tenants (tenant_id, time_zone, currency) values (:tenant_id, :time_zone, :currency) "
    "on conflict (tenant_id) do update set time_zone = excluded.time_zone, currency = excluded.currency, "
    "changed_at = now()"
)
_SAVE_RETENTION = sa.text(
    "update tenants set retention_days = :days, keep_first_seen = :keep_first_seen, "
    "keep_orders = :keep_orders where tenant_id = :tenant_id"
)
_SAVE_RULES = sa.text(
    "update tenants set session_minutes = :session_minutes, slowing_days = :slowing_days, "
    "dormant_days = :dormant_days, lost_days = :lost_days, loyal_orders = :loyal_orders, "
    "loyal_days = :loyal_days, price_after_discount = :price_after_discount, "
    "order_counts = :order_counts, return_days = :return_days where tenant_id = :tenant_id"
)
_LOAD_RATES = sa.text("select currency, on_date, rate from exchange_rates where tenant_id = :tenant_id")
_FORGET = (
    sa.text("delete from attribute_types where tenant_id = :tenant_id"),
    # With their versions and snapshots.
    sa.text("delete from segments where tenant_id = :tenant_id"),
    sa.text("delete from segments_started where tenant_id = :tenant_id"),
    sa.text("delete from audits where tenant_id = :tenant_id"),
    sa.text("delete from ad_costs where tenant_id = :tenant_id"),
    sa.text("delete from exchange_rates where tenant_id = :tenant_id"),
    sa.text("delete from live_queue where tenant_id = :tenant_id"),
    sa.text("delete from tenants where tenant_id = :tenant_id"),
)

# For a tenant that has not decided yet.
_TIME_ZONE = "Asia/Taipei"
_CURRENCY = "TWD"
# Processes that overlap, as when one takes another's place, agree after so long.
_KNOWN_SECONDS = 5.0
_MOST_KNOWN = 1000


@dataclass(frozen=True, slots=True)
class Tenant:
    """How a tenant's events are counted, and for how long they are kept."""

    time_zone: str
    rates: Rates
    retention: Retention
    rules: Rules

    @property
    def currency(self) -> str:
        return self.rates.home


class Tenants:
    """The tenants' settings; a process has one, so that what it saves holds at once."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        # Every question asks; with the time of asking.
        self._known: dict[str, tuple[float, Tenant]] = {}
        self._changes = 0

    async def load(self, tenant_id: str) -> Tenant:
        """As it is; what another process saved, a few seconds later."""
        now, changes = time.monotonic(), self._changes
        asked_at, known = self._known.get(tenant_id, (now, None))
        if known is not None and now < asked_at + _KNOWN_SECONDS:
            return known
        found = await self._read(tenant_id)
        # What was read while it was being changed may be either.
        if changes == self._changes:
            self._known[tenant_id] = now, found
            while len(self._known) > _MOST_KNOWN:
                del self._known[next(iter(self._known))]
        return found

    async def _read(self, tenant_id: str) -> Tenant:
        async with open_transaction(self._engine, tenant_id) as connection:
            found = (await connection.execute(_LOAD, {"tenant_id": tenant_id})).one_or_none()
            rates = (await connection.execute(_LOAD_RATES, {"tenant_id": tenant_id})).all()
        time_zone, currency, *decided = found if found is not None else (_TIME_ZONE, _CURRENCY)
        rules = Rules(*decided[3:])
        return Tenant(
            time_zone,
            Rates(currency, (Rate(code, on, rate) for code, on, rate in rates)),
            Retention(*decided[:3]),
            replace(rules, order_counts=Counts(rules.order_counts)),
        )

    async def save(
        self,
        tenant_id: str,
        time_zone: str,
        currency: str,
        retention: Retention | None = None,
        rules: Rules | None = None,
    ) -> None:
        """Without a retention or rules those that are stored stay."""
        async with self._changing(tenant_id) as connection:
            await connection.execute(
                _SAVE, {"tenant_id": tenant_id, "time_zone": time_zone, "currency": currency}
            )
            if retention is not None:
                await connection.execute(_SAVE_RETENTION, {"tenant_id": tenant_id, **asdict(retention)})
            if rules is not None:
                await connection.execute(_SAVE_RULES, {"tenant_id": tenant_id, **asdict(rules)})

    async def forget(self, tenant_id: str) -> None:
        """Delete all that the tenant decided."""
        async with self._changing(tenant_id) as connection:
            for statement in _FORGET:
                await connection.execute(statement, {"tenant_id": tenant_id})

    @asynccontextmanager
    async def _changing(self, tenant_id: str) -> AsyncIterator[AsyncConnection]:
        """A transaction after which nobody is told what was known before."""
        try:
            async with open_transaction(self._engine, tenant_id) as connection:
                yield connection
        finally:
            self._changes += 1
            self._known.pop(tenant_id, None)
