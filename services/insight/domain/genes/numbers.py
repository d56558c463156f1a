"""The genes that are numbers, of everybody at once."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from services.insight.domain.genes.calendar import span
from services.insight.domain.genes.columns import Columns
from services.insight.domain.genes.compiled import compiled
from services.insight.domain.genes.facts import I4, I8, NO_DAY, UNIT, Flags
from services.insight.domain.genes.norms import Norms, norms_of
from services.insight.domain.genes.yardsticks import Numbers
from services.insight.domain.segments.tree import Window

_MINUTE_MS = 60_000
_LEAST, _MOST = -(2**63), 2**63 - 1


def number(
    columns: Columns, gene: str, window: Window | None, now_ms: int, norms: Norms | None = None
) -> Numbers:
    """Everybody's value of a number gene.

    Counts, days and money are integers; averages, ratios, percentiles and cycles are floats of six digits.
    Without `norms` the tenant's own figures are made of these people.
    """
    columns = columns.as_of(now_ms)
    today = columns.today(now_ms)
    if gene in _COUNTERS:
        return _counted(columns, gene, span(window, today))
    if gene in _QUOTIENTS:
        return _QUOTIENTS[gene](columns, span(window, today))
    match gene:
        case "days_since_visit":
            return _days_since(columns.last_visit_day, today)
        case "days_since_order":
            return _days_since(columns.last_order_day, today)
        case "spend_percentile":
            return _percentile(columns, window, now_ms, norms or norms_of(columns, gene, window, now_ms))
        case "purchase_cycle_days":
            return _cycle(columns, norms or norms_of(columns, gene, window, now_ms))
        case _:
            raise KeyError(gene)


def borrows_cycle(columns: Columns, now_ms: int) -> Flags:
    """Whose repurchase cycle is the tenant's."""
    n_days = columns.as_of(now_ms).rhythm[0]
    borrowing: Flags = (n_days == 1) | (n_days == 2)
    return borrowing


_COUNTERS: Mapping[str, Callable[[Columns, tuple[int, int]], I8]] = {
    "active_days": lambda columns, days: columns.visits.by_day.sums("active_days", *days),
    "sessions": lambda columns, days: columns.visits.by_day.sums("sessions", *days),
    "page_views": lambda columns, days: columns.visits.by_day.sums("page_views", *days),
    "product_views": lambda columns, days: columns.product_views.sums("product_views", *days),
    "orders": lambda columns, days: columns.orders.sums("orders", *days),
    "revenue": lambda columns, days: columns.orders.sums("revenue", *days),
}


def _counted(columns: Columns, gene: str, days: tuple[int, int]) -> Numbers:
    values = _COUNTERS[gene](columns, days)
    return Numbers(values, np.ones(columns.size, np.bool_), UNIT if gene == "revenue" else 1)


@compiled
def _quotients(parts: I8, wholes: I8, unit: int) -> tuple[NDArray[np.float64], Flags]:
    """parts / (unit x wholes), to six digits; unknown where the whole is nothing."""
    values = np.zeros(parts.size, np.float64)
    known = np.zeros(parts.size, np.bool_)
    for i in range(parts.size):
        if wholes[i] > 0:
            values[i] = np.rint(parts[i] / (unit * wholes[i]) * 1e6) / 1e6
            known[i] = True
    return values, known


def _visit_minutes(columns: Columns, days: tuple[int, int]) -> Numbers:
    by_day = columns.visits.by_day
    lengths, sessions = by_day.sums("length_ms", *days), by_day.sums("sessions", *days)
    return Numbers(*_quotients(lengths, sessions, _MINUTE_MS))


def _order_value(columns: Columns, days: tuple[int, int]) -> Numbers:
    revenue, orders = columns.orders.sums("revenue", *days), columns.orders.sums("orders", *days)
    return Numbers(*_quotients(revenue, orders, UNIT))


def _discount_ratio(columns: Columns, days: tuple[int, int]) -> Numbers:
    discount, listed = columns.orders.sums("discount", *days), columns.orders.sums("list_value", *days)
    return Numbers(*_quotients(discount, listed, 1))


_QUOTIENTS: Mapping[str, Callable[[Columns, tuple[int, int]], Numbers]] = {
    "avg_visit_minutes": _visit_minutes,
    "avg_order_value": _order_value,
    "discount_ratio": _discount_ratio,
}


@compiled
def _since(last_day: I4, today: int, never: int) -> tuple[I8, Flags]:
    values = np.empty(last_day.size, np.int64)
    known = np.empty(last_day.size, np.bool_)
    for i in range(last_day.size):
        known[i] = last_day[i] != never
        values[i] = today - last_day[i] if known[i] else 0
    return values, known


def _days_since(last_day: I4, today: int) -> Numbers:
    return Numbers(*_since(last_day, today, NO_DAY))


def _percentile(columns: Columns, window: Window | None, now_ms: int, norms: Norms) -> Numbers:
    days = span(window, columns.today(now_ms))
    buyers = columns.orders.sums("orders", *days) > 0
    values = np.zeros(columns.size, np.float64)
    if norms.spend is not None and buyers.any():
        values[buyers] = norms.spend.percentiles(columns.orders.sums("revenue", *days)[buyers])
    return Numbers(values, buyers)


def percentile_passes(
    columns: Columns, window: Window | None, now_ms: int, norms: Norms, passing: Callable[[Numbers], Flags]
) -> Flags:
    """Whose spend_percentile passes a test; the test is asked of each percentile that occurs.

    Percentiles rise with revenue: those that pass are bounds of revenue, and nobody's own is looked up.
    """
    columns = columns.as_of(now_ms)
    days = span(window, columns.today(now_ms))
    out = np.zeros(columns.size, np.bool_)
    if norms.spend is None:
        return out
    percents = norms.spend.percent_at
    asked = passing(Numbers(percents, np.ones(percents.size, np.bool_)))
    bounds = np.flatnonzero(np.diff(asked, prepend=False, append=False)).reshape(-1, 2)
    # Place 0 is of revenue below all that occurs.
    occurring = np.concatenate([[_LEAST], norms.spend.values, [_MOST]]).astype(np.int64)
    revenue, orders = columns.orders.sums("revenue", *days), columns.orders.sums("orders", *days)
    for first, end in bounds.tolist():
        _spent(out, revenue, orders, occurring[first], occurring[end])
    return out


@compiled
def _spent(out: Flags, revenue: I8, orders: I8, least: int, below: int) -> None:
    """Sets whoever ordered for at least so much, and less than that."""
    for i in range(out.size):
        out[i] |= orders[i] > 0 and least <= revenue[i] < below


def _cycle(columns: Columns, norms: Norms) -> Numbers:
    n_days, _, _, median = columns.rhythm
    values = np.where(n_days >= 3, median, 0.0)
    known = n_days >= 3
    if norms.borrowed_cycle_days is not None:
        borrowing = (n_days == 1) | (n_days == 2)
        values[borrowing] = norms.borrowed_cycle_days
        known = known | borrowing
    return Numbers(values, known)
