"""How long somebody takes to buy again, and how long a tenant's buyers take from a first order on."""

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from services.insight.domain.genes.compiled import compiled
from services.insight.domain.genes.facts import I4, NO_DAY, U4, Flags

F8 = NDArray[np.float64]
_HALF = Fraction(1, 2)


@compiled
def order_rhythm(n_people: int, person: U4, day: I4) -> tuple[I4, I4, I4, F8]:
    """Of orders sorted by person and time: number of order days, first, second, and the median gap.

    Days that are not there are NO_DAY; the gap is of three days or more, else not a number.
    """
    n_days = np.zeros(n_people, np.int32)
    first = np.full(n_people, NO_DAY, np.int32)
    second = np.full(n_people, NO_DAY, np.int32)
    median = np.full(n_people, np.nan, np.float64)
    gaps = np.empty(person.size, np.int32)
    begin = 0
    while begin < person.size:
        who = person[begin]
        n_gaps = 0
        first[who] = day[begin]
        end = begin + 1
        while end < person.size and person[end] == who:
            if day[end] > day[end - 1]:
                gaps[n_gaps] = day[end] - day[end - 1]
                n_gaps += 1
                if n_gaps == 1:
                    second[who] = day[end]
            end += 1
        n_days[who] = n_gaps + 1
        if n_gaps >= 2:
            ordered = np.sort(gaps[:n_gaps])
            median[who] = (ordered[(n_gaps - 1) // 2] + ordered[n_gaps // 2]) / 2
        begin = end
    return n_days, first, second, median


def first_to_second(first: I4, second: I4, today: int) -> tuple[I4, Flags]:
    """Days from the first to the second order day of every buyer; those without a second wait until today."""
    buyers = first != NO_DAY
    again = second[buyers] != NO_DAY
    until = np.where(again, second[buyers], today)
    return (until - first[buyers]).astype(np.int32), again


def median_wait(days: I4, happened: Flags) -> int | None:
    """Kaplan and Meier's median: the first day by which half are estimated to have bought again.

    Nonparametric Estimation from Incomplete Observations, 1958. Exact, so that a half is a half. None where
    half never do.
    """
    if not happened.any():
        return None
    size = int(days.max()) + 1
    leaving = np.bincount(days, minlength=size)
    buying = np.bincount(days[happened], minlength=size)
    waiting = days.size - np.concatenate([[0], np.cumsum(leaving)[:-1]])
    surviving = Fraction(1)
    for day in np.flatnonzero(buying):
        surviving *= 1 - Fraction(int(buying[day]), int(waiting[day]))
        if surviving <= _HALF:
            return int(day)
    return None
