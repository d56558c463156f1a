"""What events say of a tenant's products: the newest category, brand and listed price of each, and names."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from chassis.clickhouse import ClickHouse
from services.insight.domain.details import name_of
from services.insight.domain.product_reports.ranking import NOTHING_KNOWN, Known
from services.insight.evaluation import Moment
from services.insight.store.evaluator.asked import OF_ALL
from services.insight.store.question import question

# Prices are those that pages and carts showed: orders name what was paid. Rows from before there were
# currencies have none.
_LISTED = """price is not null and currency != '?'
    and name in ('product_viewed', 'product_added', 'product_removed')"""
_PLACE = "(occurred_at, position, row, line)"
_PRODUCTS = question(
    f"""
    select product, filed.1, toUnixTimestamp64Milli(filed.2.1), filed.2.2, filed.2.3, filed.2.4,
        made.1, toUnixTimestamp64Milli(made.2.1), made.2.2, made.2.3, made.2.4,
        listed.1, listed.2, toUnixTimestamp64Milli(listed.3.1), listed.3.2, listed.3.3, listed.3.4,
        shown.1, toUnixTimestamp64Milli(shown.2.1), shown.2.2, shown.2.3, shown.2.4
    from (
        select product,
            argMaxIf((category, {_PLACE}), {_PLACE}, category != '') as filed,
            argMaxIf((brand, {_PLACE}), {_PLACE}, brand != '') as made,
            argMaxIf((price, currency, {_PLACE}), {_PLACE}, {_LISTED}) as listed,
            argMax((nid, {_PLACE}), {_PLACE}) as shown
        from {{{{event_details}}}}
        where aspect = 'item' and product != '' and {OF_ALL} and position > {{after:UInt64}}
        group by product
    )
    """
)
# By nid, so that few rows are read. Values: nids Array(UInt32), positions Array(UInt64).
_EVENTS = question(
    """
    select position, row, payload from {{events}}
    where nid in (select arrayJoin({nids:Array(UInt32)}))
        and position in (select arrayJoin({positions:Array(UInt64)}))
    """
)
# So many places travel in the address of a request.
_EVENTS_AT_ONCE = 200
# After so long all is read anew: details of old events may have come since, and people may have been erased.
_KEPT_SECONDS = 3600.0
_MOST_TENANTS = 50
_NEVER = (0, 0, 0, 0)

_Rank = tuple[int, int, int, int]


@dataclass(slots=True)
class _Learned:
    """One tenant's products up to a place of identity's stream."""

    begun_at: float
    position: int = 0
    products: dict[str, Known] = field(default_factory=dict)
    # When the category, the brand and the price were said.
    ranks: dict[str, tuple[_Rank, _Rank, _Rank]] = field(default_factory=dict)
    # Of each product's newest event: its nid, and when it was.
    shown: dict[str, tuple[int, _Rank]] = field(default_factory=dict)
    reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    def take(self, row: tuple[Any, ...]) -> None:
        product, category, *rest = row
        filed, (brand, *rest) = tuple(rest[:4]), rest[4:]
        made, (price, currency, *rest) = tuple(rest[:4]), rest[4:]
        listed, (nid, *last) = tuple(rest[:4]), rest[4:]
        if (rank := tuple(last)) >= self.shown.get(product, (0, _NEVER))[1]:
            self.shown[product] = nid, rank
        known = self.products.get(product, NOTHING_KNOWN)
        ranks = self.ranks.get(product, (_NEVER, _NEVER, _NEVER))
        if category and filed >= ranks[0]:
            known, ranks = replace(known, category=category), (filed, ranks[1], ranks[2])
        if brand and made >= ranks[1]:
            known, ranks = replace(known, brand=brand), (ranks[0], made, ranks[2])
        if price is not None and listed >= ranks[2]:
            known = replace(known, price=Decimal(price), currency=currency)
            ranks = (ranks[0], ranks[1], listed)
        self.products[product], self.ranks[product] = known, ranks


class KnownProducts:
    """Read once a tenant, and then what is new. Tenants who ask least leave."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse
        self._learned: OrderedDict[str, _Learned] = OrderedDict()

    async def of(self, tenant_id: str, moment: Moment) -> Mapping[str, Known]:
        """By id, as of the moment or of a later one that was asked for already."""
        learned = self._learned.get(tenant_id)
        if learned is None or time.monotonic() - learned.begun_at > _KEPT_SECONDS:
            learned = self._learned[tenant_id] = _Learned(time.monotonic())
        self._learned.move_to_end(tenant_id)
        while len(self._learned) > _MOST_TENANTS:
            self._learned.popitem(last=False)
        async with learned.reading:
            if moment.position > learned.position:
                answer = await self._clickhouse.fetch(
                    _PRODUCTS,
                    tenant_id,
                    position=moment.position,
                    now_ms=moment.now_ms,
                    after=learned.position,
                )
                for row in answer.rows:
                    learned.take(tuple(row))
                learned.position = moment.position
        return learned.products

    async def names(self, tenant_id: str, products: Collection[str]) -> dict[str, str]:
        """What the newest event of each calls it; those without a name, or not read yet, are left out."""
        learned = self._learned.get(tenant_id)
        if learned is None:
            return {}
        shown = {product: learned.shown[product] for product in products if product in learned.shown}
        payloads: dict[tuple[int, int], str] = {}
        places = list(shown.values())
        for start in range(0, len(places), _EVENTS_AT_ONCE):
            some = places[start : start + _EVENTS_AT_ONCE]
            nids, positions = {nid for nid, _ in some}, {rank[1] for _, rank in some}
            answer = await self._clickhouse.fetch(
                _EVENTS, tenant_id, nids=sorted(nids), positions=sorted(positions)
            )
            payloads.update({(position, row): payload for position, row, payload in answer.rows})
        called = {
            product: name_of(product, payloads.get((rank[1], rank[2]), ""))
            for product, (_, rank) in shown.items()
        }
        return {product: name for product, name in called.items() if name}
