"""Tests that compare with the tenant's other people: thresholds over all who have a value."""

import math
from collections.abc import Sequence
from decimal import Decimal
from itertools import repeat

from services.insight.domain.segments.tree import AgainstYardstick, Compare, Op, Share

# How many people have a value, by rising value.
Histogram = Sequence[tuple[Decimal, int]]


def compared(test: AgainstYardstick | Share, histogram: Histogram) -> Compare | None:
    """The same test against a number; None where it holds for nobody."""
    people = sum(count for _, count in histogram)
    if not people:
        return None
    if isinstance(test, AgainstYardstick):
        level = _mean(histogram, people) if test.of == "mean" else _median(histogram, people)
        return Compare(Op.GT if test.above else Op.LT, level)
    # As many as the share of those with a value, rounded up; whoever ties with the last of them is in.
    wanted = min(math.ceil(people * test.percent / 100), people)
    if wanted <= 0:
        return None
    if test.top:
        return Compare(Op.GE, _nth(histogram, people - wanted))
    return Compare(Op.LE, _nth(histogram, wanted - 1))


def _mean(histogram: Histogram, people: int) -> Decimal:
    total = math.fsum(number for value, count in histogram for number in repeat(float(value), count))
    return _rounded(total / people)


def _median(histogram: Histogram, people: int) -> Decimal:
    """Of an even number of values the mean of the middle two."""
    low, high = _nth(histogram, (people - 1) // 2), _nth(histogram, people // 2)
    return _rounded(float((low + high) / 2))


def _nth(histogram: Histogram, index: int) -> Decimal:
    for value, count in histogram:
        if index < count:
            return value
        index -= count
    raise IndexError(index)


def _rounded(number: float) -> Decimal:
    return Decimal(repr(round(number, 6)))
