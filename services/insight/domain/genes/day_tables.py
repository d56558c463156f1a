"""Counters by person and day, kept day by day, so that a window is a slice of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.insight.domain.genes.compiled import compiled
from services.insight.domain.genes.facts import I4, I8, U4, Acts, Flags

Counter = NDArray[np.int32] | NDArray[np.int64]


@compiled
def places_by(codes: I4, size: int) -> tuple[I8, U4]:
    """Where each code's rows begin (one more entry for the end), and the rows in the order of their codes.

    Rows of one code keep their order.
    """
    starts = np.zeros(size + 1, np.int64)
    for i in range(codes.size):
        starts[codes[i] + 1] += 1
    for code in range(size):
        starts[code + 1] += starts[code]
    free = starts[:-1].copy()
    rows = np.empty(codes.size, np.uint32)
    for i in range(codes.size):
        rows[free[codes[i]]] = i
        free[codes[i]] += 1
    return starts, rows


@compiled
def _add(total: I8, person: U4, counter: Counter, rows: I8, sign: int) -> None:
    """Adds the counters of rows `rows[0]` to `rows[1]`, and of the next such pairs."""
    for pair in range(0, rows.size, 2):
        for i in range(rows[pair], rows[pair + 1]):
            total[person[i]] += sign * counter[i]


@compiled
def visit_rows(person: U4, at_ms: I8, page_view: Flags, day: I4, gap_ms: int) -> tuple[I8, I4, I4, I8, U4]:
    """Days on which a person was active, and which acts begin a session.

    The answer: the first act of each (person, day), then their page views, sessions and milliseconds of
    sessions, then the first act of each session. A session belongs to the day of its first act.
    """
    n_rows = 0
    n_sessions = 0
    for i in range(person.size):
        same = i > 0 and person[i] == person[i - 1]
        n_rows += not (same and day[i] == day[i - 1])
        n_sessions += not (same and at_ms[i] - at_ms[i - 1] <= gap_ms)
    leads = np.empty(n_rows, np.int64)
    page_views = np.zeros(n_rows, np.int32)
    sessions = np.zeros(n_rows, np.int32)
    length_ms = np.zeros(n_rows, np.int64)
    begins = np.empty(n_sessions, np.uint32)
    row = -1
    session = -1
    session_row = -1
    for i in range(person.size):
        same = i > 0 and person[i] == person[i - 1]
        if not (same and day[i] == day[i - 1]):
            row += 1
            leads[row] = i
        page_views[row] += page_view[i]
        if same and at_ms[i] - at_ms[i - 1] <= gap_ms:
            length_ms[session_row] += at_ms[i] - at_ms[i - 1]
        else:
            session += 1
            begins[session] = i
            session_row = row
            sessions[row] += 1
    return leads, page_views, sessions, length_ms, begins


@dataclass(frozen=True)
class DayTable:
    """Rows of (person, counters), the days one after another."""

    first_day: int
    # Where each day's rows begin; one more entry for the end.
    starts: I8
    person: U4
    counters: Mapping[str, Counter]
    n_people: int
    _totals: dict[str, I8] = field(default_factory=dict)

    @classmethod
    def of(cls, n_people: int, day: I4, person: U4, **counters: Counter) -> "DayTable":
        if not day.size:
            return cls(0, np.zeros(1, np.int64), person, counters, n_people)
        first = int(day.min())
        starts, rows = places_by(day - np.int32(first), int(day.max()) - first + 1)
        sorted_counters = {name: counter[rows] for name, counter in counters.items()}
        return cls(first, starts, person[rows], sorted_counters, n_people)

    def sums(self, name: str, first: int, last: int) -> I8:
        """Everybody's sum over days `first` to `last`, both included."""
        n_days = self.starts.size - 1
        low = int(self.starts[min(max(first - self.first_day, 0), n_days)])
        high = int(self.starts[min(max(last + 1 - self.first_day, 0), n_days)])
        size = self.person.size
        if low >= high:
            return np.zeros(self.n_people, np.int64)
        if high - low == size:
            return self.total(name).copy()
        # The rows outside are fewer: what is not in the window is taken from the total.
        if 2 * (high - low) > size:
            return self._added(name, self.total(name).copy(), [0, low, high, size], -1)
        return self._added(name, np.zeros(self.n_people, np.int64), [low, high], 1)

    def total(self, name: str) -> I8:
        if name not in self._totals:
            zeros = np.zeros(self.n_people, np.int64)
            self._totals[name] = self._added(name, zeros, [0, self.person.size], 1)
        return self._totals[name]

    def _added(self, name: str, total: I8, rows: list[int], sign: int) -> I8:
        _add(total, self.person, self.counters[name], np.array(rows, np.int64), sign)
        return total


@dataclass(frozen=True)
class Visits:
    """Active days of everybody, and when their sessions began."""

    by_day: DayTable
    # The first act of each session: whose, its local day and hour.
    session_person: U4
    session_day: I4
    session_hour: I4

    @classmethod
    def of(cls, n_people: int, acts: Acts, day: I4, hour: I4, session_minutes: int) -> "Visits":
        leads, page_views, sessions, length_ms, begins = visit_rows(
            acts.person, acts.at_ms, acts.page_view, day, session_minutes * 60_000
        )
        by_day = DayTable.of(
            n_people,
            day[leads],
            acts.person[leads],
            active_days=np.ones(leads.size, np.int32),
            page_views=page_views,
            sessions=sessions,
            length_ms=length_ms,
        )
        return cls(by_day, acts.person[begins], day[begins], hour[begins])
