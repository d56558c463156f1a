"""What reports on products and searches read of the event store."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pyarrow as pa
from pyroaring import BitMap

from chassis.clickhouse import ClickHouse
from services.insight.domain.genes.bits import ids
from services.insight.domain.genes.facts import I8, U4
from services.insight.domain.product_reports.ranking import Tally
from services.insight.domain.product_reports.searches import Ordered, Searched
from services.insight.domain.segments.tree import DaysAgo
from services.insight.evaluation import Moment
from services.insight.store.evaluator.asked import IN_WINDOW, Asked, Sql, of_people
from services.insight.store.evaluator.interest import (
    ABANDONED_CART,
    VIEWED_NOT_BOUGHT,
    described,
    open_in_window,
    since_window,
)
from services.insight.store.evaluator.purchases import ORDERED, PURCHASES, bound
from services.insight.store.facts_blocks import Codes, Gathered
from services.insight.store.question import question
from services.insight.store.tenants import Tenants

_PAIRS = {
    "viewed_not_bought": since_window(VIEWED_NOT_BOUGHT),
    "abandoned_cart": open_in_window(ABANDONED_CART),
}
# So many products' ids travel in the address of a request.
_PRODUCTS_AT_ONCE = 50

# Lines of orders of a product's category by whoever viewed that product and has not ordered it.
_INSTEAD = f"""
    select distinct viewed.product as product, ordered.product as other, viewed.person as person
    from (
        select person, product, last,
            transform(product, {{products:Array(String)}}, {{categories:Array(String)}}, '') as category
        from ({VIEWED_NOT_BOUGHT}) where has({{products:Array(String)}}, product)
    ) as viewed
    join (
        select person, product, at, path
        from ({of_people("product, at, path", described("nid, product, at", ORDERED))})
        where product != '' and has({{categories:Array(String)}}, path)
    ) as ordered using (person)
    where ordered.at > viewed.last and ordered.path = viewed.category and ordered.product != viewed.product
"""

_SEARCHES = of_people(
    "at, term, results",
    f"""
    select nid, toUnixTimestamp64Milli(occurred_at) as at, value as term, results
    from {{{{event_details}}}} where aspect = 'term' and {IN_WINDOW}
    """,
)

_ORDERS = of_people(
    "at",
    f"select nid, toUnixTimestamp64Milli(at) as at from ({PURCHASES}) where is_order",
)


class ProductFacts:
    """As of a moment; `people` are the only ones who count, None for everybody."""

    def __init__(self, clickhouse: ClickHouse, tenants: Tenants) -> None:
        self._clickhouse = clickhouse
        self._tenants = tenants

    async def tallies(
        self, tenant_id: str, gene: str, window: DaysAgo, moment: Moment, people: BitMap | None
    ) -> dict[str, Tally]:
        """By product, of a gene that lists products."""
        codes, wanted = Codes(), None if people is None else ids(people)
        counted = [np.zeros(1, np.int64), np.zeros(1, np.int64)]

        def take(block: pa.RecordBatch) -> None:
            products = codes.of(block.column("product"))
            amounts = block.column("amount").to_numpy().astype(np.int64)
            if wanted is not None:
                kept = np.isin(block.column("person").to_numpy(), wanted)
                products, amounts = products[kept], amounts[kept]
            size = len(codes.texts)
            for place, weights in enumerate((np.ones(products.size, np.int64), amounts)):
                table = np.zeros(size, np.int64)
                table[: counted[place].size] = counted[place]
                np.add.at(table, products, weights)
                counted[place] = table

        asked = await self._asked(tenant_id, moment)
        await self._read(asked, _PAIRS[gene](asked, window), take)
        found, amounts = counted
        return {
            codes.texts[code]: Tally(int(found[code]), int(amounts[code]))
            for code in np.flatnonzero(found).tolist()
        }

    async def instead(
        self,
        tenant_id: str,
        categories: Mapping[str, str],
        window: DaysAgo,
        moment: Moment,
        people: BitMap | None,
    ) -> dict[str, dict[str, int]]:
        """By product of `categories`, how many people ordered which other of the same category since."""
        asked = await self._asked(tenant_id, moment)
        sql = since_window(_INSTEAD)(asked, window)
        found: dict[str, dict[str, int]] = {}
        products = list(categories)
        for start in range(0, len(products), _PRODUCTS_AT_ONCE):
            some = products[start : start + _PRODUCTS_AT_ONCE]
            values = {**sql.values, "products": some, "categories": [categories[one] for one in some]}
            viewed, others = Codes(), Codes()
            gathered = Gathered({"product": viewed, "other": others})
            await self._read(asked, Sql(sql.text, values), gathered.take)
            product, other, person = (
                gathered.column(name, np.uint32) for name in ("product", "other", "person")
            )
            if people is not None:
                kept = np.isin(person, ids(people))
                product, other = product[kept], other[kept]
            for one, another, count in _counted(product, other):
                found.setdefault(viewed.texts[one], {})[others.texts[another]] = count
        return found

    async def searches(
        self, tenant_id: str, window: DaysAgo, moment: Moment, people: BitMap | None
    ) -> Searched:
        asked, codes = await self._asked(tenant_id, moment), Codes()
        gathered = Gathered({"term": codes})
        await self._read(asked, Sql(_SEARCHES, asked.span(window)), gathered.take)
        found = Searched(
            gathered.column("person", np.uint32),
            gathered.column("at", np.int64),
            gathered.column("term", np.uint32),
            gathered.column("results", np.int32),
            codes.texts,
        )
        return found if people is None else found.of(np.isin(found.profile_id, ids(people)))

    async def orders(self, tenant_id: str, window: DaysAgo, moment: Moment) -> Ordered:
        """From the window's first day to now: what may follow a search of the window."""
        asked, gathered = await self._asked(tenant_id, moment), Gathered()
        sql = Sql(_ORDERS, bound(asked, DaysAgo(window.first)))
        await self._read(asked, sql, gathered.take)
        person, at_ms = gathered.column("person", np.uint32), gathered.column("at", np.int64)
        order = np.lexsort((at_ms, person))
        return Ordered(person[order], at_ms[order])

    async def _asked(self, tenant_id: str, moment: Moment) -> Asked:
        tenant = await self._tenants.load(tenant_id)
        return Asked(tenant_id, moment, tenant.time_zone, tenant.rates, tenant.rules)

    async def _read(self, asked: Asked, sql: Sql, take: Callable[[pa.RecordBatch], None]) -> None:
        query = question(asked.narrowed(sql.text))
        await self._clickhouse.read(query, asked.tenant_id, take, **{**asked.values, **sql.values})


def _counted(product: U4, other: U4) -> Iterator[tuple[int, int, int]]:
    """Each pair and how often it is there."""
    pairs: I8 = product.astype(np.int64) << 32 | other
    keys, counts = np.unique(pairs, return_counts=True)
    for key, count in zip(keys.tolist(), counts.tolist(), strict=True):
        yield key >> 32, key & 2**32 - 1, count
