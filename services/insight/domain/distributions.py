"""How the values of a gene lie: buckets of close or equal values, natural breaks, mean and median."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Protocol

from services.insight.domain.catalogue import ValueType, Words

# A person's value: a number, a text, a day, a list's texts or a map's numbers; None is unknown.
Value = int | float | Decimal | str | date | Collection[str] | Mapping[str, float] | None
# Buckets end evenly below this share of the people; the last one holds the rest.
_TAIL = 0.99
_NICE_STEPS = (Decimal(1), Decimal(2), Decimal(5), Decimal(10))
_N_GROUPS = 4
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
        return _of_numbers(values, most)
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


def _of_numbers(values: Iterable[Value], most: int) -> Distribution:
    people: Counter[Decimal] = Counter()
    everybody = 0
    for value in values:
        everybody += 1
        if isinstance(value, int | float | Decimal):
            people[number_of(value)] += 1
    known = people.total()
    rising = sorted(people.items())
    if not known:
        return Distribution((), 0, everybody, everybody)
    total = sum((value * count for value, count in rising), Decimal(0))
    return Distribution(
        _number_buckets(rising, known, most),
        0,
        everybody - known,
        everybody,
        natural_breaks(rising),
        (total / known).quantize(_DIGITS).normalize(),
        _median(rising, known).quantize(_DIGITS).normalize(),
    )


def _number_buckets(rising: Sequence[tuple[Decimal, int]], known: int, most: int) -> list[Bucket]:
    if len(rising) <= most:
        return [Bucket(count, value, value) for value, count in rising]
    lowest = rising[0][0]
    step = _nice((_nth(rising, int((known - 1) * _TAIL)) - lowest) / max(1, most - 1))
    begin = (lowest // step) * step
    found: dict[int, Bucket] = {}
    for value, count in rising:
        index = min(int((value - begin) // step), most - 1)
        before = found.get(index)
        low = value if before is None else before.low
        found[index] = Bucket(count + (before.profiles if before else 0), low, value)
    return [found[index] for index in sorted(found)]


def _nice(step: Decimal) -> Decimal:
    """The least of 1, 2, 5, 10, 20 … (or their tenths) that is not below it."""
    if step <= 0:
        return Decimal(1)
    power = Decimal(10) ** step.adjusted()
    return next(power * nice for nice in _NICE_STEPS if power * nice >= step)


def _nth(rising: Sequence[tuple[Decimal, int]], index: int) -> Decimal:
    ends = list(accumulate(count for _, count in rising))
    return rising[bisect_right(ends, index)][0]


def _median(rising: Sequence[tuple[Decimal, int]], known: int) -> Decimal:
    return (_nth(rising, (known - 1) // 2) + _nth(rising, known // 2)) / 2


def natural_breaks(rising: Sequence[tuple[Decimal, int]], n_groups: int = _N_GROUPS) -> list[Decimal]:
    """Ends of all groups but the last, so that values differ least within groups (Fisher 1958, Jenks 1967).

    Of more than 200 different values every n-th is looked at.
    """
    values = list(rising[:: max(1, -(-len(rising) // 200))])
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
    """By month, or by year where there would be too many months."""
    people: Counter[date] = Counter()
    everybody = 0
    for value in values:
        everybody += 1
        if isinstance(value, date):
            people[value.replace(day=1)] += 1
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
        people.update(texts)
    if gene.choices is not None:
        shown = list(gene.choices)
    else:
        shown = [text for text, _ in sorted(people.items(), key=lambda one: (-one[1], one[0]))[:most]]
    among = frozenset(shown)
    known = sum(1 for texts in held if texts)
    told = sum(1 for texts in held if not among.isdisjoint(texts))
    buckets = [Bucket(people[text], value=text) for text in shown]
    return Distribution(buckets, known - told, len(held) - known, len(held))
