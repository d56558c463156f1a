"""Settled orders with their money in the tenant's currency and their lines, as SQL for genes."""

from typing import Any

from services.insight.domain.segments.tree import Window
from services.insight.store.evaluator.asked import IN_WINDOW, OF_ALL, ORDERS_OF_MINE, Asked, Sql
from services.insight.store.evaluator.gene import Source
from services.insight.store.queries.settled import settled

# An order's moment is that of one of its facts.
_IN_WINDOW = f"select order_id from {{{{order_facts}}}} where {IN_WINDOW}"


def _rate(currency: str) -> str:
    """Of the entry's local day, or the latest before it; 0 where there is none."""
    return f"""
        if({currency} = {{home:String}}, toDecimal256(1, 18), arrayLast(
            rate -> rate.1 = {currency} and rate.2 <= day,
            {{rates:Array(Tuple(String, Date32, Decimal(76, 18)))}}).3)
    """


# Orders (`is_order`), also those that do not count yet, and refunds of no known order whose moment is in the
# window. `net` is null where the money is unknown or has no rate; `rate` is 0 without one.
_PLACED = f"""
    select order_id, nid, at, day, is_order, rate, counts_on,
        if(priced, toNullable(toDecimal128(roundBankers(converted, 4), 4)), null) as net
    from (
        select order_id, nid, at, toDate32(at, {{zone:String}}) as day, orders = 1 as is_order, counts_on,
            {_rate("currency")} as rate,
            arrayMap(part -> (part.2, {_rate("part.1")}), foreign) as others,
            amount is not null and rate > 0 and not arrayExists(part -> part.2 = 0, others) as priced,
            toDecimal256(ifNull(amount, toDecimal128(0, 4)), 4) * rate
                - arraySum(arrayMap(part -> toDecimal256(part.1, 4) * part.2, others)) as converted,
            empty(foreign) as alone
        from ({settled(_IN_WINDOW, OF_ALL)})
        where at >= fromUnixTimestamp64Milli({{begins_ms:Int64}}, 'UTC')
            and at < fromUnixTimestamp64Milli({{ends_ms:Int64}}, 'UTC')
            and (is_order or ifNull(amount != 0, false))
    )
    where alone or not priced or converted > 0
"""

# Those that count.
PURCHASES = f"""
    select order_id, nid, at, day, is_order, rate, net
    from ({_PLACED}) where counts_on <= toInt32({{today:Date32}})
"""

_RANK = "(source_kind = 2, occurred_at, position, row)"

# One row an order: the lines of its winning report among those that name any, and what the order as a whole
# was reduced by.
NAMED_LINES = f"""
    select order_id,
        maxIf({_RANK}, aspect = 'item') as winner,
        arrayMap(said -> said.2, arrayFilter(said -> said.1 = winner, groupArrayIf(
            ({_RANK}, (product, category, brand, quantity, price, discount)), aspect = 'item'))) as lines,
        arraySort(groupArrayIf(({_RANK}, discount), aspect = 'order')) as reductions,
        if(empty(lines), reductions[-1].2,
            arrayFirst(said -> said.1 = winner, reductions).2) as of_order
    from {{{{event_details}}}}
    where order_id != '' and aspect in ('item', 'order') and {OF_ALL} and {ORDERS_OF_MINE}
    group by order_id
"""


def _lines_of(orders: str) -> str:
    """Columns: nid, at, product, category."""
    return f"""
    select nid, at, line.1 as product, line.2 as category
    from (select order_id, nid, at from ({orders}) where is_order) as orders
    join ({NAMED_LINES}) as named using (order_id)
    array join lines as line
    """


# Whoever has ordered something looks for it no more, whether the order counts yet or not.
ORDERED = _lines_of(_PLACED)
BOUGHT = _lines_of(PURCHASES)


def bound(asked: Asked, window: Window | None) -> dict[str, Any]:
    """What PURCHASES binds."""
    rates = [(code, on, rate) for code, days in asked.rates.listed().items() for on, rate in days]
    return {**asked.span(window), "rates": rates}


def of_purchases(text: str) -> Source:
    """A query on PURCHASES."""
    return lambda asked, window: Sql(text, bound(asked, window))
