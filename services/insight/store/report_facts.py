"""What reports read of everybody beside trees: days of milestones, sums of a window, sources of visits."""

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chassis.clickhouse import ClickHouse
from services.insight.domain.genes.facts import NO_DAY
from services.insight.domain.segments.tree import AllTime, Window
from services.insight.evaluation import Moment
from services.insight.store.evaluator.answering import GENES
from services.insight.store.evaluator.asked import SO_FAR, Asked, Sql, of_people
from services.insight.store.evaluator.purchases import PURCHASES, bound
from services.insight.store.evaluator.visits import SESSIONS
from services.insight.store.facts_blocks import Codes, Gathered
from services.insight.store.question import question
from services.insight.store.tenants import Tenants

Table = dict[str, NDArray[Any]]

_ORDER_DAYS = f"""
    select person, arraySort(groupArray(toInt32(day))) as days
    from ({of_people("day", f"select nid, day from ({PURCHASES}) where is_order")})
    group by person
"""


def _milestones(first_seen: str, member_since: str) -> str:
    """One row a person who has any: local days since 1970, NO_DAY where there is none."""
    none = f"toInt32({NO_DAY})"
    return f"""
        select person, max(seen) as first_seen, max(joined) as member_since, max(first) as first_order,
            max(second) as second_order, max(nth) as nth_order
        from (
            select person, toInt32(value) as seen, {none} as joined, {none} as first, {none} as second,
                {none} as nth
            from ({first_seen})
            union all
            select person, {none}, toInt32(value), {none}, {none}, {none} from ({member_since})
            union all
            select person, {none}, {none}, days[1], if(length(days) > 1, days[2], {none}),
                if(length(days) >= {{nth:UInt32}}, days[{{nth:UInt32}}], {none})
            from ({_ORDER_DAYS})
        )
        group by person
    """


def _bought(member_since: str) -> str:
    """One row a person who ordered in the window or ever became a member."""
    return f"""
        select person, sum(is_order) as orders, sum(money) as revenue, max(joined) as member_since
        from (
            select person, toInt64(is_order) as is_order, ifNull(net, toDecimal128(0, 4)) as money,
                toInt32({NO_DAY}) as joined
            from ({of_people("is_order, net", PURCHASES)})
            union all
            select person, toInt64(0), toDecimal128(0, 4), toInt32(value) from ({member_since})
        )
        group by person
    """


def _by_first_source(first_source: str, sessions: str) -> str:
    """One row a person with a source; their visits in the window."""
    return f"""
        select person, max(source) as source, sum(visits) as visits
        from (
            select person, value as source, toInt64(0) as visits from ({first_source})
            union all
            select person, '' as source, toInt64(value) as visits from ({sessions})
        )
        group by person
    """


# As gene 29 has it of a first visit: the first campaign of a visit, else its first referrer, else none.
_BY_VISIT_SOURCE = f"""
    select person, source, toInt64(count()) as visits
    from (
        select person,
            arrayFirst(one -> one.2 and one.1.1 >= visit.1 and one.1.1 <= visit.2, sources).3 as tagged,
            arrayFirst(one -> not one.2 and one.1.1 >= visit.1 and one.1.1 <= visit.2, sources).3
                as referred,
            multiIf(tagged != '', tagged, referred != '', referred, 'direct') as source
        from (select person, visits from ({SESSIONS})) as visitors
        left join (
            select person, arraySort(groupArray((place, from_utm, value))) as sources
            from ({
    of_people(
        "place, from_utm, value",
        f'''
                select nid, (toUnixTimestamp64Milli(occurred_at), position, row) as place,
                    category = 'utm' as from_utm, value
                from {{{{event_details}}}}
                where aspect = 'source' and {SO_FAR}
                    and occurred_at >= fromUnixTimestamp64Milli({{begins_ms:Int64}}, 'UTC')
            ''',
    )
})
            group by person
        ) as named using (person)
        array join visits as visit
    )
    group by person, source
"""


class ReportFacts:
    """Of everybody, as one column each; people in no order, by profile id in `person`."""

    def __init__(self, clickhouse: ClickHouse, tenants: Tenants) -> None:
        self._clickhouse = clickhouse
        self._tenants = tenants

    async def milestones(self, tenant_id: str, moment: Moment, nth: int) -> Table:
        """Days: first_seen, member_since, and of the first, second and nth order."""
        asked = await self._asked(tenant_id, moment)
        seen, since = _sql(asked, "first_seen_on"), _sql(asked, "member_since_on")
        values = {**seen.values, **since.values, **bound(asked, AllTime()), "nth": nth}
        gathered = await self._read(asked, Sql(_milestones(seen.text, since.text), values))
        days = ("first_seen", "member_since", "first_order", "second_order", "nth_order")
        return {"person": gathered.column("person", np.uint32)} | {
            name: gathered.column(name, np.int32) for name in days
        }

    async def bought(self, tenant_id: str, moment: Moment, window: Window) -> Table:
        """orders and revenue (of 1/10,000) of the window, and member_since as a day."""
        asked = await self._asked(tenant_id, moment)
        since = _sql(asked, "member_since_on")
        values = {**since.values, **bound(asked, window)}
        gathered = await self._read(asked, Sql(_bought(since.text), values))
        return {
            "person": gathered.column("person", np.uint32),
            "orders": gathered.column("orders", np.int64),
            "revenue": gathered.column("revenue", np.int64),
            "member_since": gathered.column("member_since", np.int32),
        }

    async def first_sources(self, tenant_id: str, moment: Moment, window: Window, codes: Codes) -> Table:
        """source (a code, 0 of whoever has none) and visits of the window; one row a person with either."""
        asked = await self._asked(tenant_id, moment)
        source, sessions = _sql(asked, "first_source"), _sql(asked, "sessions", window)
        values = {**source.values, **sessions.values}
        return await self._sources(asked, Sql(_by_first_source(source.text, sessions.text), values), codes)

    async def visit_sources(self, tenant_id: str, moment: Moment, window: Window, codes: Codes) -> Table:
        """source and visits of the window; one row a person and source."""
        asked = await self._asked(tenant_id, moment)
        values = {**asked.span(window), "gap_ms": asked.rules.session_minutes * 60_000}
        return await self._sources(asked, Sql(_BY_VISIT_SOURCE, values), codes)

    async def today(self, tenant_id: str, moment: Moment) -> date:
        """The tenant's local day."""
        return (await self._asked(tenant_id, moment)).today

    async def _sources(self, asked: Asked, sql: Sql, codes: Codes) -> Table:
        gathered = await self._read(asked, sql, Gathered({"source": codes}))
        return {
            "person": gathered.column("person", np.uint32),
            "source": gathered.column("source", np.uint32),
            "visits": gathered.column("visits", np.int64),
        }

    async def _asked(self, tenant_id: str, moment: Moment) -> Asked:
        tenant = await self._tenants.load(tenant_id)
        return Asked(tenant_id, moment, tenant.time_zone, tenant.rates, tenant.rules)

    async def _read(self, asked: Asked, sql: Sql, gathered: Gathered | None = None) -> Gathered:
        gathered = gathered or Gathered()
        query = question(asked.narrowed(sql.text))
        values = {**asked.values, **sql.values}
        await self._clickhouse.read(query, asked.tenant_id, gathered.take, **values)
        return gathered


def _sql(asked: Asked, gene: str, window: Window | None = None) -> Sql:
    return GENES[gene].sql(asked, window)
