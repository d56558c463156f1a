"""How many of each bucket of a gene's values went on to reach a goal."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from services.insight.domain.distributions import Distribution, placed
from services.insight.domain.genes.bits import ids
from services.insight.domain.genes.facts import U4

# All numbers have six digits at most.
_MILLIONTHS = 1_000_000


@dataclass(frozen=True, slots=True)
class Conversion:
    """Of one bucket: how many were in it before, and how many of them reached the goal since."""

    before: int
    converted: int


@dataclass(frozen=True)
class Numbers:
    """Known numbers of people, and whose they are."""

    whose: U4
    values: NDArray[np.float64]


def conversions(found: Distribution, before: Mapping[int, Any] | Numbers, since: BitMap) -> list[Conversion]:
    """By bucket of `found`; `before` are everybody's values of then, by profile id or as columns."""
    if isinstance(before, Numbers):
        return _of_numbers(found, before, since)
    counted = [[0, 0] for _ in found.buckets]
    for profile_id, value in before.items():
        for index in placed(value, found.buckets):
            counted[index][0] += 1
            counted[index][1] += profile_id in since
    return [Conversion(*one) for one in counted]


def _of_numbers(found: Distribution, before: Numbers, since: BitMap) -> list[Conversion]:
    """A value that lay between two buckets belongs to the lower one, as `placed` has it."""
    if not found.buckets:
        return []
    lows = [bucket.low for bucket in found.buckets]
    least = np.array([int(low * _MILLIONTHS) for low in lows if isinstance(low, Decimal)], np.int64)
    values = np.rint(before.values * _MILLIONTHS).astype(np.int64)
    places = np.maximum(np.searchsorted(least, values, side="right") - 1, 0)
    converted = places[np.isin(before.whose, ids(since))]
    size = len(found.buckets)
    pairs = zip(np.bincount(places, minlength=size), np.bincount(converted, minlength=size), strict=True)
    return [Conversion(int(one), int(other)) for one, other in pairs]
