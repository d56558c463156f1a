"""Values of genes by SQL are the reference's, of everybody and of a few."""

from collections.abc import AsyncIterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pyroaring import BitMap

from services.insight.domain.genes.facts import Rules
from services.insight.domain.money import Rate, Rates
from services.insight.domain.segments.tree import (
    AllTime,
    AttributeCondition,
    Compare,
    Contains,
    DaysAgo,
    EventCondition,
    EventStep,
    GeneCondition,
    Known,
    Mode,
    Node,
    Not,
    OneOf,
    Op,
    Share,
    Window,
    last_days,
)
from services.insight.store.evaluator import SqlEvaluator
from services.insight.store.evaluator.answering import GENES as BY_SQL
from services.insight.store.evaluator.people import bitmap
from tests.conftest import Engines
from tests.contract.evaluator_shops import Mall, Shop, open_mall
from tests.gene_histories import Story, crowd
from tests.gene_reference import GENES, WINDOWED, History, Remap, Saved, Settings, evaluate
from tests.gene_reference.history import SERVER, USER_ID
from tests.gene_reference.told import NOW, bought, days, did

NOW_MS = round(NOW.timestamp() * 1000)


@pytest.fixture(scope="module")
async def mall(engines: Engines) -> AsyncIterator[Mall]:
    async with open_mall(engines) as opened:
        yield opened


@pytest.fixture(scope="module")
async def crowded(mall: Mall) -> Shop:
    return await mall.open_shop(crowd(seed=11, nids=60, events=1_200))


def by_sql(mall: Mall) -> SqlEvaluator:
    return SqlEvaluator(mall.clickhouse, mall.tenants, mall.shelf)


def plain(value: Any) -> Any:
    """As both sides write it: lists as texts, numbers as floats."""
    if isinstance(value, frozenset):
        return frozenset(map(str, value))
    if isinstance(value, Mapping):
        return {key: float(number) for key, number in value.items()}
    return float(value) if isinstance(value, int | float | Decimal) else value


def test_every_gene_of_the_catalogue_has_its_sql() -> None:
    assert set(BY_SQL) == GENES


@pytest.mark.parametrize("window", [last_days(30), DaysAgo(90, 7), AllTime()], ids=str)
async def test_values_of_everybody_are_the_references(mall: Mall, crowded: Shop, window: Window) -> None:
    for gene in sorted(GENES if window == AllTime() else WINDOWED):
        asked = window if gene in WINDOWED else None
        found = await by_sql(mall).values(crowded.tenant_id, gene, asked, None, crowded.moment)
        wanted = crowded.reference.values(gene, asked)
        assert {one: plain(value) for one, value in found.items()} == {
            one: plain(value) for one, value in wanted.items()
        }, gene


async def test_values_of_a_few_are_those_among_everybody(mall: Mall, crowded: Shop) -> None:
    few = sorted(crowded.reference.everybody)[:3]
    for gene in sorted(GENES):
        asked = last_days(60) if gene in WINDOWED else None
        found = await by_sql(mall).values(crowded.tenant_id, gene, asked, [*few, 9_999], crowded.moment)
        wanted = crowded.reference.values(gene, asked)
        assert {one: plain(value) for one, value in found.items()} == {
            one: plain(wanted[one]) for one in few
        }, gene


TREES: tuple[Node, ...] = (
    GeneCondition("orders", Compare(Op.GE, Decimal(1)), AllTime()),
    GeneCondition("revenue", Share(top=True, percent=Decimal(30)), AllTime()),
    GeneCondition("spend_percentile", Compare(Op.GE, Decimal(50)), AllTime()),
    GeneCondition("member_stage", OneOf(("visitor", "member"))),
    GeneCondition("viewed_categories", Contains(Mode.NONE, ("Food",)), AllTime()),
    AttributeCondition("city", Known()),
    EventCondition(EventStep("order_completed"), AllTime(), Compare(Op.EQ, Decimal(0))),
    Not(GeneCondition("days_since_order", Compare(Op.GT, Decimal(30)))),
)


async def test_of_one_profile_trees_say_the_same_as_among_everybody(mall: Mall, crowded: Shop) -> None:
    wanted = [evaluate(crowded.reference, tree, Saved())[()] for tree in TREES]
    for profile_id in sorted(crowded.reference.everybody)[::12]:
        found = await by_sql(mall).fulfilled(crowded.tenant_id, TREES, profile_id, crowded.moment)
        assert found == [profile_id in members for members in wanted]
    assert await by_sql(mall).fulfilled(crowded.tenant_id, TREES, 9_999, crowded.moment) is None


async def test_of_a_few_an_order_is_of_whoever_its_winning_report_names(mall: Mall) -> None:
    # The server's report names nid 41, which is profile 7; the browser's nid 5, which is profile 41.
    reports = (bought("o", days(3), nid=5), bought("o", days(3), nid=41, source=SERVER))
    shop = await mall.open_shop(
        Story(History(reports, remaps=(Remap(1, 41, 7), Remap(1, 5, 41))), Settings(), NOW_MS)
    )
    for few in ([7], [41], [7, 41]):
        found = await by_sql(mall).values(shop.tenant_id, "orders", AllTime(), few, shop.moment)
        assert found == {one: {7: 1, 41: 0}[one] for one in few}


async def test_money_is_exact_and_converted_at_the_orders_day(mall: Mall) -> None:
    rates = [Rate("USD", date(2026, 1, 1), Decimal("30")), Rate("USD", date(2026, 11, 15), Decimal("32.125"))]
    history = History(
        (
            bought("a", days(10), "0.3", currency="USD"),
            bought("b", days(2), "0.1", currency="USD"),
            bought("c", days(1), "0.2"),
            bought("d", days(1), "1000", currency="EUR"),
        )
    )
    shop = await mall.open_shop(Story(history, Settings(rates=Rates("TWD", rates)), NOW_MS))
    sql = by_sql(mall)
    revenue = await sql.values(shop.tenant_id, "revenue", last_days(30), None, shop.moment)
    orders = await sql.values(shop.tenant_id, "orders", last_days(30), None, shop.moment)
    # 9 + 3.2125 + 0.2, and the order without a rate counts as an order only.
    assert (revenue, orders) == ({1: Decimal("12.4125")}, {1: 4})


@pytest.mark.parametrize(
    ("told", "since"),
    [
        ("2026-11-01T15:59:59Z", date(2026, 11, 1)),
        ("2026-11-01T16:00:00.000Z", date(2026, 11, 2)),
        ("2026-11-01T23:30:00+08:00", date(2026, 11, 1)),
        ("2026-11-01", date(2026, 11, 1)),
        (1793548799, date(2026, 11, 1)),
        (1793548800000, date(2026, 11, 2)),
        ("yesterday", date(2026, 11, 19)),
        (True, date(2026, 11, 19)),
    ],
)
async def test_a_member_since_the_moment_that_was_told(mall: Mall, told: Any, since: date) -> None:
    events = (did("identify", days(1), traits={"createdAt": told}, nid_kind=USER_ID),)
    shop = await mall.open_shop(Story(History(events), Settings(), NOW_MS))
    found = await by_sql(mall).values(shop.tenant_id, "member_since_on", None, None, shop.moment)
    assert found == {1: since} == shop.reference.values("member_since_on")


async def test_a_tenants_rules_decide(mall: Mall) -> None:
    history = History((bought("a", days(1)), bought("b", days(3))))
    rules = Rules(slowing_days=1, dormant_days=2, lost_days=3, loyal_orders=2)
    shop = await mall.open_shop(Story(history, Settings(rules=rules), NOW_MS))
    for gene, wanted in (("activity_state", "slowing"), ("member_stage", "loyal")):
        assert await by_sql(mall).values(shop.tenant_id, gene, None, None, shop.moment) == {1: wanted}


async def test_many_people_come_as_roaring_bitmaps(mall: Mall) -> None:
    """Up to 32 numbers are listed, more are compressed."""
    nids = [*range(1, 33), *range(70_000, 140_000, 7)]
    for some in (nids[:32], nids[:33], nids):
        history = History(remaps=tuple(Remap(1, nid, nid) for nid in some))
        shop = await mall.open_shop(Story(history, Settings(), NOW_MS))
        everybody = GeneCondition("days_since_visit", Known(negated=True))
        found = await by_sql(mall).condition(shop.tenant_id, everybody, shop.moment)
        assert found == BitMap(some)


def test_a_state_of_nobody_is_an_empty_bitmap() -> None:
    assert bitmap("0000") == BitMap()
