"""The reference of value and membership by worked examples: each works out a rule of GENES.md by hand."""

from datetime import date
from decimal import Decimal
from typing import Any

from services.insight.domain.genes.facts import Rules
from services.insight.domain.money import Rate, Rates
from services.insight.domain.orders import Counts
from services.insight.domain.segments.tree import last_days
from tests.gene_reference import Announced, Settings
from tests.gene_reference.history import SERVER, USER_ID
from tests.gene_reference.told import NOW, bought, days, did, minutes, of, value

# --- value -------------------------------------------------------------------------------------------------


def test_browser_server_and_update_are_one_order() -> None:
    """The server's report wins; a refund reduces it on its own day."""
    events = [
        bought("o", days(5), "120"),
        bought("o", days(5) + minutes(1), 110, source=SERVER, context={"channel": "server"}),
        did("Order Refunded", days(1), order_id="o", revenue=10),
    ]
    assert value("orders", *events, window=7) == 1
    assert value("revenue", *events, window=7) == Decimal(100)
    assert value("revenue", *events, window=2) == 0
    assert value("orders", *events, did("Order Cancelled", days(1), order_id="o"), window=7) == 0


def test_an_order_is_worth_revenue_or_value_or_total_or_its_lines() -> None:
    order = "Order Completed"
    lines = [
        {"product_id": "a", "price": "10.5", "quantity": 2, "discount": 1},
        {"product_id": "b", "price": 5},
    ]
    events = [
        did("purchase", days(1), transaction_id="v", value=7),
        did(order, days(1), order_id="t", total=115, tax=5, shipping=10),
        did(order, days(1), order_id="l", products=lines),
    ]
    # 7 + 100 + (2 x 10.5 - 1 + 5)
    assert value("revenue", *events, window=7) == Decimal("132")
    # 132 / 3
    assert value("avg_order_value", *events, window=7) == 44.0
    assert value("avg_order_value", *events, window=1) is None


def test_a_refund_of_no_known_order_is_negative_revenue_and_no_order() -> None:
    events = did("Order Refunded", days(1), order_id="x", revenue=30), bought("o", days(9), 50)
    assert (value("revenue", *events, window=7), value("orders", *events, window=7)) == (-30, 0)
    assert value("days_since_order", *events) == 9


def test_an_order_counts_when_the_tenant_says() -> None:
    """Placed ten days ago; paid nine, sent five and picked up three days ago.

    A return period of n days is over when n days have passed behind that of the pick-up.
    """

    def orders(*events: Any, when: Counts, return_days: int = 7) -> Any:
        settings = Settings(rules=Rules(order_counts=when, return_days=return_days))
        return value("orders", bought("o", days(10), 50), *events, settings=settings)

    def updated(status: str, at_ms: int) -> Any:
        return did("Order Updated", at_ms, order_id="o", status=status)

    paid, sent, picked_up = (
        updated("paid", days(9)),
        updated("shipped", days(5)),
        updated("picked_up", days(3)),
    )
    told = {
        Counts.PLACED: [orders(when=Counts.PLACED), orders(sent, when=Counts.PLACED)],
        Counts.PAID: [orders(sent, when=Counts.PAID), orders(paid, sent, when=Counts.PAID)],
        Counts.PICKED_UP: [orders(sent, when=Counts.PICKED_UP), orders(picked_up, when=Counts.PICKED_UP)],
    }
    assert told == {Counts.PLACED: [1, 1], Counts.PAID: [0, 1], Counts.PICKED_UP: [0, 1]}
    # Whoever has picked it up has paid for it.
    assert orders(picked_up, when=Counts.PAID) == 1
    period = Counts.RETURN_PERIOD
    assert [orders(picked_up, when=period, return_days=number) for number in (2, 3)] == [1, 0]
    assert [orders(when=period, return_days=number) for number in (9, 10)] == [1, 0]
    # On its way its return period has not begun.
    assert orders(sent, when=period, return_days=1) == 0
    # Whatever comes back, or was never fetched, is no order at all.
    for status in ("returned", "uncollected", "cancelled"):
        assert orders(picked_up, updated(status, days(1)), when=period, return_days=1) == 0
        assert orders(paid, updated(status, days(1)), when=Counts.PAID) == 0


def test_an_order_that_does_not_count_yet_was_ordered_all_the_same() -> None:
    """Nothing of it is left in the cart, and nothing of it was bought."""
    line = {"product_id": "a", "category": "Tea"}
    events = [did("Product Added", days(3), **line), bought("o", days(2), 50, products=[line])]
    settings = Settings(rules=Rules(order_counts=Counts.PAID))

    def of_them(gene: str) -> Any:
        return value(gene, *events, settings=settings)

    assert (of_them("abandoned_cart"), of_them("favourite_category")) == (frozenset(), "Tea")
    assert (of_them("bought_categories"), of_them("revenue")) == (frozenset(), 0)
    assert (of_them("member_stage"), of_them("days_since_order")) == ("visitor", None)


def test_money_is_converted_at_the_order_days_rate_or_left_out() -> None:
    rates = Rates("TWD", [Rate("USD", date(2026, 11, 15), Decimal("32.1"))])
    events = [bought("a", days(1), 10, currency="USD"), bought("b", days(9), 10, currency="USD")]
    settings = Settings(rates=rates)
    assert value("revenue", *events, settings=settings) == Decimal("321")
    assert value("orders", *events, settings=settings) == 2


def test_the_spend_percentile_is_among_the_buyers_of_the_window() -> None:
    """Revenue 10, 20, 20, 30: at most 20 are three of four."""
    amounts = {1: 20, 2: 10, 3: 20, 4: 30}
    events = [bought(f"o{nid}", days(1), spent, nid) for nid, spent in amounts.items()]
    reference = of(*events, did("page", days(1), 5), bought("old", days(40), 99, 6))
    found = reference.values("spend_percentile", last_days(30))
    assert found == {1: 75.0, 2: 25.0, 3: 75.0, 4: 100.0, 5: None, 6: None}


def test_bought_categories_are_those_of_order_lines_not_taken_back() -> None:
    kept = bought("a", days(1), products=[{"sku": "x", "category": "A"}, {"sku": "y"}])
    back = bought("b", days(1), products=[{"sku": "z", "category": "C"}])
    learned = did("Product Viewed", days(5), 2, sku="y", category="B")
    refund = did("Order Refunded", days(0.5), order_id="b")
    assert value("bought_categories", kept, back, refund, learned, window=7) == {"A", "B"}


def test_lines_are_those_of_the_winning_report_that_names_any() -> None:
    browser = bought("o", days(1), products=[{"product_id": "a", "category": "A"}])
    server = bought("o", days(1), source=SERVER)
    assert value("bought_categories", browser, server, window=7) == {"A"}
    update = did("Order Updated", days(0.5), order_id="o", products=[{"product_id": "b", "category": "B"}])
    assert value("bought_categories", browser, server, update, window=7) == {"B"}


def test_a_cycle_is_the_own_median_gap_from_three_order_days_on() -> None:
    """Days 40, 30, 10 and 9 ago: gaps 10, 20, 1; their median is 10. Two orders of one day are one day."""
    orders = [bought(f"o{ago}", days(ago)) for ago in (40, 30, 10, 9)]
    assert value("purchase_cycle_days", *orders, bought("twice", days(9))) == 10.0
    assert value("purchase_cycle_days", *orders[1:]) == 10.5


def test_with_one_or_two_order_days_the_cycle_is_the_tenants_kaplan_meier_median() -> None:
    """Waits: 10 came back, 20 came back, censored after 15 and after 5 days.

    S(10) = 1 - 1/3 (5 is censored before), S(20) = 2/3 x (1 - 1/1) = 0: the median is 20.
    """
    events = [bought("a", days(40)), bought("b", days(30))]
    events += [bought("c", days(50), nid=2), bought("d", days(30), nid=2)]
    events += [bought("e", days(15), nid=3), bought("f", days(5), nid=4), did("page", days(1), 5)]
    reference = of(*events)
    assert reference.values("purchase_cycle_days") == {1: 20.0, 2: 20.0, 3: 20.0, 4: 20.0, 5: None}
    assert [reference.cycle_is_borrowed(one) for one in (1, 5)] == [True, False]
    # Nobody came back: S never falls to one half.
    assert value("purchase_cycle_days", bought("a", days(40))) is None


def test_discount_dependence_is_discounts_over_list_value() -> None:
    """price 80 was paid after 20 off each of 2 (line discount 40): list 200; 10 off the order: 50 / 200."""
    line = {"product_id": "a", "price": 80, "quantity": 2, "discount": 40}
    order = bought("o", days(1), 150, discount=10, products=[line])
    assert value("discount_ratio", order, window=7) == 0.25
    # Where prices are list prices: 50 / 160.
    before = Settings(rules=Rules(price_after_discount=False))
    assert value("discount_ratio", order, window=7, settings=before) == 0.3125
    assert value("discount_ratio", bought("o", days(1), 150, discount=10), window=7) is None


# --- membership and channel --------------------------------------------------------------------------------


def test_first_seen_is_kept_when_the_events_are_gone() -> None:
    event = did("identify", days(1), context={"channel": "server"})
    assert value("first_seen_on", event) == date(2026, 11, 19)
    kept = round((NOW - days(400)).timestamp() * 1000)
    assert value("first_seen_on", event, first_seen={1: kept}) == date(2025, 10, 16)


def test_member_since_is_the_earliest_of_three() -> None:
    known = did("page", days(3), nid_kind=USER_ID)
    signed_up = did("sign_up", days(5))
    assert value("member_since_on", signed_up) is None
    assert value("member_since_on", known) == date(2026, 11, 17)
    assert value("member_since_on", known, signed_up) == date(2026, 11, 15)
    told = did("identify", days(1), traits={"createdAt": "2020-02-29T12:00:00Z"})
    assert value("member_since_on", known, told) == date(2020, 2, 29)
    seconds = did("identify", days(1), traits={"created_at": 1_577_836_800})
    assert value("member_since_on", known, seconds) == date(2020, 1, 1)


def test_member_stages_are_the_first_that_fits() -> None:
    five = [bought(f"o{number}", days(300 + number)) for number in range(5)]
    assert value("member_stage", *five) == "loyal"
    assert value("member_stage", *five[:4]) == "repeat"
    assert value("member_stage", *five[:1]) == "first_time"
    assert value("member_stage", did("page", days(1), nid_kind=USER_ID)) == "member"
    assert value("member_stage", did("page", days(1))) == "visitor"
    # One within 365 days: today is the first of them.
    assert value("member_stage", *[bought(f"o{number}", days(365)) for number in range(5)]) == "repeat"
    assert value("member_stage", *[bought(f"o{number}", days(364)) for number in range(5)]) == "loyal"


def test_the_first_source_is_of_the_first_session() -> None:
    plain = did("page", days(9))
    referred = did("page", days(9) - minutes(1), context=referred_by("https://www.google.com/"))
    tagged = did("page", days(9) - minutes(2), context={"campaign": {"source": "line", "medium": "cpc"}})
    later = did("page", days(1), context={"campaign": {"source": "late"}})
    assert value("first_source", plain, referred, tagged, later) == "line / cpc"
    assert value("first_source", plain, referred, later) == "search"
    assert value("first_source", plain, later) == "direct"
    assert (
        value("first_source", did("page", days(1), context=referred_by("https://shop.example/a"))) == "direct"
    )
    assert (
        value("first_source", did("page", days(1), context=referred_by("https://blog.test/"))) == "referral"
    )
    assert (
        value("first_source", did("page", days(1), context=referred_by("https://m.facebook.com/")))
        == "social"
    )
    in_store = bought("o", days(20), context={"channel": "store"})
    assert value("first_source", in_store, plain, tagged) == "offline"
    assert value("first_source", did("identify", days(1))) is None


def referred_by(referrer: str) -> dict[str, Any]:
    return {"page": {"url": "https://shop.example/b", "referrer": referrer}}


def test_channels_used_are_own_acts_and_clicked_messages() -> None:
    events = [
        did("page", days(1)),
        did("screen", days(1), context={"channel": "mobile"}),
        bought("o", days(1), context={"channel": "store"}),
        did("Order Updated", days(1), order_id="o", context={"channel": "call"}),
        did("Message Opened", days(1), channel="sms", context={"channel": "sms"}),
        did("Message Clicked", days(1), channel="E-Mail", context={"channel": "server"}),
        did("page", days(9), context={"channel": "marketplace"}),
    ]
    assert value("channels_used", *events, window=7) == {"web", "app", "store", "email"}


def test_reachable_by_is_the_newest_announcement_of_the_profile() -> None:
    said = Announced(1, 1, frozenset({"email", "line"})), Announced(2, 1, frozenset({"email"}))
    reference = of(did("page", days(1), position=3), reachability=said)
    assert reference.value("reachable_by", 1) == {"email"}
