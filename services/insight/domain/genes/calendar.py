"""Local days and hours of a tenant: days as numbers since 1970-01-01, and windows as spans of them."""

from datetime import date, timedelta

import numpy as np

from services.insight.domain.genes.compiled import compiled
from services.insight.domain.genes.facts import I4, I8, NO_DAY, NOTHING, Flags, Zone
from services.insight.domain.segments.tree import Window, days_of

_EPOCH = date(1970, 1, 1)


@compiled
def local_times(at_ms: I8, since_ms: I8, offset_ms: I8) -> tuple[I4, I4]:
    """Local day and hour of each moment; NO_DAY and 0 of NOTHING."""
    days = np.empty(at_ms.size, np.int32)
    hours = np.zeros(at_ms.size, np.int32)
    place = 0
    for i in range(at_ms.size):
        moment = at_ms[i]
        if moment == NOTHING:
            days[i] = NO_DAY
            continue
        # Neighbours mostly lie between the same two changes of the clock.
        if moment < since_ms[place] or (place + 1 < since_ms.size and moment >= since_ms[place + 1]):
            place = max(0, np.searchsorted(since_ms, moment, side="right") - 1)
        local = moment + offset_ms[place]
        day = local // 86_400_000
        days[i] = day
        hours[i] = (local - day * 86_400_000) // 3_600_000
    return days, hours


def local_days(at_ms: I8, zone: Zone) -> I4:
    return local_times(at_ms, zone.since_ms, zone.offset_ms)[0]


def local_day(at_ms: int, zone: Zone) -> int:
    return int(local_days(np.array([at_ms], np.int64), zone)[0])


def date_of(day: int) -> date:
    return _EPOCH + timedelta(int(day))


def day_of(on: date) -> int:
    return (on - _EPOCH).days


def span(window: Window | None, today: int) -> tuple[int, int]:
    """First and last local day, both included; all days of a gene without a window."""
    if window is None:
        return day_of(date.min), day_of(date.max)
    first, last = days_of(window, date_of(today))
    return day_of(first), day_of(last)


def in_calendar(days: I4, wanted: Flags) -> Flags:
    """Whether the month and day of each day are wanted (at month * 32 + day); an unknown day is not."""
    first, last = _bounds(days)
    if last - first >= days.size:
        return _in_calendar(days, wanted)
    # Fewer days than people: each is looked up once.
    return _looked_up(days, first, _in_calendar(np.arange(first, last + 1, dtype=np.int32), wanted))


@compiled
def _bounds(days: I4) -> tuple[int, int]:
    """The first and the last known day; of none, two that are far apart."""
    first, last = 2**31, -(2**31)
    for day in days:
        if day != NO_DAY:
            first, last = min(first, day), max(last, day)
    return (first, last) if first <= last else (0, 2**31)


@compiled
def _looked_up(days: I4, first: int, answers: Flags) -> Flags:
    out = np.zeros(days.size, np.bool_)
    for i in range(days.size):
        if days[i] != NO_DAY:
            out[i] = answers[days[i] - first]
    return out


@compiled
def _in_calendar(days: I4, wanted: Flags) -> Flags:
    out = np.zeros(days.size, np.bool_)
    for i in range(days.size):
        if days[i] == NO_DAY:
            continue
        # Howard Hinnant's days to civil: years that begin in March, so that 29 February is their last day.
        shifted = days[i] + 719_468
        of_era = shifted - shifted // 146_097 * 146_097
        year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
        of_year = of_era - (365 * year + year // 4 - year // 100)
        counted = (5 * of_year + 2) // 153
        day = of_year - (153 * counted + 2) // 5 + 1
        month = counted + 3 if counted < 10 else counted - 9
        out[i] = wanted[month * 32 + day]
    return out


def calendar_of_month(month: int) -> Flags:
    wanted = np.zeros(13 * 32, np.bool_)
    wanted[month * 32 : month * 32 + 32] = True
    return wanted


def calendar_of_anniversaries(today: int, days: int) -> Flags:
    """Months and days whose anniversary is today or at most `days` days away."""
    wanted = np.zeros(13 * 32, np.bool_)
    for day in range(today, today + min(days, 366) + 1):
        on = date_of(day)
        wanted[on.month * 32 + on.day] = True
        if (on.month, on.day) == (2, 28) and (on + timedelta(1)).day == 1:
            wanted[2 * 32 + 29] = True
    return wanted
