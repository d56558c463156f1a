"""The tenant's yardstick: what one person's value is compared with, made of everybody's values."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from services.insight.domain.genes.facts import I8, Flags

Values = NDArray[np.int64] | NDArray[np.float64]


@dataclass(frozen=True)
class Numbers:
    """Everybody's number; where `known` is false it is nothing. Money is an integer of 1/`scale`."""

    values: Values
    known: Flags
    scale: int = 1


@dataclass(frozen=True)
class Yardstick:
    """How the known values of a tenant lie: each that occurs, lowest first, and how many are at most that."""

    values: Values
    at_most: I8
    # Whole units (money: currency), to six digits; None without a value.
    mean: Decimal | None
    median: Decimal | None
    scale: int = 1

    @property
    def size(self) -> int:
        """How many people have a value."""
        return int(self.at_most[-1]) if self.at_most.size else 0

    def threshold(self, percent: Decimal, *, top: bool) -> float | int | None:
        """The lowest value of the highest `percent` (or highest of the lowest) people; None without people.

        In the unit of `values`; the number of people is rounded up.
        """
        wanted = math.ceil(self.size * percent / 100)
        if wanted <= 0:
            return None
        rank = self.size - min(wanted, self.size) + 1 if top else min(wanted, self.size)
        return self.nth(rank)

    def nth(self, rank: int) -> float | int:
        """The value of the person at this place, lowest first, from 1."""
        found: float | int = self.values[int(np.searchsorted(self.at_most, rank))].item()
        return found

    def level(self, of: str) -> Decimal | None:
        """The "mean" or the "median"."""
        return self.mean if of == "mean" else self.median

    def quantiles(self, shares: Sequence[float]) -> list[float | int]:
        """The lowest value that at least this share (0 to 1) of people do not exceed; [] without people."""
        if not self.size:
            return []
        return [self.nth(max(1, int(np.ceil(share * self.size)))) for share in shares]

    def percentiles(self, values: Values) -> NDArray[np.float64]:
        """For each value, 100 times the share of people whose value is at most that, to six digits."""
        return self.percent_at[np.searchsorted(self.values, values, side="right")]

    @cached_property
    def percent_at(self) -> NDArray[np.float64]:
        """The percentile of values below the lowest, then of each that occurs."""
        at_most = np.concatenate([[0], self.at_most])
        return np.rint(100.0 * at_most / max(self.size, 1) * 1e6) / 1e6


def yardstick(values: Values, scale: int = 1) -> Yardstick:
    """The yardstick of these known values."""
    ordered: Values = np.sort(values)  # type: ignore[assignment]
    ends = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True)) if ordered.size else np.zeros(0, int)
    there: Values = ordered[ends]
    return yardstick_of_counts(there, np.diff(ends + 1, prepend=0).astype(np.int64), scale)


def yardstick_of_counts(values: Values, people: I8, scale: int = 1) -> Yardstick:
    """Of different values, lowest first, and how many people have each."""
    if not values.size:
        return Yardstick(values, np.zeros(0, np.int64), None, None, scale)
    at_most = np.cumsum(people)
    size = int(at_most[-1])
    # Fractions have six digits at most: whole millionths add up exactly.
    whole = values if values.dtype == np.int64 else np.rint(values * 1e6).astype(np.int64)
    unit = scale if values.dtype == np.int64 else 1_000_000
    mean = _rounded(int((whole * people).sum()) / (unit * size))
    low, high = np.searchsorted(at_most, [(size - 1) // 2 + 1, size // 2 + 1])
    median = _rounded((int(whole[low]) + int(whole[high])) / (2 * unit))
    return Yardstick(values, at_most, mean, median, scale)


def _rounded(value: float) -> Decimal:
    """To six digits, and then the decimal that it is written as."""
    return Decimal(repr(round(value, 6)))


def yardstick_of(numbers: Numbers) -> Yardstick:
    return yardstick(numbers.values[numbers.known], numbers.scale)
