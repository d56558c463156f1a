"""A tree's tests of everybody's values at once; a comparison with unknown is false, whatever it asks."""

import math
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

import numpy as np

from services.insight.domain.genes.calendar import (
    calendar_of_anniversaries,
    calendar_of_month,
    day_of,
    in_calendar,
)
from services.insight.domain.genes.choices import Categories
from services.insight.domain.genes.compiled import compiled
from services.insight.domain.genes.facts import I4, NO_DAY, Flags
from services.insight.domain.genes.yardsticks import Numbers, Values, Yardstick
from services.insight.domain.segments.tree import (
    AgainstYardstick,
    AnniversaryWithin,
    Between,
    Compare,
    DaysSince,
    InMonth,
    OnDate,
    OneOf,
    Op,
    Share,
)

NumberTest = Compare | Between | AgainstYardstick | Share
DateTest = OnDate | DaysSince | AnniversaryWithin | InMonth


def number_passes(numbers: Numbers, test: NumberTest, yardstick: Yardstick | None = None) -> Flags:
    """`yardstick` is for the relative tests: of the same gene and window, in the same unit."""
    match test:
        case Compare(op, value):
            return _compared(numbers, op, value * numbers.scale)
        case Between(low, high):
            if numbers.values.dtype == np.int64:
                return _within(numbers, math.ceil(low * numbers.scale), math.floor(high * numbers.scale))
            above = _compared(numbers, Op.GE, low * numbers.scale)
            return above & _compared(numbers, Op.LE, high * numbers.scale)
        case AgainstYardstick(above=is_above, of=of):
            level = yardstick.level(of) if yardstick else None
            if level is None:
                return np.zeros(numbers.values.size, np.bool_)
            return _compared(numbers, Op.GT if is_above else Op.LT, level * numbers.scale)
        case Share(top, percent):
            threshold = yardstick.threshold(percent, top=top) if yardstick else None
            if threshold is None:
                return np.zeros(numbers.values.size, np.bool_)
            return _compared(numbers, Op.GE if top else Op.LE, threshold)


def _compared(numbers: Numbers, op: Op, value: Decimal | float) -> Flags:
    """Exact: integers are compared with the whole numbers around a fraction, not with a float near it."""
    if numbers.values.dtype != np.int64:
        return _COMPARISONS[op](numbers.values, float(value)) & numbers.known
    match op:
        case Op.GE | Op.GT:
            least = math.ceil(value) if op is Op.GE else math.floor(value) + 1
            return _within(numbers, least, _MOST)
        case Op.LE | Op.LT:
            most = math.floor(value) if op is Op.LE else math.ceil(value) - 1
            return _within(numbers, _LEAST, most)
        case Op.EQ | Op.NE:
            # Between the whole numbers around a fraction there is none.
            return _within(numbers, math.ceil(value), math.floor(value), inside=op is Op.EQ)


def _within(numbers: Numbers, least: int, most: int, *, inside: bool = True) -> Flags:
    """Whose integer is one of `least` to `most`, or not `inside`; bounds that no column holds are beyond."""
    if least > most or least > _MOST or most < _LEAST:
        return np.zeros(numbers.known.size, np.bool_) if inside else numbers.known.copy()
    return _bounded(numbers.values, numbers.known, max(least, _LEAST), min(most, _MOST), inside)


@compiled
def _bounded(values: Values, known: Flags, least: int, most: int, inside: bool) -> Flags:
    out = np.empty(values.size, np.bool_)
    for i in range(values.size):
        out[i] = known[i] & ((least <= values[i] <= most) == inside)
    return out


_LEAST, _MOST = -(2**63), 2**63 - 1
_COMPARISONS: Mapping[Op, Callable[[Values, float], Flags]] = {
    Op.EQ: lambda values, value: values == value,
    Op.NE: lambda values, value: values != value,
    Op.LT: lambda values, value: values < value,
    Op.LE: lambda values, value: values <= value,
    Op.GT: lambda values, value: values > value,
    Op.GE: lambda values, value: values >= value,
}


def category_passes(categories: Categories, test: OneOf) -> Flags:
    named = set(test.values)
    wanted = np.array([(text in named) != test.negated for text in categories.texts], np.bool_)
    # Code 0 is unknown.
    wanted[0] = False
    found: Flags = wanted[categories.codes]
    return found


def date_passes(days: I4, test: DateTest, today: date) -> Flags:
    """`days` are local days since 1970-01-01, NO_DAY where unknown."""
    match test:
        case OnDate(relation, on):
            relations = {"before": Op.LT, "after": Op.GT, "on": Op.EQ}
            numbers = Numbers(days.astype(np.int64), days != NO_DAY)
            return _compared(numbers, relations[relation], Decimal(day_of(on)))
        case DaysSince(n_days, more):
            age = day_of(today) - days.astype(np.int64)
            passed = age > n_days if more else (age >= 0) & (age < n_days)
        case AnniversaryWithin(n_days):
            return in_calendar(days, calendar_of_anniversaries(day_of(today), n_days))
        case InMonth(month):
            return in_calendar(days, calendar_of_month(month))
    known: Flags = days != NO_DAY
    return passed & known
