"""Genes 9 to 17: what somebody looked at, searched for, put into the cart and reads."""

from services.insight.domain.segments.tree import AllTime, Window
from services.insight.store.evaluator.asked import (
    IN_WINDOW,
    OF_ALL,
    RECEIVED_SINCE,
    SO_FAR,
    Asked,
    Sql,
    of_people,
    rounded,
)
from services.insight.store.evaluator.gene import Gene, Shape, Source
from services.insight.store.evaluator.purchases import BOUGHT, ORDERED, bound

_PRODUCT_VIEWS = f"""
    select person, count() as value
    from ({
    of_people(
        "name",
        f'''
        select nid, name from {{{{events}}}}
        where name = 'product_viewed' and {IN_WINDOW} and {RECEIVED_SINCE}
    ''',
    )
})
    group by person
"""

# What a product's category and brand are where an event does not say: the newest that anybody's event said.
_DICTIONARY = f"""
    select product,
        argMaxIf(category, (occurred_at, position, row, line), category != '') as learned_category,
        argMaxIf(brand, (occurred_at, position, row, line), brand != '') as learned_brand
    from {{{{event_details}}}}
    where aspect = 'item' and product != '' and {OF_ALL}
    group by product
"""


def described(columns: str, facts: str) -> str:
    """`facts` with `path` and `label`, the category and the brand."""
    return f"""
        select {columns}, if(category != '', category, learned_category) as path
        from ({facts}) as said left join ({_DICTIONARY}) as dictionary using (product)
    """


def _viewed(column: str, learned: str) -> str:
    facts = f"""
        select nid, if({column} != '', {column}, {learned}) as named
        from (
            select nid, product, {column} from {{{{event_details}}}}
            where aspect = 'item' and name = 'product_viewed' and {IN_WINDOW}
        ) as said left join ({_DICTIONARY}) as dictionary using (product)
        where named != ''
    """
    return f"""
        select person, groupUniqArray(named) as value from ({of_people("named", facts)}) group by person
    """


BOUGHT_CATEGORIES = f"""
    select person, groupUniqArray(path) as value
    from ({of_people("path", described("nid", BOUGHT))})
    where path != ''
    group by person
"""

# Every line viewed, put into the cart or ordered, with its weight.
_WEIGHED = described(
    "nid, at, weight",
    f"""
        select nid, occurred_at as at, product, category, if(name = 'product_viewed', 1, 3) as weight
        from {{{{event_details}}}}
        where aspect = 'item' and name in ('product_viewed', 'product_added') and {SO_FAR}
        union all
        select nid, at, product, category, 5 as weight from ({ORDERED})
    """,
)

# One row a person and category: its score today and as it was 30 days ago.
_SCORES = f"""
    select person, path, max(at) as latest,
        {rounded("sum(weight * pow(0.5, age / 30))")} as score,
        {rounded("sumIf(weight * pow(0.5, (age - 30) / 30), age >= 30)")} as former
    from (
        select person, path, at, weight,
            dateDiff('day', toDate32(at, {{zone:String}}), {{today:Date32}}) as age
        from ({of_people("path, at, weight", _WEIGHED)})
        where path != ''
    )
    group by person, path
"""

_FAVOURITE = f"""
    select person, argMin(path, (-score, -toUnixTimestamp64Milli(latest), path)) as value
    from ({_SCORES}) group by person
"""

# k is the median of the tenant's positive scores, and a score of k is 50.
_INTEREST = f"""
    select person, path as key, {rounded("100 * score / (score + k)")} as value,
        {rounded("100 * former / (former + k)")} as before
    from (
        select person, path, score, former, quantileExactInclusive(0.5)(score) over () as k
        from ({_SCORES}) where score > 0
    )
"""

# `amount`: views since the window began; `last`: the last of them.
VIEWED_NOT_BOUGHT = f"""
    select person, product, countIf(not is_order) as amount, maxIf(at, not is_order) as last
    from ({
    of_people(
        "product, at, is_order",
        f'''
        select nid, product, occurred_at as at, false as is_order from {{{{event_details}}}}
        where aspect = 'item' and name = 'product_viewed' and product != '' and {SO_FAR}
            and occurred_at >= fromUnixTimestamp64Milli({{begins_ms:Int64}}, 'UTC')
        union all
        select nid, product, at, true as is_order from ({ORDERED})
    ''',
    )
})
    group by person, product
    having countIf(not is_order) > 0
        and maxIf(at, not is_order) < fromUnixTimestamp64Milli({{until_ms:Int64}}, 'UTC')
        and (countIf(is_order) = 0 or maxIf(at, is_order) <= maxIf(at, not is_order))
"""

# `amount`: how much of it is in the cart, of 1/10,000.
ABANDONED_CART = f"""
    select person, product,
        arraySum(change -> toInt64(change.2 * 10000),
            arrayFilter(change -> not is_ordered or change.1 > ordered_at, changes)) as amount
    from (
        select person, product,
            groupArrayIf((at, quantity), not is_order) as changes,
            arrayMax(change -> change.1, changes) as last,
            countIf(is_order) > 0 as is_ordered, maxIf(at, is_order) as ordered_at
        from ({
    of_people(
        "product, at, quantity, is_order",
        f'''
            select nid, product, occurred_at as at,
                if(name = 'product_added', quantity, -quantity) as quantity, false as is_order
            from {{{{event_details}}}}
            where aspect = 'item' and name in ('product_added', 'product_removed') and product != ''
                and {SO_FAR}
            union all
            select nid, product, at, toDecimal64(0, 4) as quantity, true as is_order from ({ORDERED})
        ''',
    )
})
        group by person, product
        having notEmpty(changes)
    )
    where last >= fromUnixTimestamp64Milli({{since_ms:Int64}}, 'UTC')
        and last < fromUnixTimestamp64Milli({{until_ms:Int64}}, 'UTC')
        and last <= fromUnixTimestamp64Milli({{now_ms:Int64}} - 3600000, 'UTC')
        and amount > 0
"""


def _listed(pairs: str) -> str:
    return f"select person, groupUniqArray(product) as value from ({pairs}) group by person"


def _listed_by_category(pairs: str) -> str:
    return f"""
        select person, groupUniqArray(learned_category) as value
        from ({pairs}) as listed join ({_DICTIONARY}) as dictionary using (product)
        where learned_category != '' group by person
    """


def _words(aspect: str) -> str:
    return f"""
        select person, groupUniqArray(word) as value
        from ({
        of_people(
            "word",
            f'''
            select nid, value as word from {{{{event_details}}}} where aspect = '{aspect}' and {IN_WINDOW}
        ''',
        )
    })
        group by person
    """


def _in_window(text: str) -> Source:
    return lambda asked, window: Sql(text, asked.span(window))


def _of_all_time(text: str) -> Source:
    return lambda asked, window: Sql(text, bound(asked, AllTime()))


def since_window(text: str) -> Source:
    """Orders count from the window's beginning on, whenever it ends."""

    def sql(asked: Asked, window: Window | None) -> Sql:
        span = asked.span(window)
        values = bound(asked, AllTime()) | {"begins_ms": span["begins_ms"], "until_ms": span["ends_ms"]}
        return Sql(text, values)

    return sql


def open_in_window(text: str) -> Source:
    """Orders and carts count since ever, and the window is that of the last change."""

    def sql(asked: Asked, window: Window | None) -> Sql:
        span = asked.span(window)
        values = bound(asked, AllTime()) | {"since_ms": span["begins_ms"], "until_ms": span["ends_ms"]}
        return Sql(text, values)

    return sql


GENES = {
    "product_views": Gene(Shape.NUMBER, _in_window(_PRODUCT_VIEWS), absent=0),
    "viewed_categories": Gene(Shape.PATHS, _in_window(_viewed("category", "learned_category")), absent=()),
    "viewed_brands": Gene(Shape.LIST, _in_window(_viewed("brand", "learned_brand")), absent=()),
    "favourite_category": Gene(Shape.TEXT, _of_all_time(_FAVOURITE)),
    "interest_strength": Gene(Shape.MAP, _of_all_time(_INTEREST)),
    "search_keywords": Gene(Shape.LIST, _in_window(_words("term")), absent=()),
    "viewed_not_bought": Gene(
        Shape.LIST,
        since_window(_listed(VIEWED_NOT_BOUGHT)),
        absent=(),
        by_category=since_window(_listed_by_category(VIEWED_NOT_BOUGHT)),
    ),
    "abandoned_cart": Gene(
        Shape.LIST,
        open_in_window(_listed(ABANDONED_CART)),
        absent=(),
        by_category=open_in_window(_listed_by_category(ABANDONED_CART)),
    ),
    "content_topics": Gene(Shape.LIST, _in_window(_words("topic")), absent=()),
}
