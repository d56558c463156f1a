"""Genes 18 to 25: what somebody bought, for how much, and how often."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from services.insight.domain.segments.tree import AllTime, Window
from services.insight.store.evaluator.asked import Asked, Sql, of_people, rounded
from services.insight.store.evaluator.gene import Ahead, Gene, Shape, Source
from services.insight.store.evaluator.interest import BOUGHT_CATEGORIES
from services.insight.store.evaluator.purchases import NAMED_LINES, PURCHASES, bound, of_purchases

# One row a person: orders and revenue of the window.
_SPENT = f"""
    select person, countIf(is_order) as orders, sum(ifNull(net, toDecimal128(0, 4))) as revenue
    from ({of_people("is_order, net", PURCHASES)})
    group by person
"""

_ORDERS = f"select person, orders as value from ({_SPENT})"
_REVENUE = f"select person, revenue as value from ({_SPENT})"
_AVG_ORDER_VALUE = f"""
    select person, {rounded("toFloat64(revenue) / orders")} as value from ({_SPENT}) where orders > 0
"""
_SPEND_PERCENTILE = f"""
    select person, {rounded("100 * cheaper / buyers")} as value
    from (
        select person, count() over () as buyers,
            count() over (order by revenue range between unbounded preceding and current row) as cheaper
        from ({_SPENT}) where orders > 0
    )
"""

# One row a person: the local days with an order, in their order.
_ORDER_DAYS = f"""
    select person, arraySort(groupUniqArray(day)) as days
    from ({of_people("day", f"select nid, day from ({PURCHASES}) where is_order")})
    group by person
"""

_DAYS_SINCE_ORDER = f"""
    select person, dateDiff('day', days[-1], {{today:Date32}}) as value from ({_ORDER_DAYS})
"""

# From the first to the second order day; whoever has one only has waited until today.
_WAITED = f"""
    select dateDiff('day', days[1], if(length(days) > 1, days[2], {{today:Date32}})) as waited,
        countIf(length(days) > 1) as came_back, count() as people
    from ({_ORDER_DAYS})
    group by waited
"""

# The median gap of three order days or more.
_OWN_CYCLE = """arrayReduce('quantileExactInclusive(0.5)', arrayMap(
            (day, next) -> dateDiff('day', day, next), arrayPopBack(days), arrayPopFront(days)))"""

# With one or two order days the tenant's own value is borrowed: -1 where there is none.
_PURCHASE_CYCLE_DAYS = f"""
    select person, if(length(days) > 2, {_OWN_CYCLE}, {{borrowed_days:Int32}}) as value
    from ({_ORDER_DAYS})
    where length(days) > 2 or {{borrowed_days:Int32}} >= 0
"""

# One row a person: orders, days since the last, and the own or borrowed cycle; null where there is none.
_RHYTHM = f"""
    select person, orders, since,
        if(n_days > 2, toNullable(toFloat64(own)),
            if({{borrowed_days:Int32}} >= 0, toNullable(toFloat64({{borrowed_days:Int32}})), null)) as cycle
    from (
        select person, length(days) as n_days, dateDiff('day', days[-1], {{today:Date32}}) as since,
            if(length(days) > 2, {_OWN_CYCLE}, 0) as own
        from ({_ORDER_DAYS})
    ) as rhythm
    join (select person, orders from ({_SPENT})) as spent using (person)
"""
_NES_STATE = f"""
    select person, multiIf(since > 3 * cycle, 's3', since > 2 * cycle, 's2', since > cycle, 's1',
        orders = 1, 'n', 'e0') as value
    from ({_RHYTHM})
    where cycle is not null
"""
_NAPL_STATE = f"""
    select person, multiIf(since < 90 and orders = 1, 'new', since < 90, 'active',
        orders = 1, 'lost', 'sleeping') as value
    from (
        select person, dateDiff('day', days[-1], {{today:Date32}}) as since, orders
        from ({_ORDER_DAYS}) as last
        join (select person, orders from ({_SPENT})) as spent using (person)
    )
"""

_DISCOUNT_RATIO = f"""
    select person, {rounded("toFloat64(sum(reduced)) / toFloat64(sum(listed))")} as value
    from ({
    of_people(
        "reduced, listed",
        f'''
        select nid,
            arrayMap(line -> if(line.5 is null or line.4 = 0, toDecimal256(0, 8),
                toDecimal256(assumeNotNull(line.5), 4) * toDecimal256(line.4, 4) + if(
                    {{price_after_discount:Bool}}, toDecimal256(ifNull(line.6, toDecimal128(0, 4)), 8),
                    toDecimal256(0, 8))), lines) as prices,
            arrayMap(line -> ifNull(line.6, toDecimal128(0, 4)), lines) as discounts,
            roundBankers(arraySum(prices) * rate, 4) as listed,
            roundBankers(
                toDecimal256(arraySum(discounts) + ifNull(of_order, toDecimal128(0, 4)), 4) * rate, 4
            ) as reduced
        from (select order_id, nid, rate from ({PURCHASES}) where is_order) as orders
        join ({NAMED_LINES}) as named using (order_id)
        where listed > 0
    ''',
    )
})
    group by person
"""


def borrowing_cycles(asked: Asked) -> Sql:
    """Persons whose repurchase cycle is the tenant's, as far as it has one."""
    return Sql(f"select person from ({_ORDER_DAYS}) where length(days) < 3", bound(asked, AllTime()))


def _kaplan_meier(rows: Sequence[Sequence[Any]]) -> Mapping[str, Any]:
    """The median of the time to the second order day, of those too who are still to come.

    The first day on which at most half have not come back; -1 where more never do.
    """
    at_risk, left = sum(int(people) for _, _, people in rows), Fraction(1)
    for waited, came_back, people in sorted(map(tuple, rows)):
        left *= 1 - Fraction(int(came_back), at_risk)
        if came_back and left <= Fraction(1, 2):
            return {"borrowed_days": int(waited)}
        at_risk -= int(people)
    return {"borrowed_days": -1}


def _of_all_time(text: str) -> Source:
    return lambda asked, window: Sql(text, bound(asked, AllTime()))


def _discount_ratio(asked: Asked, window: Window | None) -> Sql:
    values = bound(asked, window) | {"price_after_discount": asked.rules.price_after_discount}
    return Sql(_DISCOUNT_RATIO, values)


GENES = {
    "orders": Gene(Shape.NUMBER, of_purchases(_ORDERS), absent=0),
    "revenue": Gene(Shape.NUMBER, of_purchases(_REVENUE), absent=0),
    "avg_order_value": Gene(Shape.RATIO, of_purchases(_AVG_ORDER_VALUE)),
    "spend_percentile": Gene(Shape.RATIO, of_purchases(_SPEND_PERCENTILE)),
    "days_since_order": Gene(Shape.NUMBER, _of_all_time(_DAYS_SINCE_ORDER)),
    "bought_categories": Gene(Shape.PATHS, of_purchases(BOUGHT_CATEGORIES), absent=()),
    "purchase_cycle_days": Gene(
        Shape.RATIO,
        _of_all_time(_PURCHASE_CYCLE_DAYS),
        ahead=Ahead(_of_all_time(_WAITED), _kaplan_meier),
    ),
    "nes_state": Gene(
        Shape.TEXT, _of_all_time(_NES_STATE), ahead=Ahead(_of_all_time(_WAITED), _kaplan_meier)
    ),
    "napl_state": Gene(Shape.TEXT, _of_all_time(_NAPL_STATE)),
    "discount_ratio": Gene(Shape.RATIO, _discount_ratio),
}
