"""What people searched for: with which success, and who ordered afterwards."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from services.insight.compiled import CompiledEvaluator
from services.insight.domain.genes.bits import ids
from services.insight.domain.product_reports.searches import Alike, Ordered, Term, terms
from services.insight.domain.segments.tree import Compare, DaysAgo, GeneCondition, InSegment, Node, Not, Op
from services.insight.errors import ProductReportNotValid
from services.insight.evaluation import Evaluator, Moment
from services.insight.product_reports.people import Chosen, Some, tree_of, window_of
from services.insight.reporting.number import PeopleNumber, among
from services.insight.store.product_reports import ProductFacts

MAX_DAYS = 90
# Numbers of a term.
SEARCH_SORTS = ("searches", "people", "without_result", "not_ordered")
_GENE = "search_keywords"
# Reports that somebody may still be turning the pages of; among so many terms similar ones are looked for.
_MOST_REPORTS = 32
_MOST_OTHERS = 2_000


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """`without_result`: only terms whose newest search that says so found nothing. `part` of a term."""

    days: int
    segment_id: str | None
    without_result: bool = False
    part: str = ""
    min_people: int = 1
    sort: str = "searches"


@dataclass(frozen=True, slots=True)
class ReportedTerm:
    """A term with its people.

    `ordered` are those of `people` who ordered in the same window, `not_ordered` the others. How many of them
    ordered within seven days after searching (`term.ordered_soon`) no tree says.
    """

    term: Term
    people: PeopleNumber
    ordered: PeopleNumber
    not_ordered: PeopleNumber
    similar: Sequence[str]


@dataclass(frozen=True, slots=True)
class SearchReport:
    """A page; `n_terms` is of all pages."""

    rows: Sequence[ReportedTerm]
    n_terms: int
    by: str


class SearchReports:
    """Searches are read from the store, orders from memory where the tenant is there."""

    def __init__(self, memory: CompiledEvaluator, store: Evaluator, facts: ProductFacts) -> None:
        self._memory = memory
        self._store = store
        self._chosen = Chosen(memory, store)
        self._facts = facts
        self._made: OrderedDict[tuple[str, SearchQuery, Moment], tuple[list[Term], Alike, str]]
        self._made = OrderedDict()

    async def report(
        self, tenant_id: str, query: SearchQuery, moment: Moment, begin: int, size: int
    ) -> SearchReport:
        window = window_of(query.days, MAX_DAYS)
        if query.sort not in SEARCH_SORTS:
            raise ProductReportNotValid(f"Sort by one of {', '.join(SEARCH_SORTS)}.", sort=query.sort)
        key = (tenant_id, query, moment)
        if key not in self._made:
            self._made[key] = await self._make(tenant_id, query, window, moment)
            while len(self._made) > _MOST_REPORTS:
                self._made.popitem(last=False)
        self._made.move_to_end(key)
        found, others, by = self._made[key]
        shown = found[begin : begin + size]
        # Not in the loop: each is compared with many.
        alike = await asyncio.to_thread(lambda: [others.to(term.term) for term in shown])
        rows = [
            _reported(term, window, query.segment_id, similar)
            for term, similar in zip(shown, alike, strict=True)
        ]
        return SearchReport(rows, len(found), by)

    async def _make(
        self, tenant_id: str, query: SearchQuery, window: DaysAgo, moment: Moment
    ) -> tuple[list[Term], Alike, str]:
        """The rows, terms that were found with something, and who answered."""
        some = await self._chosen.people(tenant_id, query.segment_id, moment)
        searched = await self._facts.searches(tenant_id, window, moment, some.profile_ids())
        since_ms = int(searched.at_ms.min(initial=moment.now_ms))
        orders = await self._orders(tenant_id, window, moment, some, since_ms)
        evaluator = self._store if some.layers is None else self._memory
        buyers = (await evaluator.evaluate(tenant_id, _ordered(window), moment)).members
        found = await asyncio.to_thread(terms, searched, orders, ids(buyers))
        others = sorted(found, key=lambda term: (-term.searches, term.term))
        successful = [term.term for term in others if term.results != 0][:_MOST_OTHERS]
        return _chosen_terms(found, query), Alike.of(successful), some.by

    async def _orders(
        self, tenant_id: str, window: DaysAgo, moment: Moment, some: Some, since_ms: int
    ) -> Ordered:
        """None before the first search is needed."""
        if some.layers is None:
            return await self._facts.orders(tenant_id, window, moment)
        layers = some.layers

        def read() -> Ordered:
            person, at_ms = [], []
            for layer, wanted in layers:
                orders = layer.columns.as_of(moment.now_ms).facts.orders
                rows = orders.is_order & wanted[orders.person] & (orders.at_ms >= since_ms)
                person.append(layer.profile_id[orders.person[rows]])
                at_ms.append(orders.at_ms[rows])
            people, moments = np.concatenate(person), np.concatenate(at_ms)
            order = np.lexsort((moments, people))
            return Ordered(people[order], moments[order])

        return await self._memory.run(tenant_id, read)


def _chosen_terms(found: Sequence[Term], query: SearchQuery) -> list[Term]:
    rows = [
        term
        for term in found
        if term.people >= query.min_people
        and (not query.without_result or term.results == 0)
        and query.part in term.term
    ]

    def number(term: Term) -> int:
        return int(getattr(term, query.sort))

    return sorted(rows, key=lambda term: (-number(term), -term.searches, term.term))


def _ordered(window: DaysAgo) -> Node:
    return GeneCondition("orders", Compare(Op.GE, Decimal(1)), window)


def _reported(term: Term, window: DaysAgo, segment_id: str | None, similar: Sequence[str]) -> ReportedTerm:
    tree = tree_of(_GENE, term.term, window, None)
    filters = () if segment_id is None else (InSegment(segment_id),)
    ordered = _ordered(window)
    return ReportedTerm(
        term,
        PeopleNumber(among(tree, *filters), term.people),
        PeopleNumber(among(ordered, *filters, tree), term.ordered),
        PeopleNumber(among(Not(ordered), *filters, tree), term.not_ordered),
        similar,
    )
