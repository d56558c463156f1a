"""Who fulfils a condition on a gene: one answer for each of the columns' people."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from services.insight.domain.genes.calendar import date_of
from services.insight.domain.genes.choices import any_interest, category, dates, interest
from services.insight.domain.genes.columns import Columns
from services.insight.domain.genes.facts import NO_DAY, Flags
from services.insight.domain.genes.lists import anything, contains
from services.insight.domain.genes.norms import Norms, norms_of
from services.insight.domain.genes.numbers import number, percentile_passes
from services.insight.domain.genes.value_tests import category_passes, date_passes, number_passes
from services.insight.domain.genes.yardsticks import Numbers, Yardstick, yardstick_of
from services.insight.domain.segments.tree import (
    AgainstYardstick,
    AllTime,
    AnniversaryWithin,
    Between,
    Compare,
    Contains,
    DaysSince,
    GeneCondition,
    InMonth,
    Known,
    OnDate,
    OneOf,
    Share,
    Trend,
    ValueOf,
)

NUMBERS = frozenset(
    {
        "active_days",
        "sessions",
        "page_views",
        "avg_visit_minutes",
        "days_since_visit",
        "product_views",
        "orders",
        "revenue",
        "avg_order_value",
        "spend_percentile",
        "days_since_order",
        "purchase_cycle_days",
        "discount_ratio",
    }
)
CATEGORIES = frozenset(
    {"activity_state", "favourite_category", "member_stage", "first_source", "nes_state", "napl_state"}
)
DATES = frozenset({"first_seen_on", "member_since_on"})
MAPS = frozenset({"interest_strength"})
LISTS = frozenset(
    {
        "visit_weekdays",
        "visit_hours",
        "viewed_categories",
        "viewed_brands",
        "search_keywords",
        "viewed_not_bought",
        "abandoned_cart",
        "content_topics",
        "bought_categories",
        "channels_used",
        "reachable_by",
    }
)
_TREND_POINTS = 10


def passes(
    columns: Columns,
    condition: GeneCondition,
    now_ms: int,
    norms: Norms | None = None,
    yardstick: Yardstick | None = None,
) -> Flags:
    """`norms` are those of the gene and window, `yardstick` that of their values for a relative test.

    Without them these people are everybody.
    """
    gene, window, test = condition.gene, condition.window, condition.test
    match test:
        case Compare() | Between() if gene == "spend_percentile":
            own = norms or norms_of(columns, gene, window, now_ms)
            return percentile_passes(columns, window, now_ms, own, lambda those: number_passes(those, test))
        case Compare() | Between():
            return number_passes(number(columns, gene, window, now_ms, norms), test)
        case AgainstYardstick() | Share():
            numbers = number(columns, gene, window, now_ms, norms)
            return number_passes(numbers, test, yardstick or yardstick_of(numbers))
        case OneOf():
            return category_passes(category(columns, gene, now_ms, norms), test)
        case Contains():
            return contains(columns, gene, test, window, now_ms)
        case ValueOf(key, inner):
            found = interest(columns, key, now_ms, norms)
            return number_passes(Numbers(found.values, found.known), inner)
        case Trend(key, rising):
            found = interest(columns, key, now_ms, norms)
            moved = found.change >= _TREND_POINTS if rising else found.change <= -_TREND_POINTS
            return moved & found.known
        case OnDate() | DaysSince() | AnniversaryWithin() | InMonth():
            return date_passes(dates(columns, gene, now_ms), test, date_of(columns.today(now_ms)))
        case Known(negated):
            known = _known(columns, condition, now_ms, norms)
            return ~known if negated else known


def prepare(columns: Columns, now_ms: int) -> None:
    """Derive all parts, so that no question has to wait for the first look at them."""
    for step in preparations(columns, now_ms):
        step()


def preparations(columns: Columns, now_ms: int) -> Iterator[Callable[[], object]]:
    """The steps of `prepare`, each of a gene; questions may be answered meanwhile."""
    for gene in NUMBERS:
        yield partial(number, columns, gene, AllTime(), now_ms)
    for gene in CATEGORIES:
        yield partial(category, columns, gene, now_ms)
    for gene in DATES:
        yield partial(dates, columns, gene, now_ms)
    for gene in LISTS:
        yield partial(anything, columns, gene, AllTime(), now_ms)
    yield partial(any_interest, columns, now_ms)


def prepare_as(columns: Columns, others: Iterable[Columns], now_ms: int) -> None:
    """Derive now what the others have derived, so that no question has to wait for it."""
    for other in others:
        columns.prepare_as(other)
        for gene in other.known_of_today:
            if gene in CATEGORIES:
                category(columns, gene, now_ms)
            else:
                any_interest(columns, now_ms)


def _known(columns: Columns, condition: GeneCondition, now_ms: int, norms: Norms | None) -> Flags:
    gene = condition.gene
    known: Flags
    if gene in NUMBERS:
        return number(columns, gene, condition.window, now_ms, norms).known
    if gene in CATEGORIES:
        known = category(columns, gene, now_ms, norms).codes != 0
        return known
    if gene in DATES:
        known = dates(columns, gene, now_ms) != NO_DAY
        return known
    if gene in MAPS:
        return any_interest(columns, now_ms)
    return anything(columns, gene, condition.window, now_ms)
