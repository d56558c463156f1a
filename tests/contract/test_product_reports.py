"""Reports on products and searches: whoever counts, each number of people is the count of its tree."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.insight.compiled import CompiledEvaluator
from services.insight.domain.money import Rate, Rates
from services.insight.domain.product_reports.ranking import SORTS, Choice, Price
from services.insight.domain.product_reports.searches import Term
from services.insight.domain.segments.tree import Compare, GeneCondition, Node, Op, last_days
from services.insight.evaluation import Moment
from services.insight.population import NotInMemory, Population
from services.insight.product_reports import (
    Page,
    ProductQuery,
    ProductReport,
    ProductReports,
    SearchQuery,
    SearchReport,
    SearchReports,
    products,
)
from services.insight.product_reports.people import tree_of
from services.insight.product_reports.products import CARTED, VIEWED
from services.insight.store.evaluator import SqlEvaluator
from services.insight.store.known_products import KnownProducts
from services.insight.store.product_reports import ProductFacts
from tests.conftest import Engines
from tests.contract.evaluator_shops import Mall, Shop, open_mall
from tests.gene_histories import PRODUCTS, TERMS, Story, crowd, stories
from tests.gene_reference import History, Saved, Settings, evaluate
from tests.gene_reference.told import NOW, bought, days, did, minutes
from tests.service.insight.told import Told

Report = TypeVar("Report", ProductReport, SearchReport)
SEGMENT = "00000000-0000-4000-8000-0000000000aa"
SAVED = Saved(segments={SEGMENT: GeneCondition("active_days", Compare(Op.GE, Decimal(2)), last_days(365))})
quick = settings(
    max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,)
)


@pytest.fixture(scope="module")
async def mall(engines: Engines) -> AsyncIterator[Mall]:
    async with open_mall(engines) as opened:
        yield opened


@dataclass
class Reports:
    """Of one shop, by memory or by the store."""

    shop: Shop
    by: str
    products: ProductReports
    searches: SearchReports

    @classmethod
    def of(cls, mall: Mall, shop: Shop, by: str) -> "Reports":
        # With less than no room nobody is in memory.
        room = 1000 if by == "memory" else -1
        store = SqlEvaluator(mall.clickhouse, mall.tenants, mall.shelf)
        memory = CompiledEvaluator(Population(mall.clickhouse, mall.tenants, room), store, mall.shelf)
        facts = ProductFacts(mall.clickhouse, mall.tenants)
        products = ProductReports(memory, store, facts, KnownProducts(mall.clickhouse), mall.tenants)
        return cls(shop, by, products, SearchReports(memory, store, facts))

    async def listed(self, query: ProductQuery) -> ProductReport:
        page = Page(0, 200, self.shop.moment)
        return await self._patiently(lambda: self.products.report(self.shop.tenant_id, query, page))

    async def searched(self, query: SearchQuery) -> SearchReport:
        shop = self.shop
        return await self._patiently(lambda: self.searches.report(shop.tenant_id, query, shop.moment, 0, 200))

    def forget(self) -> None:
        """What was made by the store is not to be told again."""
        self.products._made.clear()
        self.searches._made.clear()

    async def _patiently(self, ask: Callable[[], Awaitable[Report]]) -> Report:
        """As a busy machine takes its time to read people into memory."""
        for _ in range(12):
            with contextlib.suppress(NotInMemory):
                found = await ask()
                if found.by == self.by:
                    return found
                # The store answered: people were not read yet.
                self.forget()
        raise AssertionError("people are not read into memory")


def count(shop: Shop, tree: Node | None) -> int:
    assert tree is not None
    return len(evaluate(shop.reference, tree, SAVED)[()])


@pytest.mark.parametrize("by", ["memory", "store"])
@quick
@given(
    story=stories(),
    query=st.builds(
        ProductQuery,
        st.sampled_from([VIEWED, CARTED]),
        st.sampled_from([1, 7, 30, 90]),
        st.sampled_from([None, SEGMENT]),
        st.just(Choice()),
    ),
)
async def test_every_number_is_the_count_of_its_tree(
    mall: Mall, by: str, story: Story, query: ProductQuery
) -> None:
    shop = await mall.open_shop(story, SAVED)
    report = await Reports.of(mall, shop, by).listed(query)
    for one in report.rows:
        assert one.people.profiles == count(shop, one.people.tree) > 0
    listed = {one.row.product for one in report.rows}
    for product in PRODUCTS.keys() - listed:
        tree = tree_of(query.gene, product, last_days(query.days), query.segment_id)
        assert count(shop, tree) == 0
    assert report.people.profiles == count(shop, report.people.tree)


@pytest.mark.parametrize("by", ["memory", "store"])
@quick
@given(story=stories(), ago=st.sampled_from([1, 30, 90]), segment=st.sampled_from([None, SEGMENT]))
async def test_every_number_of_a_search_is_the_count_of_its_tree(
    mall: Mall, by: str, story: Story, ago: int, segment: str | None
) -> None:
    shop = await mall.open_shop(story, SAVED)
    report = await Reports.of(mall, shop, by).searched(SearchQuery(ago, segment))
    for one in report.rows:
        for number in (one.people, one.ordered, one.not_ordered):
            assert number.profiles == count(shop, number.tree)
        assert one.term.ordered_soon <= one.people.profiles <= one.term.searches
    for term in set(TERMS) - {one.term.term for one in report.rows}:
        assert count(shop, tree_of("search_keywords", term, last_days(ago), segment)) == 0


@pytest.mark.parametrize("segment", [None, SEGMENT])
@pytest.mark.parametrize("gene", [VIEWED, CARTED])
async def test_memory_and_the_store_tell_the_same_of_a_crowd(
    mall: Mall, gene: str, segment: str | None
) -> None:
    shop = await mall.open_shop(crowd(seed=11, nids=150, events=3_000), SAVED)
    memory, store = (Reports.of(mall, shop, by) for by in ("memory", "store"))
    for sort in SORTS:
        query = ProductQuery(gene, 90, segment, Choice(sort=sort))
        found, wanted = await memory.listed(query), await store.listed(query)
        assert (found.rows, found.people, found.value) == (wanted.rows, wanted.people, wanted.value)
        assert found.unconverted == wanted.unconverted
        assert len(found.rows) > 1
    searched = SearchQuery(90, segment)
    terms = await memory.searched(searched)
    assert terms.rows == (await store.searched(searched)).rows != []
    assert any(one.term.ordered_soon for one in terms.rows)


def browsing(seed: int) -> Story:
    """Forty people look at twelve products of three categories and order some of them."""
    random, events = Random(seed), []
    for _ in range(900):
        nid, number, ago = random.randint(1, 40), random.randint(1, 12), days(random.random() * 100)
        said = {"product_id": f"p{number}", "category": f"c{number % 3}"}
        if random.random() < 0.6:
            events.append(did("Product Viewed", ago, nid, price=number, **said))
        else:
            events.append(bought(f"o{len(events)}", ago, nid=nid, products=[said]))
    return Story(History(tuple(events)), Settings(), STORY.now_ms)


async def test_memory_and_the_store_tell_the_same_of_what_was_ordered_instead(mall: Mall) -> None:
    shop = await mall.open_shop(browsing(5), SAVED)
    for segment in (None, SEGMENT):
        query = ProductQuery(VIEWED, 60, segment, Choice())
        found = await Reports.of(mall, shop, "memory").listed(query)
        assert found.rows == (await Reports.of(mall, shop, "store").listed(query)).rows
        assert sum(len(one.instead) for one in found.rows) > 20


SHOES = {"category": "wear > shoes", "brand": "Acme"}
STORY = Story(
    History(
        (
            # 1 views p1 three times, twice in the window, and orders two others of its category afterwards.
            did("Product Viewed", days(40), 1, product_id="p1", price="90", **SHOES),
            did("Product Viewed", days(5), 1, product_id="p1", price="100", **SHOES),
            did("Product Viewed", days(4), 1, product_id="p1", price="100", **SHOES),
            bought("o1", days(3), nid=1, products=[{"product_id": "p2"}, {"product_id": "p3"}]),
            # 2 views p1, orders p2 and then p1 itself: nothing is open. Then p1 again, and nothing after it.
            did("Product Viewed", days(6), 2, product_id="p1", **SHOES),
            bought("o2", days(5), nid=2, products=[{"product_id": "p2"}, {"product_id": "p1"}]),
            did("Product Viewed", days(2), 2, product_id="p1", **SHOES),
            # 3 views p1 and orders p2, and a hat, which is of another category.
            did("Product Viewed", days(2), 3, product_id="p1", **SHOES),
            bought("o3", days(1), nid=3, products=[{"product_id": "p2"}, {"product_id": "hat"}]),
            # What the others are, and what they cost: p2 in dollars at 30, p3 in a currency without a rate.
            did(
                "Product Viewed",
                days(80),
                4,
                product_id="p2",
                price="10",
                currency="usd",
                **SHOES,
            ),
            did("Product Viewed", days(80), 4, product_id="p3", price="7", currency="EUR", **SHOES),
            did("Product Viewed", days(1), 4, product_id="hat", price="50", category="wear > hats"),
            # Carts: 5 has two of p1 left of three, 6 one and a half of p2, 7 took all out again;
            # 8 put it in half an hour ago.
            did("Product Added", days(3), 5, product_id="p1", quantity=3),
            did("Product Removed", days(2), 5, product_id="p1", quantity=1),
            did("Product Added", days(3), 6, product_id="p2", quantity="1.5"),
            did("Product Added", days(3), 6, product_id="p3"),
            did("Product Added", days(3), 7, product_id="p1", quantity=2),
            did("Product Removed", days(2), 7, product_id="p1", quantity=2),
            did("Product Added", minutes(30), 8, product_id="p1"),
            # Searches: "tea" found nothing lately; 9 orders two days later, 10 eight days later, 11 never.
            did("Products Searched", days(12), 9, query="Tea", results=3),
            did("Products Searched", days(11), 9, query="tea ", results=0),
            bought("o9", days(9), nid=9),
            did("Products Searched", days(11), 10, query="TEA"),
            bought("o10", days(3), nid=10),
            did("Products Searched", days(10), 11, query="tea", results=0),
            did("Products Searched", days(10), 11, query="teas", results=4),
            did("Products Searched", days(10), 11, query="boots", results=1),
        )
    ),
    Settings(rates=Rates("TWD", [Rate("USD", date(2026, 1, 1), Decimal(30))])),
    round(NOW.timestamp() * 1000),
)


async def test_what_came_since_is_counted_too(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    """In memory who was touched lies over everybody else, with codes of products of their own."""
    monkeypatch.setattr(products, "_PEOPLE_AT_ONCE", 7)
    # One product is named for the first time after the others were read.
    events = [*browsing(8).history.events, did("Product Viewed", days(1), 4, product_id="new", category="c1")]
    parts = [event for event in events if event.nid % 4], [event for event in events if event.nid % 4 == 0]
    first, later = (
        History(tuple(replace(event, position=place, row=row) for row, event in enumerate(part)))
        for place, part in enumerate(parts, 1)
    )
    told = Told(mall.clickhouse)
    await told.tell(first)
    both = replace(STORY, history=History((*first.events, *later.events)))
    shop = Shop(told.tenant_id, both.reference(), Moment(1, both.now_ms))
    reports = Reports.of(mall, shop, "memory")
    before = {gene: await reports.listed(ProductQuery(gene, 90, None, Choice())) for gene in (VIEWED, CARTED)}
    await told.tell(later)
    reports.shop = replace(shop, moment=Moment(2, both.now_ms))
    stored = Reports.of(mall, reports.shop, "store")
    for gene in (VIEWED, CARTED):
        query = ProductQuery(gene, 90, None, Choice())
        after = await reports.listed(query)
        assert after.rows == (await stored.listed(query)).rows
        assert (after.rows != before[gene].rows) == (gene == VIEWED)
        assert all(one.people.profiles == count(shop, one.people.tree) for one in after.rows)
    assert (await reports.searched(SearchQuery(30, None))).rows == []


@pytest.mark.parametrize("by", ["memory", "store"])
async def test_viewed_and_never_ordered_by_hand(mall: Mall, by: str) -> None:
    shop = await mall.open_shop(STORY)
    report = await Reports.of(mall, shop, by).listed(ProductQuery(VIEWED, 30, None, Choice()))
    shown = [(one.row.product, one.people.profiles, one.row.tally.amount, one.instead) for one in report.rows]
    # p1 by 1, 2 and 3 with 2 + 2 + 1 views; only 1 and 3 ordered something else afterwards.
    assert shown == [("p1", 3, 5, [("p2", 2), ("p3", 1)]), ("hat", 1, 1, [])]
    p1 = report.rows[0].row
    assert (p1.known.category, p1.known.brand) == ("wear > shoes", "Acme")
    # Newest prices of shoes: 100, and 10 USD = 300; EUR has no rate. The median of both is 200.
    assert p1.price == Price(Decimal("100.0000"), "TWD", Decimal("100.0000"))
    assert (p1.category_price, p1.against_category) == (Decimal(200), Decimal("-0.5"))
    wider = await Reports.of(mall, shop, by).listed(ProductQuery(VIEWED, 90, None, Choice(sort="price")))
    # Of 1 three views now, and 4 looked at p2 and p3; the one without a price of ours comes last.
    assert [(one.row.product, one.row.tally.amount) for one in wider.rows] == [
        ("p2", 1),
        ("p1", 6),
        ("hat", 1),
        ("p3", 1),
    ]


@pytest.mark.parametrize("by", ["memory", "store"])
async def test_left_in_carts_by_hand(mall: Mall, by: str) -> None:
    shop = await mall.open_shop(STORY)
    report = await Reports.of(mall, shop, by).listed(ProductQuery(CARTED, 14, None, Choice(sort="value")))
    assert [(one.row.product, one.people.profiles, one.row.quantity) for one in report.rows] == [
        ("p2", 1, Decimal("1.5")),
        ("p1", 1, Decimal(2)),
        ("p3", 1, Decimal(1)),
    ]
    assert [one.row.value for one in report.rows] == [
        Price(Decimal(15), "USD", Decimal(450)),
        Price(Decimal(200), "TWD", Decimal(200)),
        Price(Decimal(7), "EUR", None),
    ]
    assert (report.value, report.unconverted, report.currency) == (Decimal(650), {"EUR": Decimal(7)}, "TWD")
    assert report.people.profiles == 2


@pytest.mark.parametrize("by", ["memory", "store"])
async def test_searches_by_hand(mall: Mall, by: str) -> None:
    shop = await mall.open_shop(STORY)
    reports = Reports.of(mall, shop, by)
    report = await reports.searched(SearchQuery(30, None))
    assert [one.term for one in report.rows] == [
        Term("tea", 4, 2, 0, people=3, ordered=2, ordered_soon=1),
        Term("boots", 1, 0, 1, people=1, ordered=0, ordered_soon=0),
        Term("teas", 1, 0, 4, people=1, ordered=0, ordered_soon=0),
    ]
    assert [one.similar for one in report.rows] == [["teas"], [], []]
    nothing = await reports.searched(SearchQuery(30, None, without_result=True))
    assert [one.term.term for one in nothing.rows] == ["tea"]
    assert nothing.rows[0].not_ordered.profiles == 1
