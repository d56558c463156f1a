"""The segments that a tenant begins with."""

from services.insight.domain.segments.names import LIMITS, cleaned, key_of
from services.insight.domain.segments.starters import STARTERS
from services.insight.domain.segments.tree import Compare, GeneCondition, walk
from services.insight.domain.segments.validation import problems_of
from tests.gene_reference import Event, members
from tests.gene_reference.history import USER_ID
from tests.gene_reference.told import bought, days, did, minutes, of


def test_every_starter_is_a_valid_segment_with_a_name_of_its_own() -> None:
    assert [starter.key for starter in STARTERS if problems_of(starter.tree)] == []
    for names in ([s.name.zh for s in STARTERS], [s.name.en for s in STARTERS], [s.key for s in STARTERS]):
        assert len({key_of(name) for name in names}) == len(STARTERS)
    for starter in STARTERS:
        assert cleaned("name", starter.name.zh) == starter.name.zh
        assert len(starter.description.zh) + len(starter.description.en) < LIMITS["description"] / 2


def test_no_starter_holds_an_amount_that_was_measured_somewhere() -> None:
    numbers = {
        (node.gene, node.test.value)
        for starter in STARTERS
        for _, node in walk(starter.tree)
        if isinstance(node, GeneCondition) and isinstance(node.test, Compare)
    }
    # Never, once, and again: what the words mean, and no shop's figure.
    assert {gene for gene, _ in numbers} == {"active_days", "orders"}
    assert {int(value) for _, value in numbers} == {0, 1, 2}


def visit(nid: int, days_ago: int, length: int = 0) -> list[Event]:
    """Of so many minutes."""
    begin = days(days_ago) + minutes(60)
    return [did("page", begin, nid), *([did("page", begin - minutes(length), nid)] if length else [])]


def sold(order_id: str, days_ago: int, revenue: int, nid: int) -> Event:
    """At the till, which is no visit."""
    return bought(order_id, days(days_ago), revenue, nid, context={"channel": "store"})


# Ten buyers, of whom 1 and 2 spent most, and six people without an order.
HISTORY = [
    *[sold(f"a{n}", n * 30 + 5, 9_000, 1) for n in range(5)],
    *visit(1, 5, 20),
    did("Product Reviewed", days(6), 1),
    sold("b", 200, 20_000, 2),
    *[sold(f"c{n}", 40 + n, 6_000, 3) for n in range(2)],
    *[sold(f"d{n}", 20 + n, 100, 4) for n in range(2)],
    *[sold(f"e{nid}", 15, 100, nid) for nid in range(5, 11)],
    did("Product Viewed", minutes(30), 11, product_id="tea"),
    did("page", days(3), 12, nid_kind=USER_ID),
    did("Products Searched", days(10), 13, query="tea"),
    *visit(14, 50),
    *visit(15, 100),
    did("Product Added", days(2), 16, product_id="tea", quantity=1),
]
EXPECTED = {
    "activity.active": {1, 11, 12, 16},
    "activity.slowing": {13},
    "activity.dormant": {14},
    "activity.lost": {15},
    "potential.1": {11},
    "potential.7": {11, 12, 16},
    "potential.30": {11, 12, 13, 16},
    "potential.90": {11, 12, 13, 14, 16},
    # The mean of their average order values is 3,570.
    "value.often_high": {1, 3},
    "value.often_low": {4},
    "value.seldom_high": {2},
    "value.seldom_low": set(range(5, 11)),
    "core.recent_attentive": {1},
    "core.best_unseen": {2},
    "core.best_attentive": {1},
    "core.best": {1},
    "intent.cart": {16},
    "intent.viewed": {11},
    "intent.searched": {13},
    "lifecycle.visitor": {11, 13, 14, 15, 16},
    "lifecycle.member": {12},
    "lifecycle.first_time": {2, *range(5, 11)},
    "lifecycle.repeat": {3, 4},
    "lifecycle.loyal": {1},
    "lifecycle.fan": {1},
}


def test_no_starter_is_empty_where_there_is_somebody_for_it() -> None:
    reference = of(*HISTORY)
    assert {starter.key: set(members(reference, starter.tree)) for starter in STARTERS} == EXPECTED


def test_quadrants_hold_every_buyer_of_the_year_once() -> None:
    buyers = [EXPECTED[key] for key in EXPECTED if key.startswith("value.")]
    assert sorted(nid for quadrant in buyers for nid in quadrant) == list(range(1, 11))
