"""What people did with products by nid, the lines of order reports, and what is known of products."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from services.insight.domain.genes.facts import I8, U1, U4, ItemAct
from services.insight.store.facts_blocks import Codes, Gathered
from services.insight.store.queries.facts_orders import orders_of, reported_by
from services.insight.store.queries.facts_scope import (
    AT,
    PAIR,
    PLACE,
    SO_FAR,
    Scope,
    moment_of,
    place_of,
    read,
)
from services.insight.store.question import Question, question, wide

_ITEMS = wide(
    lambda who: (
        f"""
    select nid, {AT} as at, product, category, brand, quantity, toUInt8(line = 0) as leads,
        toUInt8(multiIf(name = 'product_viewed', {int(ItemAct.VIEWED)},
            name = 'product_added', {int(ItemAct.ADDED)}, {int(ItemAct.REMOVED)})) as act
    from {{{{event_details}}}}
    where {SO_FAR} and aspect = 'item'
        and name in ('product_viewed', 'product_added', 'product_removed') {who}
    order by nid, occurred_at
    """
    )
)

# The lines of all reports of the orders of which some nid reported anything, and discounts of whole orders.
_LINES = wide(
    lambda who: (
        f"""
    select toInt64({PLACE}) as place, toUInt8(aspect = 'item') as is_line, product, category, brand,
        quantity, price, discount
    from {{{{event_details}}}}
    where {SO_FAR} and order_id != '' and aspect in ('item', 'order')
        and order_id in ({orders_of(who)}) {reported_by(who)}
    order by place, line
    """
    )
)


# A text is "" and its moment 0 where no event says it. The engine is slow at comparing tuples.
def _named_sql(who: str) -> str:
    return f"""
    select product, if(category = '', 0, {moment_of("filed")}) as category_at,
        {place_of("filed")} as category_place, argMaxIf(said_category, said, said_category != '') as category,
        if(brand = '', 0, {moment_of("made")}) as brand_at, {place_of("made")} as brand_place,
        argMaxIf(said_brand, said, said_brand != '') as brand,
        bitShiftRight(maxIf(said, said_category != ''), 16) as filed,
        bitShiftRight(maxIf(said, said_brand != ''), 16) as made
    from (
        select product, category as said_category, brand as said_brand,
            bitShiftLeft({PAIR}, 16) + toUInt128(line) as said
        from {{{{event_details}}}}
        where {SO_FAR} and position > {{after:UInt64}} and aspect = 'item'
            and product != '' and (category != '' or brand != '') {who}
    )
    group by product
    """


_NAMED_PRODUCTS = wide(_named_sql)
_NAMED_SOME = question(_named_sql("and product in (select arrayJoin({products:Array(String)}))"))


@dataclass(frozen=True, slots=True)
class ItemRows:
    """In the order of (nid, at)."""

    nid: U4
    at: I8
    act: U1
    product: U4
    category: U4
    brand: U4
    quantity: I8
    leads: U1


@dataclass(frozen=True, slots=True)
class LineRows:
    """Lines of order reports (or their whole discount) in the order of the reports' places."""

    place: I8
    is_line: U1
    product: U4
    category: U4
    brand: U4
    quantity: I8
    # NOTHING where the line names none.
    price: I8
    discount: I8


@dataclass(frozen=True, slots=True)
class ProductCodes:
    """The tenant's dictionaries of one set of facts."""

    product: Codes
    category: Codes
    brand: Codes

    def by_column(self) -> dict[str, Codes]:
        return {"product": self.product, "category": self.category, "brand": self.brand}


@dataclass(frozen=True, slots=True)
class NamedRows:
    """Of products the newest category and brand that some event named, and when."""

    codes: ProductCodes
    product: U4
    category: U4
    brand: U4
    category_at: I8
    category_place: I8
    brand_at: I8
    brand_place: I8


async def load_items(scope: Scope, codes: ProductCodes) -> ItemRows:
    found = await read(scope, _ITEMS, Gathered(codes.by_column()))
    return ItemRows(
        nid=found.column("nid", np.uint32),
        at=found.column("at", np.int64),
        act=found.column("act", np.uint8),
        product=found.column("product", np.uint32),
        category=found.column("category", np.uint32),
        brand=found.column("brand", np.uint32),
        quantity=found.column("quantity", np.int64),
        leads=found.column("leads", np.uint8),
    )


async def load_lines(scope: Scope, codes: ProductCodes) -> LineRows:
    found = await read(scope.at_once, _LINES, Gathered(codes.by_column()))
    return LineRows(
        place=found.column("place", np.int64),
        is_line=found.column("is_line", np.uint8),
        product=found.column("product", np.uint32),
        category=found.column("category", np.uint32),
        brand=found.column("brand", np.uint32),
        quantity=found.column("quantity", np.int64),
        price=found.column("price", np.int64),
        discount=found.column("discount", np.int64),
    )


async def load_items_named(scope: Scope, products: Sequence[str]) -> NamedRows:
    """What all events say of these products."""
    return await _named(scope, _NAMED_SOME, 0, products=list(products))


async def load_named(scope: Scope, after: int) -> NamedRows:
    """What events behind a place say of products; those of the people of `scope.nids`, if these are given."""
    if scope.nids is None:
        return await _named(scope, _NAMED_PRODUCTS.of_all, after)
    return await _named(scope, _NAMED_PRODUCTS.of_some, after, nids=scope.nids.tolist())


async def _named(scope: Scope, asked: Question, after: int, **values: Any) -> NamedRows:
    codes = ProductCodes(Codes(), Codes(), Codes())
    found = Gathered(codes.by_column())
    await scope.clickhouse.read(
        asked,
        scope.tenant_id,
        found.take,
        position=scope.position,
        until_ms=scope.until_ms,
        after=after,
        **values,
    )
    return NamedRows(
        codes=codes,
        product=found.column("product", np.uint32),
        category=found.column("category", np.uint32),
        brand=found.column("brand", np.uint32),
        category_at=found.column("category_at", np.int64),
        category_place=found.column("category_place", np.int64),
        brand_at=found.column("brand_at", np.int64),
        brand_place=found.column("brand_place", np.int64),
    )
