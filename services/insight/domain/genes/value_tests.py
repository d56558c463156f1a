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
    values = numbers.values
    match test:
        case Compare(op, value):
            passed = _compared(values, op, value * numbers.scale)
        case Between(low, high):
            above = _compared(values, Op.GE, low * numbers.scale)
            passed = above & _compared(values, Op.LE, high * numbers.scale)
        case AgainstYardstick(above=is_above, of=of):
            level = yardstick.level(of) if yardstick else None
            if level is None:
                return np.zeros(values.size, np.bool_)
            passed = _compared(values, Op.GT if is_above else Op.LT, level * numbers.scale)
        case Share(top, percent):
            threshold = yardstick.threshold(percent, top=top) if yardstick else None
            if threshold is None:
                return np.zeros(values.size, np.bool_)
            passed = values >= threshold if top else values <= threshold
    return passed & numbers.known


def _compared(values: Values, op: Op, value: Decimal) -> Flags:
    """Exact: integers are compared with the whole numbers around a fraction, not with a float near it."""
    if values.dtype != np.int64:
        return _COMPARISONS[op](values, float(value))
    match op:
        case Op.LT | Op.GE:
            whole = math.ceil(value)
        case Op.LE | Op.GT:
            whole = math.floor(value)
        case Op.EQ | Op.NE:
            whole = int(value)
            if whole != value:
                return np.full(values.size, op is Op.NE)
    # A number that no column can hold is beyond all of them.
    whole = min(max(whole, _LEAST), _MOST)
    return _COMPARISONS[op](values, whole)


_LEAST, _MOST = -(2**63) + 1, 2**63 - 1
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
            passed = _compared(days.astype(np.int64), relations[relation], Decimal(day_of(on)))
        case DaysSince(n_days, more):
            age = day_of(today) - days.astype(np.int64)
            passed = age > n_days if more else (age >= 0) & (age < n_days)
        case AnniversaryWithin(n_days):
            return in_calendar(days, calendar_of_anniversaries(day_of(today), n_days))
        case InMonth(month):
            return in_calendar(days, calendar_of_month(month))
    known: Flags = days != NO_DAY
    return passed & known
