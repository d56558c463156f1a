"""Where people came from and what became of them: sums by source."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from services.insight.domain.genes.facts import I8, U4, UNIT, Flags


@dataclass(frozen=True, slots=True)
class Came:
    """Rows of (profile, source, visits in the window); sources are codes of `texts`, 0 is unknown."""

    profile_id: U4
    source: U4
    visits: I8
    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Bought:
    """One row a profile, of the window: orders, revenue (of 1/10,000), whether they became a member."""

    profile_id: U4
    orders: I8
    revenue: I8
    joined: Flags


@dataclass(frozen=True, slots=True)
class Sums:
    """Of one source, or of all."""

    visits: int = 0
    visitors: int = 0
    new_members: int = 0
    buyers: int = 0
    orders: int = 0
    revenue: Decimal = Decimal(0)

    @property
    def is_nothing(self) -> bool:
        return not (self.visits or self.new_members or self.buyers or self.orders or self.revenue)


def sums_by_source(came: Came, bought: Bought) -> dict[str, Sums]:
    """Of each source in which anything happened; "" is of people whose source is unknown."""
    size = len(came.texts)
    visits, visitors = np.zeros(size, np.int64), np.zeros(size, np.int64)
    np.add.at(visits, came.source, came.visits)
    np.add.at(visitors, came.source, came.visits > 0)
    of_rows = _rows_of(came.profile_id, bought.profile_id)
    known = of_rows >= 0
    source, rows = came.source[known], of_rows[known]
    found = []
    for values in (bought.joined, bought.orders > 0, bought.orders, bought.revenue):
        counted = np.zeros(size, np.int64)
        np.add.at(counted, source, values[rows])
        found.append(counted)
    answer = {}
    for code in range(size):
        joined, buyers, orders, units = (int(one[code]) for one in found)
        one = Sums(int(visits[code]), int(visitors[code]), joined, buyers, orders, Decimal(units) / UNIT)
        if not one.is_nothing:
            answer[came.texts[code]] = one
    return answer


def with_all(came: Came, bought: Bought) -> Came:
    """With whoever bought or joined and has no source at all."""
    if np.array_equal(came.profile_id, bought.profile_id):
        return came
    missing = np.setdiff1d(bought.profile_id, came.profile_id)
    return Came(
        np.concatenate([came.profile_id, missing]),
        np.concatenate([came.source, np.zeros(missing.size, np.uint32)]),
        np.concatenate([came.visits, np.zeros(missing.size, np.int64)]),
        came.texts,
    )


def sums_of_all(came: Came, bought: Bought) -> Sums:
    """Each person once, through however many sources they came."""
    profiles = np.unique(came.profile_id)
    once = Came(profiles, np.zeros(profiles.size, np.uint32), np.zeros(profiles.size, np.int64), ("",))
    found = sums_by_source(once, bought).get("", Sums())
    return Sums(
        int(came.visits.sum()),
        int(np.unique(came.profile_id[came.visits > 0]).size),
        found.new_members,
        found.buyers,
        found.orders,
        found.revenue,
    )


def _rows_of(wanted: U4, profiles: U4) -> I8:
    """Where each wanted profile is among others, -1 for who is not; the others may be in any order."""
    if not profiles.size:
        return np.full(wanted.size, -1, np.int64)
    if np.array_equal(wanted, profiles):
        # So it is in memory, and millions need not be sorted.
        return np.arange(wanted.size)
    order = np.argsort(profiles, kind="stable")
    places = np.minimum(np.searchsorted(profiles, wanted, sorter=order), profiles.size - 1)
    rows = order[places]
    return np.where(profiles[rows] == wanted, rows, -1)
