"""Who came, and what they ordered, by local day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from chassis.clickhouse import ClickHouse
from services.insight.domain.money import Part
from services.insight.domain.orders import part
from services.insight.domain.overview import Sales, Traffic
from services.insight.store.queries.order_facts import AT_MOST, Counting, entries, facts
from services.insight.store.queries.people import MEMBERS
from services.insight.store.queries.settled import settled
from services.insight.store.question import question


@dataclass(frozen=True, slots=True)
class Span:
    """Local days `from_on` to `to_on` and the UTC moments they begin and end at."""

    from_on: date
    to_on: date
    begins_at: datetime
    ends_at: datetime
    zone: str


# An event is never later than its receipt, so months of receipt before the range hold none of it.
_TRAFFIC = question(
    f"""
    with
    seen as (
        select nid, toDate32(occurred_at, {{zone:String}}) as day,
            count() as n_events, max(is_visit) as visited
        from {{{{events}}}}
        where occurred_at >= {{begins_at:DateTime64(3)}} and occurred_at < {{ends_at:DateTime64(3)}}
            and received_at >= {{begins_at:DateTime64(3)}} and position <= {{position:UInt64}}
        group by nid, day
    ),
    moved as (
        select nid, argMax(profile_id, position) as profile_id, true as known
        from {{{{profile_of}}}} where position <= {{position:UInt64}} group by nid
    )
    select day, uniqExactIf(person, visited), uniqExactIf(person, visited and person in ({MEMBERS})),
        sum(n_events), grouping(day) as total
    from (
        select day, n_events, visited, if(known, profile_id, nid) as person
        from seen left join moved using (nid)
    )
    group by grouping sets ((day), ())
    """
)

_REPORTED_IN_SPAN = """
    select order_id from {{order_facts}}
    where occurred_at >= {begins_at:DateTime64(3)} and occurred_at < {ends_at:DateTime64(3)}
        and position <= {position:UInt64}
"""

_FACTS = question(facts(_REPORTED_IN_SPAN))
_SALES = question(
    f"""
    select toDate32(at, {{zone:String}}) as day, currency,
        sum(ifNull(amount, toDecimal128(0, 4))), sum(orders), sum(refunds), countIf(amount is null), foreign
    from ({settled(_REPORTED_IN_SPAN)})
    where at >= {{begins_at:DateTime64(3)}} and at < {{ends_at:DateTime64(3)}}
        and counts_on <= toInt32({{today:Date32}})
    group by day, currency, foreign, if(empty(foreign), '', order_id)
    """
)


async def load_traffic(clickhouse: ClickHouse, tenant_id: str, position: int, span: Span) -> list[Traffic]:
    """Days with events, and their total."""
    answer = await clickhouse.fetch(_TRAFFIC, tenant_id, position=position, zone=span.zone, **_bound(span))
    return [
        Traffic(None if total else day, int(visitors), int(members), int(events))
        for day, visitors, members, events, total in answer.rows
    ]


async def load_sales(
    clickhouse: ClickHouse,
    tenant_id: str,
    position: int,
    how: Counting,
    span: Span,
    *,
    at_most: int = AT_MOST,
) -> Sequence[Sales]:
    """Of the span's days; an order whose refunds are in other currencies stands alone."""
    bound = {"position": position, **_bound(span)}
    few = entries(await clickhouse.fetch(_FACTS, tenant_id, most=at_most + 1, **bound), how, at_most)
    if few is not None:
        return [
            Sales(part(entry, span.zone), entry.refunds, int(entry.amount is None))
            for entry in few
            if span.begins_at <= entry.at < span.ends_at
        ]
    answer = await clickhouse.fetch(_SALES, tenant_id, **how.bound, **bound)
    return [
        Sales(
            Part(day, currency, amount, int(orders), tuple(tuple(one) for one in foreign)),
            int(refunds),
            int(unknown),
        )
        for day, currency, amount, orders, refunds, unknown, foreign in answer.rows
    ]


def _bound(span: Span) -> dict[str, Any]:
    return {"begins_at": span.begins_at, "ends_at": span.ends_at}
