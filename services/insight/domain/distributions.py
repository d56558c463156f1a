"""How the values of a gene lie: buckets of close or equal values, natural breaks, mean and median."""

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate, pairwise
from typing import Protocol

import numpy as np

from services.insight.domain.catalogue import ValueType, Words
from services.insight.domain.genes.yardsticks import Yardstick

# A person's value: a number, a text, a day, a list's texts or a map's numbers; None is unknown.
Value = int | float | Decimal | str | date | Collection[str] | Mapping[str, float] | None
# Buckets end evenly below this share of the people; the last one holds the rest.
_TAIL = 0.99
_NICE_STEPS = (Decimal(1), Decimal(2), Decimal(5), Decimal(10))
_N_GROUPS = 4
# Natural breaks are sought among so many values.
_LOOKED_AT = 200
_MILLIONTHS = 1_000_000
_DIGITS = Decimal("0.000001")
_NUMERIC = (ValueType.NUMBER, ValueType.MONEY, ValueType.RATIO)


@dataclass(frozen=True, slots=True)
class Bucket:
    """People whose values are close (`low` to `high`, both included and both occur), or equal (`value`)."""

    profiles: int
    low: Decimal | date | None = None
    high: Decimal | date | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Distribution:
    """Numbers and days rise; other values come most frequent first, or as the gene's choices are listed."""

    buckets: Sequence[Bucket]
    others: int
    unknown: int
    everybody: int
    # Numbers only: highest value of each group of close values but the last.
    breaks: Sequence[Decimal] = ()
    mean: Decimal | None = None
    median: Decimal | None = None


class Lying(Protocol):
    """What is asked of a gene whose values lie somehow."""

    @property
    def type(self) -> ValueType: ...

    @property
    def choices(self) -> Mapping[str, Words] | None:
        """Where only some values exist: each with its name, in order."""


def distribution(gene: Lying, values: Iterable[Value], most: int) -> Distribution:
    """Of everybody's values, in at most `most` buckets."""
    if gene.type in _NUMERIC:
        return _of_values(values, most)
    if gene.type is ValueType.DATE:
        return _of_days(values, most)
    return _of_texts(gene, values, most)


def placed(value: Value, buckets: Sequence[Bucket]) -> list[int]:
    """Indexes of the buckets that a value lies in; a list may lie in several."""
    if value is None or not buckets:
        return []
    if isinstance(value, int | float | Decimal):
        return _between(number_of(value), buckets)
    if isinstance(value, date):
        return _between(value, buckets)
    own = set(_texts(value))
    return [index for index, bucket in enumerate(buckets) if bucket.value in own]


def number_of(value: int | float | Decimal) -> Decimal:
    """Exactly as it was rounded: a float to its six digits."""
    return Decimal(repr(value)).quantize(_DIGITS).normalize() if isinstance(value, float) else Decimal(value)


def _between(value: Decimal | date, buckets: Sequence[Bucket]) -> list[int]:
    """A value that lay between two buckets, of another day, belongs to the lower one."""
    lows = [bucket.low for bucket in buckets if bucket.low is not None]
    return [max(0, bisect_right(lows, value) - 1)]


def _texts(value: Value) -> Collection[str]:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    return value if isinstance(value, Collection) else ()


# --- numbers -----------------------------------------------------------------------------------------------


class Rising(Protocol):
    """Different values, lowest first, and how many people have each."""

    @property
    def n_values(self) -> int: ...

    @property
    def people(self) -> int: ...

    def value(self, index: int) -> Decimal: ...

    def below(self, index: int) -> int:
        """How many people have one of the first `index` values."""

    def first_at_least(self, value: Decimal) -> int:
        """The index of the first value that is not below; behind the last where all are."""

    @property
    def mean(self) -> Decimal: ...


def of_numbers(rising: Rising, everybody: int, most: int) -> Distribution:
    """Of the known numbers of everybody."""
    if not rising.people:
        return Distribution((), 0, everybody, everybody)
    every = max(1, -(-rising.n_values // _LOOKED_AT))
    looked_at = range(0, rising.n_values, every)
    return Distribution(
        _number_buckets(rising, most),
        0,
        everybody - rising.people,
        everybody,
        natural_breaks([(rising.value(index), _count(rising, index)) for index in looked_at]),
        rising.mean.quantize(_DIGITS).normalize(),
        _median(rising).quantize(_DIGITS).normalize(),
    )


class _Sorted:
    """Numbers of any size and digits."""

    def __init__(self, people: Mapping[Decimal, int]) -> None:
        self._rising = sorted(people.items())
        self._at_most = list(accumulate(count for _, count in self._rising))

    @property
    def n_values(self) -> int:
        return len(self._rising)

    @property
    def people(self) -> int:
        return self._at_most[-1] if self._at_most else 0

    def value(self, index: int) -> Decimal:
        return self._rising[index][0]

    def below(self, index: int) -> int:
        return self._at_most[index - 1] if index else 0

    def first_at_least(self, value: Decimal) -> int:
        return bisect_left(self._rising, value, key=lambda one: one[0])

    @property
    def mean(self) -> Decimal:
        return sum((value * count for value, count in self._rising), Decimal(0)) / self.people


class LaidOut:
    """The same of a yardstick: of a million values none becomes an object of its own."""

    def __init__(self, laid: Yardstick) -> None:
        self._laid = laid
        whole = laid.values.dtype == np.int64
        self._unit = laid.scale if whole else _MILLIONTHS
        self._values = laid.values if whole else np.rint(laid.values * _MILLIONTHS).astype(np.int64)

    @property
    def n_values(self) -> int:
        return int(self._values.size)

    @property
    def people(self) -> int:
        return self._laid.size

    def value(self, index: int) -> Decimal:
        return (Decimal(int(self._values[index])) / self._unit).normalize()

    def below(self, index: int) -> int:
        return int(self._laid.at_most[index - 1]) if index else 0

    def first_at_least(self, value: Decimal) -> int:
        least = math.ceil(value * self._unit)
        return int(np.searchsorted(self._values, np.int64(min(least, 2**63 - 1))))

    @property
    def mean(self) -> Decimal:
        people = np.diff(self._laid.at_most, prepend=0)
        return Decimal(int((self._values * people).sum())) / (self._unit * self.people)


def _of_values(values: Iterable[Value], most: int) -> Distribution:
    people: Counter[Decimal] = Counter()
    everybody = 0
    for value in values:
        everybody += 1
        if isinstance(value, int | float | Decimal):
            people[number_of(value)] += 1
    return of_numbers(_Sorted(people), everybody, most)


def _count(rising: Rising, index: int) -> int:
    return rising.below(index + 1) - rising.below(index)


def _number_buckets(rising: Rising, most: int) -> list[Bucket]:
    n_values = rising.n_values
    if n_values <= most:
        ends = list(range(n_values + 1))
    else:
        lowest = rising.value(0)
        step = _nice((_nth(rising, int((rising.people - 1) * _TAIL)) - lowest) / max(1, most - 1))
        begin = (lowest // step) * step
        if begin > lowest:
            # Division of what is negative goes towards 0.
            begin -= step
        inner = (rising.first_at_least(begin + step * number) for number in range(1, most))
        ends = [0, *inner, n_values]
    return [
        Bucket(rising.below(end) - rising.below(first), rising.value(first), rising.value(end - 1))
        for first, end in pairwise(ends)
        if end > first
    ]


def _nice(step: Decimal) -> Decimal:
    """The least of 1, 2, 5, 10, 20 … (or their tenths) that is not below it."""
    if step <= 0:
        return Decimal(1)
    power = Decimal(10) ** step.adjusted()
    return next(power * nice for nice in _NICE_STEPS if power * nice >= step)


def _nth(rising: Rising, rank: int) -> Decimal:
    """The value of the person at this place, from 0."""
    low, high = 0, rising.n_values - 1
    while low < high:
        middle = (low + high) // 2
        if rising.below(middle + 1) > rank:
            high = middle
        else:
            low = middle + 1
    return rising.value(low)


def _median(rising: Rising) -> Decimal:
    return (_nth(rising, (rising.people - 1) // 2) + _nth(rising, rising.people // 2)) / 2


def natural_breaks(rising: Sequence[tuple[Decimal, int]], n_groups: int = _N_GROUPS) -> list[Decimal]:
    """Ends of all groups but the last, so that values differ least within groups (Fisher 1958, Jenks 1967).

    Of more values than some hundreds, give every n-th.
    """
    values = list(rising)
    n_values = len(values)
    if n_values <= n_groups:
        return [value for value, _ in values[:-1]]
    weight = [0.0, *accumulate(float(count) for _, count in values)]
    first = [0.0, *accumulate(float(value) * count for value, count in values)]
    second = [0.0, *accumulate(float(value) ** 2 * count for value, count in values)]

    def spread(begin: int, end: int) -> float:
        total = first[end] - first[begin]
        return second[end] - second[begin] - total * total / (weight[end] - weight[begin])

    least = [0.0] + [spread(0, end) for end in range(1, n_values + 1)]
    cuts: list[list[int]] = []
    for groups in range(2, n_groups + 1):
        best, cut = [0.0] * (n_values + 1), [0] * (n_values + 1)
        for end in range(groups, n_values + 1):
            best[end], cut[end] = min(
                (least[begin] + spread(begin, end), begin) for begin in range(groups - 1, end)
            )
        least = best
        cuts.append(cut)
    ends, end = list[int](), n_values
    for cut in reversed(cuts):
        end = cut[end]
        ends.append(end)
    return [values[end - 1][0] for end in reversed(ends)]


# --- days --------------------------------------------------------------------------------------------------


def _of_days(values: Iterable[Value], most: int) -> Distribution:
    days: Counter[date] = Counter()
    everybody = 0
    for value in values:
        everybody += 1
        if isinstance(value, date):
            days[value] += 1
    return of_days(days, everybody, most)


def of_days(days: Mapping[date, int], everybody: int, most: int) -> Distribution:
    """By month, or by year where there would be too many months."""
    people: Counter[date] = Counter()
    for day, count in days.items():
        people[day.replace(day=1)] += count
    if len(people) > most:
        years: Counter[date] = Counter()
        for month, count in people.items():
            years[month.replace(month=1)] += count
        newest = sorted(years.items())[-most:]
        buckets = [Bucket(count, on, on.replace(month=12, day=31)) for on, count in newest]
    else:
        buckets = [Bucket(count, on, _month_end(on)) for on, count in sorted(people.items())]
    shown = sum(bucket.profiles for bucket in buckets)
    known = people.total()
    return Distribution(buckets, known - shown, everybody - known, everybody)


def _month_end(on: date) -> date:
    return (on.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


# --- texts -------------------------------------------------------------------------------------------------


def _of_texts(gene: Lying, values: Iterable[Value], most: int) -> Distribution:
    people: Counter[str] = Counter()
    held = [_texts(value) for value in values]
    for texts in held:
        # Of a map its keys: the numbers there are no numbers of people.
        people.update(iter(texts))

    def having(shown: Collection[str]) -> int:
        among = frozenset(shown)
        return sum(1 for texts in held if not among.isdisjoint(texts))

    known = sum(1 for texts in held if texts)
    return of_texts(gene, people, having, (known, len(held)), most)


def of_texts(
    gene: Lying,
    people: Mapping[str, int],
    having: Callable[[Collection[str]], int],
    counted: tuple[int, int],
    most: int,
) -> Distribution:
    """`people` have each text, `having` says how many any of some; `counted`: with any at all, everybody."""
    known, everybody = counted
    if gene.choices is not None:
        shown = list(gene.choices)
    else:
        shown = [text for text, _ in sorted(people.items(), key=lambda one: (-one[1], one[0]))[:most]]
    buckets = [Bucket(people.get(text, 0), value=text) for text in shown]
    return Distribution(buckets, known - having(shown), everybody - known, everybody)
