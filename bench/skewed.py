"""A generated tenant whose people are as unequal as real ones: facts for genes, without events or engines.

    python -m bench.skewed 1000000

says how long each part of its columns takes to derive, and each kind of condition to answer then.
"""

import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

import numpy as np

from services.insight.domain.genes.columns import Columns
from services.insight.domain.genes.conditions import passes, prepare
from services.insight.domain.genes.facts import (
    I8,
    NOTHING,
    U1,
    U4,
    UNIT,
    Acts,
    Facts,
    Flags,
    ItemAct,
    Items,
    Orders,
    People,
    Rules,
    WordKind,
    Words,
    Zone,
)
from services.insight.domain.genes.norms import RELATIVE, norms_of
from services.insight.domain.segments.tree import (
    AnniversaryWithin,
    Compare,
    Contains,
    DaysAgo,
    GeneCondition,
    Known,
    Mode,
    OneOf,
    Op,
    Trend,
)

DAYS = 400
EVENTS_PER_PERSON = 47
_DAY_MS = 86_400_000
_HOURS_AHEAD = 8
# Days since 1970 of the last day, 22 November 2026.
LAST_DAY = 20_779
NOW_MS = LAST_DAY * _DAY_MS + 4 * 3_600_000
_CHANNELS = ("web", "app", "store", "email", "line")


@dataclass(frozen=True)
class Shop:
    """How much there is of everything, beside people."""

    products: int = 20_000
    categories: int = 400
    brands: int = 300
    terms: int = 5_000


def skewed(
    n_people: int, seed: int = 1, shop: Shop = Shop(), events_per_person: float = EVENTS_PER_PERSON
) -> Facts:
    """Facts of so many people, so many events each on average: some have one, a few have thousands."""
    chance = np.random.default_rng(seed)
    per_person = activity(chance, n_people, events_per_person)
    person = np.repeat(np.arange(n_people, dtype=np.uint32), per_person)
    at_ms = moments(chance, person, per_person)
    acts = Acts(person, at_ms, chance.random(person.size) < 0.55)
    items = _items(chance, acts, shop)
    orders = _orders(chance, items)
    return Facts(
        _people(chance, n_people, person, at_ms),
        acts,
        items,
        orders,
        _words(chance, acts, shop),
        Zone(np.array([0], np.int64), np.array([_HOURS_AHEAD * 3_600_000], np.int64)),
        ("", *(f"p{number}" for number in range(shop.products))),
        paths(shop.categories),
        ("", *(f"brand {number}" for number in range(shop.brands))),
        ("", *_CHANNELS, *(f"term {number}" for number in range(shop.terms))),
        ("", "google / cpc", "search", "direct", "offline"),
        ("email", "sms", "line"),
        category_of(np.arange(shop.products + 1, dtype=np.uint32), shop.categories),
    )


def activity(chance: np.random.Generator, n_people: int, events_per_person: float) -> I8:
    """How many events each has: at least one."""
    drawn = chance.lognormal(0.0, 1.3, n_people)
    counts: I8 = np.maximum(1, chance.poisson(drawn * events_per_person / drawn.mean()))
    return counts


def paths(count: int) -> tuple[str, ...]:
    """Ten roots, each with categories below it and some below those."""
    return ("", *(" > ".join(f"c{part}" for part in _parts(number)) for number in range(count)))


def _parts(number: int) -> tuple[int, ...]:
    if number < 10:
        return (number,)
    return (number % 10, number) if number < 100 else (number % 10, number % 90 + 10, number)


def zipf(chance: np.random.Generator, size: int, count: int) -> U4:
    """Codes 1 to `size`, the first ones most often."""
    weights = 1.0 / np.arange(1, size + 1) ** 0.9
    edges = np.cumsum(weights / weights.sum())
    return (np.searchsorted(edges, chance.random(count)) + 1).clip(1, size).astype(np.uint32)


def moments(chance: np.random.Generator, person: U4, per_person: I8) -> I8:
    """Visits of a few events each, minutes apart, more of them lately; sorted by person and time."""
    visit = chance.random(person.size) < 0.25
    visit[np.concatenate([[0], np.cumsum(per_person)[:-1]])] = True
    number = np.cumsum(visit) - 1
    days_ago = chance.beta(1.0, 1.3, int(number[-1]) + 1) * DAYS
    within = chance.exponential(90_000, person.size).astype(np.int64)
    # The minutes since the visit's first event are a sum that begins anew with each visit.
    within[visit] = 0
    since = np.cumsum(within)
    since -= since[visit][number]
    at_ms = NOW_MS - (days_ago * _DAY_MS).astype(np.int64)[number] + since
    at_ms = np.minimum(at_ms, NOW_MS)
    order = np.lexsort((at_ms, person))
    return np.ascontiguousarray(at_ms[order])


def category_of(product: U4, categories: int) -> U4:
    found = (product * np.uint32(2_654_435_761) >> np.uint32(8)) % np.uint32(categories) + np.uint32(1)
    return np.where(product == 0, np.uint32(0), found).astype(np.uint32)


def _items(chance: np.random.Generator, acts: Acts, shop: Shop) -> Items:
    """A third of the events are of products: views, some of the cart, few of orders."""
    rows = np.flatnonzero(~acts.page_view & (chance.random(acts.person.size) < 0.7))
    product = zipf(chance, shop.products, rows.size)
    kinds = chance.random(rows.size)
    act = np.full(rows.size, int(ItemAct.VIEWED), np.uint8)
    act[kinds > 0.85] = int(ItemAct.ADDED)
    act[kinds > 0.93] = int(ItemAct.REMOVED)
    act[kinds > 0.96] = int(ItemAct.ORDERED)
    return Items(
        acts.person[rows],
        acts.at_ms[rows],
        act,
        product,
        category_of(product, shop.categories),
        product % np.uint32(shop.brands) + np.uint32(1),
        chance.integers(1, 3, rows.size) * UNIT,
        np.ones(rows.size, np.bool_),
    )


def _orders(chance: np.random.Generator, items: Items) -> Orders:
    rows = np.flatnonzero(items.act == ItemAct.ORDERED)
    listed = (chance.lognormal(6.5, 0.8, rows.size) * UNIT).astype(np.int64)
    discount = np.where(chance.random(rows.size) < 0.3, listed // 10, 0)
    revenue = listed - discount
    revenue[chance.random(rows.size) < 0.01] = NOTHING
    is_order = chance.random(rows.size) >= 0.01
    return Orders(items.person[rows], items.at_ms[rows], is_order, revenue, discount, listed)


def _words(chance: np.random.Generator, acts: Acts, shop: Shop) -> Words:
    rows = np.flatnonzero(chance.random(acts.person.size) < 0.3)
    kind: U1 = np.full(rows.size, int(WordKind.CHANNEL), np.uint8)
    kind[chance.random(rows.size) < 0.2] = int(WordKind.SEARCHED)
    terms = zipf(chance, shop.terms, rows.size) + np.uint32(len(_CHANNELS))
    word = np.where(kind == WordKind.SEARCHED, terms, zipf(chance, len(_CHANNELS), rows.size))
    return Words(acts.person[rows], acts.at_ms[rows], kind, word)


def _people(chance: np.random.Generator, n_people: int, person: U4, at_ms: I8) -> People:
    first = np.searchsorted(person, np.arange(n_people, dtype=np.uint32))
    member: Flags = chance.random(n_people) < 0.4
    return People(
        np.arange(1, n_people + 1, dtype=np.uint32),
        member,
        at_ms[first],
        np.where(member, at_ms[first], NOTHING),
        chance.integers(1, 5, n_people).astype(np.uint32),
        chance.integers(0, 8, n_people).astype(np.uint16),
    )


_CONDITIONS = (
    GeneCondition("sessions", Compare(Op.GE, Decimal(2)), DaysAgo(29)),
    GeneCondition("active_days", Compare(Op.GE, Decimal(2)), DaysAgo(200, 20)),
    GeneCondition("avg_visit_minutes", Compare(Op.GE, Decimal(2)), DaysAgo(110)),
    GeneCondition("product_views", Compare(Op.GE, Decimal(2)), DaysAgo(170)),
    GeneCondition("revenue", Compare(Op.GE, Decimal(500)), DaysAgo(89)),
    GeneCondition("spend_percentile", Compare(Op.GE, Decimal(80)), DaysAgo(89)),
    GeneCondition("purchase_cycle_days", Compare(Op.LE, Decimal(30))),
    GeneCondition("days_since_order", Compare(Op.LE, Decimal(30))),
    GeneCondition("visit_hours", Contains(Mode.ANY, ("3", "20")), DaysAgo(60, 10)),
    GeneCondition("viewed_categories", Contains(Mode.ANY, ("c1",)), DaysAgo(29)),
    GeneCondition("search_keywords", Contains(Mode.ANY, ("erm 1",), part=True), DaysAgo(29)),
    GeneCondition("channels_used", Contains(Mode.NONE, ("web",)), DaysAgo(29)),
    GeneCondition("viewed_not_bought", Contains(Mode.ANY, ("c1",), by_category=True), DaysAgo(13)),
    GeneCondition("abandoned_cart", Known(), DaysAgo(13)),
    GeneCondition("favourite_category", OneOf(("c1", "c2"))),
    GeneCondition("member_stage", OneOf(("loyal",))),
    GeneCondition("interest_strength", Trend("c1", rising=True)),
    GeneCondition("member_since_on", AnniversaryWithin(7)),
)


def _timed(label: str, act: Callable[[], object], times: int = 1) -> None:
    """The best of some times: what else the machine does is no part of it."""
    best = math.inf
    for _ in range(times):
        started = time.perf_counter()
        act()
        best = min(best, time.perf_counter() - started)
    print(f"{best * 1000:10.1f} ms  {label}")


def main(n_people: int) -> None:
    # What is compiled at its first call is compiled on a few people.
    prepare(Columns(skewed(500), Rules()), NOW_MS)
    facts = skewed(n_people)
    print(f"{n_people} people, {facts.acts.person.size} visit events, {facts.items.person.size} items")
    columns = Columns(facts, Rules())
    _timed("all parts", lambda: prepare(columns, NOW_MS))
    for condition in _CONDITIONS:
        known = norms_of(columns, condition.gene, condition.window, NOW_MS)
        passing = partial(passes, columns, condition, NOW_MS, known)
        _timed(f"{condition.gene} {condition.window or ''}", passing, 5)
    for gene in sorted(RELATIVE):
        _timed(f"norms of {gene}", partial(norms_of, columns, gene, DaysAgo(89), NOW_MS))


if __name__ == "__main__":
    main(int(sys.argv[1]))
