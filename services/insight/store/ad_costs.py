"""What advertising cost by source and local day, as tenants imported it."""

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import open_transaction
from services.insight.domain.ad_costs import AdCost

_BETWEEN = sa.text(
    "select source, on_date, amount, currency from ad_costs "
    "where tenant_id = :tenant_id and on_date between :first_on and :last_on "
    "order by source, on_date"
)
_PAGE = sa.text(
    "select source, on_date, amount, currency from ad_costs "
    "where tenant_id = :tenant_id and on_date between :first_on and :last_on "
    "and (:source = '' or source = :source) and (source, on_date) > (:after_source, :after_on) "
    "order by source, on_date limit :size"
)
_REMOVE = sa.text(
    "delete from ad_costs where tenant_id = :tenant_id and source = :source "
    "and on_date between :first_on and :last_on"
)
_ADD = sa.text(
    "insert into ad_costs (tenant_id, source, on_date, amount, currency, stored_by) "
    "values (:tenant_id, :source, :on_date, :amount, :currency, :stored_by)"
)
# Two who replace the same days do so one after the other.
_LOCK = sa.text("select pg_advisory_xact_lock(hashtextextended(:tenant_id || ' ad_costs ' || :source, 0))")


class AdCosts:
    """A tenant's costs; days are local."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def between(self, tenant_id: str, first_on: date, last_on: date) -> Sequence[AdCost]:
        """All of these days, by source and day."""
        bound = {"tenant_id": tenant_id, "first_on": first_on, "last_on": last_on}
        async with open_transaction(self._engine, tenant_id) as connection:
            return [AdCost(*row) for row in await connection.execute(_BETWEEN, bound)]

    async def page(
        self,
        tenant_id: str,
        source: str,
        days: tuple[date, date],
        after: tuple[str, date],
        size: int,
    ) -> Sequence[AdCost]:
        """Of one source, or with "" of all; those behind a source and day."""
        bound = {"tenant_id": tenant_id, "source": source, "first_on": days[0], "last_on": days[1]}
        place = {"after_source": after[0], "after_on": after[1], "size": size}
        async with open_transaction(self._engine, tenant_id) as connection:
            return [AdCost(*row) for row in await connection.execute(_PAGE, bound | place)]

    async def replace(
        self, tenant_id: str, source: str, days: tuple[date, date], costs: Sequence[AdCost], actor: str
    ) -> int:
        """Put these in the place of all that the source cost on these days; how many there were."""
        async with open_transaction(self._engine, tenant_id) as connection:
            await connection.execute(_LOCK, {"tenant_id": tenant_id, "source": source})
            removed = await connection.execute(
                _REMOVE,
                {"tenant_id": tenant_id, "source": source, "first_on": days[0], "last_on": days[1]},
            )
            if costs:
                rows = [
                    {
                        "tenant_id": tenant_id,
                        "source": source,
                        "on_date": one.on,
                        "amount": one.amount,
                        "currency": one.currency,
                        "stored_by": actor,
                    }
                    for one in costs
                ]
                await connection.execute(_ADD, rows)
        return removed.rowcount
