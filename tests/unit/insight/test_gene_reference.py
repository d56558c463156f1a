"""The reference of visits and interest by worked examples: each works out a rule of GENES.md by hand."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.insight.domain.segments.tree import AllTime, DaysAgo, last_days
from services.insight.evaluation import Moment
from tests.gene_reference import GENES, Event, History, Reference, Remap, Settings
from tests.gene_reference.history import USER_ID
from tests.gene_reference.told import bought, days, did, minutes, of, value

# Beside the genes of the catalogue.
DERIVED = {"nes_state", "napl_state"}


def test_there_are_thirty_one_genes() -> None:
    assert len(GENES - DERIVED) == 31


# --- visit -------------------------------------------------------------------------------------------------


def test_a_window_of_one_day_is_today_from_local_midnight() -> None:
    """A window of N days starts at local midnight N-1 days ago; at 11:00 that was 11 hours ago."""
    today, yesterday = did("page", minutes(11 * 60)), did("page", minutes(11 * 60 + 1))
    assert value("active_days", today, yesterday, window=1) == 1
    assert value("active_days", today, yesterday, window=2) == 2
    reference = of(today, yesterday)
    assert reference.value("page_views", 1, DaysAgo(1, 1)) == 1


def test_active_days_are_local_days_with_a_visit_event() -> None:
    same = [did("page", days(1)), did("Anything Custom", days(1) + minutes(5))]
    assert value("active_days", *same, did("page", days(3)), window=7) == 2


@pytest.mark.parametrize(
    ("name", "channel"),
    [
        ("Message Opened", "email"),
        ("Recommendation Shown", "web"),
        ("page", "server"),
        ("Order Refunded", "web"),
    ],
)
def test_what_others_do_is_no_visit(name: str, channel: str) -> None:
    event = did(name, days(1), context={"channel": channel})
    assert value("active_days", event, window=7) == 0
    assert value("activity_state", event) == "never"


def test_a_day_is_the_tenants_own() -> None:
    """23:30 UTC on the 19th is the 20th in Taipei and the 19th in New York: today in both, by now."""
    event = did("page", datetime(2026, 11, 19, 23, 30, tzinfo=UTC))
    assert value("days_since_visit", event) == 0
    assert value("days_since_visit", event, settings=Settings("America/New_York")) == 0
    earlier = did("page", datetime(2026, 11, 19, 4, 30, tzinfo=UTC))
    # 12:30 on the 19th in Taipei; 23:30 on the 18th in New York, where it is still the 19th now.
    assert value("days_since_visit", earlier) == 1
    assert value("days_since_visit", earlier, settings=Settings("America/New_York")) == 1


def test_a_day_of_23_hours_is_a_day() -> None:
    """Berlin, 29 March 2026: clocks go from 02:00 to 03:00, so midnights are 23 hours apart."""
    now = datetime(2026, 3, 30, 0, 30, tzinfo=UTC)
    berlin = Settings("Europe/Berlin")
    first = did("page", datetime(2026, 3, 28, 23, 0, tzinfo=UTC))  # 29 March 00:00
    before = did("page", datetime(2026, 3, 28, 22, 59, tzinfo=UTC))
    last = did("page", datetime(2026, 3, 29, 21, 59, tzinfo=UTC))  # 29 March 23:59
    assert value("active_days", first, last, before, window=2, settings=berlin, now=now) == 1
    assert value("active_days", first, last, before, window=3, settings=berlin, now=now) == 2


def test_a_session_ends_after_thirty_minutes_without_an_event() -> None:
    """30 minutes on the dot are still the same session; minutes are last minus first, one event 0."""
    visit = [did("page", minutes(ago)) for ago in (100, 70, 39)]
    assert value("sessions", *visit, window=1) == 2
    # (30 + 0) / 2
    assert value("avg_visit_minutes", *visit, window=1) == 15.0
    assert value("avg_visit_minutes", did("page", days(2)), window=1) is None


def test_a_late_event_joins_two_sessions() -> None:
    visit = [did("page", minutes(100)), did("page", minutes(60)), did("page", minutes(80), position=2)]
    assert value("sessions", *visit, window=1) == 1
    assert value("avg_visit_minutes", *visit, window=1) == 40.0


def test_a_session_belongs_to_the_day_and_hour_of_its_start() -> None:
    """Thursday 23:50 to Friday 00:10 in Taipei."""
    visit = [did("page", datetime(2026, 11, 19, 15, 50, tzinfo=UTC) + minutes(m)) for m in (0, 20)]
    reference = of(*visit)
    assert reference.value("sessions", 1, last_days(1)) == 0
    assert reference.value("visit_weekdays", 1, last_days(2)) == {4}
    assert reference.value("visit_hours", 1, last_days(2)) == {23}
    assert reference.value("active_days", 1, last_days(1)) == 1


def test_page_views_are_pages_and_screens() -> None:
    events = did("page", days(1)), did("screen", days(1)), did("page_view", days(1)), did("login", days(1))
    assert value("page_views", *events, window=7) == 3


@pytest.mark.parametrize(
    ("ago", "state"), [(6, "active"), (7, "slowing"), (29, "slowing"), (30, "dormant"), (90, "lost")]
)
def test_visit_activity_is_cut_at_7_30_and_90_days(ago: int, state: str) -> None:
    assert value("activity_state", did("page", days(ago))) == state
    assert value("days_since_visit", did("page", days(ago))) == ago


# --- interest and intent -----------------------------------------------------------------------------------


def test_product_views_count_events_not_lines() -> None:
    many = did("view_item", days(1), items=[{"item_id": "a"}, {"item_id": "b"}])
    assert value("product_views", many, did("Product Viewed", days(1), product_id="a"), window=7) == 2


def test_categories_and_brands_are_learned_where_an_event_has_none() -> None:
    """From the tenant's newest event of that product that names one."""
    bare = did("Product Viewed", days(1), product_id="a")
    old = did("Product Viewed", days(9), 2, product_id="a", category="Toys", brand="Acme")
    new = did("Product Viewed", days(8), 2, product_id="a", category=" Toys>Blocks >", brand="Lego")
    assert value("viewed_categories", bare, new, old, window=7) == {"Toys > Blocks"}
    assert value("viewed_brands", bare, new, old, window=7) == {"Lego"}


def test_ga4_names_its_categories_one_by_one() -> None:
    item = {"item_id": "a", "item_category": "Toys", "item_category2": "Blocks", "item_brand": "Lego"}
    seen = did("view_item", days(1), items=[item])
    assert value("viewed_categories", seen, window=7) == {"Toys > Blocks"}
    assert value("viewed_brands", seen, window=7) == {"Lego"}


def viewed(category: str, ago: float, **given: Any) -> Event:
    return did("Product Viewed", days(ago), product_id=category.lower(), category=category, **given)


def test_the_favourite_category_weighs_and_forgets() -> None:
    """5 x 0.5^(60/30) = 1.25 for the order, 1 for the view of today; 3 x 0.5 = 1.5 for a cart of 30 days."""
    order = bought("o", days(60), products=[{"product_id": "x", "category": "Order"}])
    cart = did("Product Added", days(30), product_id="y", category="Cart")
    reference = of(order, cart, viewed("View", 0))
    assert reference.people[1].scores() == {"Order": 1.25, "Cart": 1.5, "View": 1.0}
    assert reference.value("favourite_category", 1) == "Cart"
    # A cancelled order is out.
    assert value("favourite_category", order, did("Order Cancelled", days(1), order_id="o")) is None


def test_equal_scores_go_to_the_latest_then_to_the_lowest_path() -> None:
    assert value("favourite_category", viewed("A", 0.1), viewed("B", 0.05)) == "B"
    assert value("favourite_category", viewed("B", 0.1), viewed("A", 0.1)) == "A"


def test_interest_is_measured_against_the_tenants_median_score() -> None:
    """Scores 1 (A), 3 (B) and 2 (A, person 2): k = 2; 100 x 1/(1+2), 100 x 3/(3+2)."""
    events = viewed("A", 0), *(viewed("B", 0) for _ in range(3)), *(viewed("A", 0, nid=2) for _ in range(2))
    assert value("interest_strength", *events) == {"A": 33.333333, "B": 60.0}


def test_interest_rises_and_falls_by_ten_points_against_30_days_ago() -> None:
    """A: 2 events of 30 days ago, then 2 and now 1; B: today. k = 1. A 66.67 -> 50, B 0 -> 50."""
    reference = of(viewed("A", 30), viewed("A", 30), viewed("B", 0))
    assert reference.half_strength == 1.0
    assert reference.trend(1, "A") == -16.666667
    assert (reference.falling(1, "A"), reference.rising(1, "A")) == (True, False)
    assert (reference.trend(1, "B"), reference.rising(1, "B")) == (50.0, True)
    assert reference.trend(1, "C") is None and not reference.falling(1, "C")


def test_search_terms_are_nfkc_and_casefolded() -> None:
    events = (
        did("search", days(1), search_term=" ＮＩＫＥ　 Air "),
        did("Products Searched", days(1), query="nike air"),
    )
    assert value("search_keywords", *events, did("search", days(1), q=" "), window=7) == {"nike air"}


def test_viewed_not_bought_is_not_ordered_after_the_last_view() -> None:
    order = bought("o", days(3), products=[{"product_id": "a"}, {"product_id": "b"}])
    events = [order, viewed("A", 4), viewed("B", 4), viewed("B", 2), viewed("C", 20)]
    assert value("viewed_not_bought", *events, window=14) == {"b"}
    assert value("viewed_not_bought", *events, window=30) == {"b", "c"}


def test_a_cart_is_abandoned_after_an_hour_and_until_the_order() -> None:
    order = bought("o", days(2), products=[{"product_id": "ordered"}])
    events = [
        order,
        did("Product Added", days(3), product_id="ordered"),
        did("Product Added", days(3), product_id="left", quantity=2),
        did("Product Removed", days(2), product_id="left"),
        did("Product Added", days(3), product_id="emptied"),
        did("Product Removed", days(2), product_id="emptied"),
        did("Product Added", minutes(60), product_id="hour"),
        did("Product Added", minutes(59), product_id="fresh"),
        did("Product Added", days(14), product_id="old"),
    ]
    assert value("abandoned_cart", *events, window=14) == {"left", "hour"}
    again = did("Product Added", days(1), product_id="ordered")
    assert "ordered" in value("abandoned_cart", *events, again, window=14)


def test_topics_are_a_list_or_a_text_with_commas() -> None:
    events = (
        did("Article Read", days(1), topics=["Tea", "Wood "]),
        did("Article Read", days(1), topics="Tea, 咖啡,"),
    )
    assert value("content_topics", *events, window=7) == {"Tea", "Wood", "咖啡"}


# --- everybody ---------------------------------------------------------------------------------------------


def test_after_a_merge_the_two_had_always_been_one() -> None:
    events = did("page", minutes(100)), did("page", minutes(80), 2), bought("o", days(1), nid=2)
    reference = of(*events, remaps=(Remap(2, 2, 1),))
    assert reference.everybody == {1}
    assert reference.value("sessions", 1, last_days(1)) == 1
    assert reference.value("orders", 1, AllTime()) == 1
    apart = Reference(
        History(events, (Remap(2, 2, 1), Remap(3, 2, 2, USER_ID))), Settings(), Moment(3, reference.now_ms)
    )
    assert apart.everybody == {1, 2} and apart.members == {2}
    assert apart.value("sessions", 1, last_days(1)) == 1
    before = Reference(History(events, (Remap(2, 2, 1),)), Settings(), Moment(1, reference.now_ms))
    assert before.everybody == {1, 2}


def test_an_erased_person_is_nobody_and_what_is_later_than_now_is_not_there() -> None:
    events = did("page", days(1)), did("page", days(1), 2), did("page", days(-1))
    reference = of(*events, erased=frozenset({2}))
    assert reference.everybody == {1}
    assert reference.value("page_views", 1, AllTime()) == 1
