"""Products that people viewed or put into the cart and did not order, ranked and page by page."""

from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

import numpy as np

from services.insight.compiled import CompiledEvaluator
from services.insight.domain.genes.columns import Columns
from services.insight.domain.genes.facts import I8
from services.insight.domain.product_reports import open_products
from services.insight.domain.product_reports.ranking import (
    SORTS,
    Choice,
    Money,
    ProductRow,
    Ranking,
    Tally,
    ranked,
    total_value,
)
from services.insight.domain.segments.tree import DaysAgo, GeneCondition, InSegment, Known, Node
from services.insight.errors import ProductReportNotValid
from services.insight.evaluation import Evaluator, Moment
from services.insight.product_reports.people import Chosen, Some, span_of, tree_of, window_of
from services.insight.reporting.number import PeopleNumber, among
from services.insight.store.known_products import KnownProducts
from services.insight.store.product_reports import ProductFacts
from services.insight.store.tenants import Tenants

VIEWED, CARTED = "viewed_not_bought", "abandoned_cart"
MAX_DAYS = 90
_INSTEAD = 3
_PEOPLE_AT_ONCE = 500_000
# Reports that somebody may still be turning the pages of.
_MOST_REPORTS = 32
_COUNTERS = {VIEWED: open_products.viewed, CARTED: open_products.carted}


@dataclass(frozen=True, slots=True)
class ProductQuery:
    """One of both reports: a window of days up to today, of whom, and which products."""

    gene: str
    days: int
    segment_id: str | None
    choice: Choice


@dataclass(frozen=True, slots=True)
class Page:
    """Rows from `begin` on, all pages as of one moment."""

    begin: int
    size: int
    moment: Moment


@dataclass(frozen=True, slots=True)
class Reported:
    """A row with its people; `instead` are the products ordered most often instead, with how many people.

    No tree says "ordered this after viewing that", so those numbers have none.
    """

    row: ProductRow
    people: PeopleNumber
    instead: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class ProductReport:
    """A page; `people` have any product in the list at all, `n_products` is of all pages.

    `value` is what lies in the carts of all pages, in the tenant's currency; `unconverted` what has no rate.
    `names` are those that events gave the products of the page, as far as they did.
    """

    rows: Sequence[Reported]
    n_products: int
    people: PeopleNumber
    currency: str
    value: Decimal
    unconverted: Mapping[str, Decimal]
    by: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Made:
    """What all pages share."""

    ranking: Ranking
    people: PeopleNumber
    value: tuple[Decimal, Mapping[str, Decimal]]
    by: str


class ProductReports:
    """Counted in memory where the tenant is there, else by the store."""

    def __init__(
        self,
        memory: CompiledEvaluator,
        store: Evaluator,
        facts: ProductFacts,
        known: KnownProducts,
        tenants: Tenants,
    ) -> None:
        self._memory = memory
        self._store = store
        self._chosen = Chosen(memory, store)
        self._facts = facts
        self._known = known
        self._tenants = tenants
        self._made: OrderedDict[tuple[str, ProductQuery, Moment], _Made] = OrderedDict()

    async def report(self, tenant_id: str, query: ProductQuery, page: Page) -> ProductReport:
        window = window_of(query.days, MAX_DAYS)
        if query.choice.sort not in SORTS:
            raise ProductReportNotValid(f"Sort by one of {', '.join(SORTS)}.", sort=query.choice.sort)
        key = (tenant_id, query, page.moment)
        if key not in self._made:
            self._made[key] = await self._make(tenant_id, query, window, page.moment)
            while len(self._made) > _MOST_REPORTS:
                self._made.popitem(last=False)
        self._made.move_to_end(key)
        made = self._made[key]
        rows = made.ranking.rows(page.begin, page.begin + page.size)
        bought: Mapping[str, Mapping[str, int]] = {}
        if query.gene == VIEWED:
            categories = {row.product: row.known.category for row in rows if row.known.category}
            # Asked again: whoever keeps a report must not keep the columns of its people.
            some = await self._chosen.people(tenant_id, query.segment_id, page.moment)
            bought = await self._instead(tenant_id, categories, window, page.moment, some)
        reported = [
            Reported(
                row,
                PeopleNumber(tree_of(query.gene, row.product, window, query.segment_id), row.tally.people),
                _top(bought.get(row.product, {})),
            )
            for row in rows
        ]
        shown = {row.product for row in rows} | {other for one in reported for other, _ in one.instead}
        return ProductReport(
            reported,
            len(made.ranking.products),
            made.people,
            made.ranking.money.home,
            *made.value,
            made.by,
            await self._known.names(tenant_id, shown),
        )

    async def _make(self, tenant_id: str, query: ProductQuery, window: DaysAgo, moment: Moment) -> _Made:
        some = await self._chosen.people(tenant_id, query.segment_id, moment)
        tallies = await self._tallies(tenant_id, query.gene, window, moment, some)
        known = await self._known.of(tenant_id, moment)
        ranking = ranked(tallies, known, query.choice, await self._money(tenant_id, moment))
        tree: Node = GeneCondition(query.gene, Known(), window)
        if query.segment_id is not None:
            tree = among(tree, InSegment(query.segment_id))
        evaluator = self._store if some.layers is None else self._memory
        people = PeopleNumber(tree, (await evaluator.evaluate(tenant_id, tree, moment)).size.profiles)
        value = total_value(ranking) if query.gene == CARTED else (Decimal(0), {})
        return _Made(ranking, people, value, some.by)

    async def _money(self, tenant_id: str, moment: Moment) -> Money:
        """At today's rates."""
        tenant = await self._tenants.load(tenant_id)
        now = datetime.fromtimestamp(moment.now_ms / 1000, UTC)
        today = now.astimezone(ZoneInfo(tenant.time_zone)).date()
        return Money(tenant.currency, lambda code: tenant.rates.at(code, today))

    async def _tallies(
        self, tenant_id: str, gene: str, window: DaysAgo, moment: Moment, some: Some
    ) -> Mapping[str, Tally]:
        if some.layers is None:
            return await self._facts.tallies(tenant_id, gene, window, moment, some.profiles)
        found: dict[str, Tally] = {}
        for layer, wanted in some.layers:
            columns, span = layer.columns.as_of(moment.now_ms), span_of(layer, window, moment)
            starts = await self._memory.run(tenant_id, partial(_prepared, columns))
            total = np.zeros((len(columns.facts.products), 2), np.int64)
            # In turns with the tenant's other questions, which wait for some people's rows and not for all.
            for begin in range(0, wanted.size, _PEOPLE_AT_ONCE):
                end = min(begin + _PEOPLE_AT_ONCE, wanted.size)
                act = partial(_COUNTERS[gene], columns, wanted[begin:end], span, starts[begin : end + 1])
                table = await self._memory.run(tenant_id, act)
                # Products that were named since are nobody's here.
                total += table[: len(total)]
            for code, (people, amount) in _rows(total):
                product = columns.facts.products[code]
                before = found.get(product, Tally(0, 0))
                found[product] = Tally(before.people + people, before.amount + amount)
        return found

    async def _instead(
        self, tenant_id: str, categories: Mapping[str, str], window: DaysAgo, moment: Moment, some: Some
    ) -> Mapping[str, Mapping[str, int]]:
        """By product, what else of its category how many of its viewers ordered since."""
        if some.layers is None:
            return await self._facts.instead(tenant_id, categories, window, moment, some.profiles)
        found: dict[str, Counter[str]] = {product: Counter() for product in categories}
        for layer, wanted in some.layers:
            columns, span = layer.columns.as_of(moment.now_ms), span_of(layer, window, moment)
            starts = await self._memory.run(tenant_id, partial(_prepared, columns))
            names = columns.vocabularies
            for product, category in categories.items():
                codes = names.products.equal(product), names.categories.equal(category)
                if not all(codes):
                    continue
                act = partial(
                    open_products.instead, columns, wanted, span, starts, (codes[0][0], codes[1][0])
                )
                table = await self._memory.run(tenant_id, act)
                for code in np.flatnonzero(table).tolist():
                    found[product][columns.facts.products[code]] += int(table[code])
        return found


def _prepared(columns: Columns) -> I8:
    """Where everybody's rows begin; derives what the loops read beside them."""
    _ = columns.item_day
    return open_products.rows_of_people(columns)


def _rows(table: I8) -> Sequence[tuple[int, tuple[int, int]]]:
    """Codes of products that somebody has, with both numbers."""
    codes = np.flatnonzero(table[:, 0])
    return [
        (code, (people, amount))
        for code, (people, amount) in zip(codes.tolist(), table[codes].tolist(), strict=True)
    ]


def _top(bought: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(bought.items(), key=lambda one: (-one[1], one[0]))[:_INSTEAD]
