"""The genes that are one of some texts, a date, or a map, of everybody at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.insight.domain.genes.affinities import F8
from services.insight.domain.genes.columns import Columns
from services.insight.domain.genes.facts import I4, NO_DAY, Flags
from services.insight.domain.genes.norms import Norms, norms_of

_STATES = ("", "active", "slowing", "dormant", "lost", "never")
_STAGES = ("", "loyal", "repeat", "first_time", "member", "visitor")
_NES = ("", "n", "e0", "s1", "s2", "s3")
_NAPL = ("", "new", "active", "sleeping", "lost")
_NAPL_DAYS = 90
_TREND_DAYS = 30


@dataclass(frozen=True)
class Categories:
    """Everybody's text as a code of `texts`; 0 is unknown."""

    codes: I4
    texts: Sequence[str]


@dataclass(frozen=True)
class Interests:
    """Everybody's interest in one category, 0 to 100, and its change in 30 days."""

    values: F8
    known: Flags
    change: F8


def category(columns: Columns, gene: str, now_ms: int, norms: Norms | None = None) -> Categories:
    """Everybody's value of a category gene; without norms these people are everybody."""
    columns = columns.as_of(now_ms)
    today = columns.today(now_ms)
    match gene:
        case "activity_state":
            codes = columns.of_today(gene, today, lambda: _activity(columns, today))
            return Categories(codes, _STATES)
        case "favourite_category":
            codes = columns.of_today(gene, today, lambda: _favourites(columns, today))
            return Categories(codes, columns.facts.categories)
        case "member_stage":
            codes = columns.of_today(gene, today, lambda: _stage(columns, today))
            return Categories(codes, _STAGES)
        case "nes_state":
            # Not kept: it changes with the tenant's own cycle, too.
            return Categories(_nes(columns, today, norms or norms_of(columns, gene, None, now_ms)), _NES)
        case "napl_state":
            codes = columns.of_today(gene, today, lambda: _napl(columns, today))
            return Categories(codes, _NAPL)
        case "first_source":
            return Categories(columns.facts.people.first_source.view(np.int32), columns.facts.sources)
        case _:
            raise KeyError(gene)


def _favourites(columns: Columns, today: int) -> I4:
    return columns.affinities.favourites(columns.scores(today))


def _activity(columns: Columns, today: int) -> I4:
    last, rules = columns.last_visit_day, columns.rules
    states = np.full(last.size, _STATES.index("active"), np.int32)
    for days in (rules.slowing_days, rules.dormant_days, rules.lost_days):
        states += last <= today - days
    states[last == NO_DAY] = _STATES.index("never")
    return states


def _stage(columns: Columns, today: int) -> I4:
    rules, members = columns.rules, columns.facts.people.member
    orders = columns.orders.total("orders")
    recent = columns.last_order_day >= today - (rules.loyal_days - 1)
    stages = np.where(members, _STAGES.index("member"), _STAGES.index("visitor"))
    stages[orders == 1] = _STAGES.index("first_time")
    stages[orders >= 2] = _STAGES.index("repeat")
    stages[(orders >= rules.loyal_orders) & recent] = _STAGES.index("loyal")
    return stages.astype(np.int32)


def _nes(columns: Columns, today: int, norms: Norms) -> I4:
    """By repurchase cycles since the last order; unknown without an order, or without a cycle."""
    n_days, _, _, own = columns.rhythm
    borrowed = np.nan if norms.borrowed_cycle_days is None else float(norms.borrowed_cycle_days)
    cycle = np.where(n_days >= 3, own, borrowed)
    since = (today - columns.last_order_day.astype(np.int64)).astype(np.float64)
    states = np.full(cycle.size, _NES.index("e0"), np.int32)
    states[columns.orders.total("orders") == 1] = _NES.index("n")
    for n_cycles, state in ((1, "s1"), (2, "s2"), (3, "s3")):
        states[since > n_cycles * cycle] = _NES.index(state)
    states[(columns.last_order_day == NO_DAY) | np.isnan(cycle)] = 0
    return states


def _napl(columns: Columns, today: int) -> I4:
    once = columns.orders.total("orders") == 1
    recent = columns.last_order_day >= today - (_NAPL_DAYS - 1)
    states = np.where(
        recent,
        np.where(once, _NAPL.index("new"), _NAPL.index("active")),
        np.where(once, _NAPL.index("lost"), _NAPL.index("sleeping")),
    )
    states[columns.last_order_day == NO_DAY] = 0
    return states.astype(np.int32)


def dates(columns: Columns, gene: str, now_ms: int) -> I4:
    """Everybody's value of a date gene as a local day; NO_DAY is unknown."""
    columns = columns.as_of(now_ms)
    match gene:
        case "first_seen_on":
            return columns.first_seen_day
        case "member_since_on":
            return columns.member_since_day
        case _:
            raise KeyError(gene)


def interest(columns: Columns, key: str, now_ms: int, norms: Norms | None = None) -> Interests:
    """Everybody's interest in the category `key`; known where there is a positive score."""
    columns = columns.as_of(now_ms)
    today = columns.today(now_ms)
    norms = norms or norms_of(columns, "interest_strength", None, now_ms)
    nobody = Interests(np.zeros(columns.size), np.zeros(columns.size, np.bool_), np.zeros(columns.size))
    code = columns.vocabularies.categories.equal(key)
    if not code or norms.middle_score is None:
        return nobody
    pairs = columns.affinities.of_category(code[0])
    person = columns.affinities.person[pairs]
    scores, before = columns.scores(today)[pairs], columns.scores(today - _TREND_DAYS)[pairs]
    now, then = strengths(scores, norms.middle_score), strengths(before, norms.middle_score)
    nobody.values[person] = now
    nobody.known[person] = scores > 0
    nobody.change[person] = np.rint((now - then) * 1e6) / 1e6
    return nobody


def strengths(scores: F8, middle_score: float) -> F8:
    """Scores as interests of 0 to 100, to six digits; the middle score is 50."""
    return np.rint(100 * scores / (scores + middle_score) * 1e6) / 1e6


def any_interest(columns: Columns, now_ms: int) -> Flags:
    """Who has a positive score of any category."""
    columns = columns.as_of(now_ms)
    today = columns.today(now_ms)

    def computed() -> Flags:
        out = np.zeros(columns.size, np.bool_)
        out[columns.affinities.person[columns.scores(today) > 0]] = True
        return out

    # Whoever changes the answer changes their own.
    return columns.of_today("interest_strength", today, computed).copy()
