"""Counters by person and day, kept day by day, so that a window is a slice of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.insight.domain.genes.compiled import compiled
from services.insight.domain.genes.facts import I4, I8, U4, Acts, Flags

# Of many rows sums are kept at so many places among them: a window is the difference of two, and the rows
# between these and its edges.
_MOST_MARKS = 8
_ROWS_WORTH_A_MARK = 500_000
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
def _add(sums: Counter, person: U4, counter: Counter, low: int, high: int) -> None:
    """Adds the counters of rows `low` to `high` to their people's sums; takes them away where high < low."""
    for i in range(low, high):
        sums[person[i]] += counter[i]
    for i in range(high, low):
        sums[person[i]] -= counter[i]


@compiled
def visit_rows(person: U4, at_ms: I8, page_view: Flags, day: I4, gap_ms: int) -> tuple[I8, I4, I4, I8, U4]:
    """Days on which a person was active, and which acts begin a session.

    The answer: the first act of each (person, day), then their page views, sessions and milliseconds of
    sessions, then the first act of each session. A session belongs to the day of its first act.
    Later acts are of no earlier day: since 2022 no zone's clock goes back over its midnight.
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
    # What `_marks` has made.
    _sums: dict[str, tuple[I8, list[Counter]]] = field(default_factory=dict)

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
        marks, sums = self._marks(name)
        begin, end = (int(np.abs(marks - row).argmin()) for row in (low, high))
        if high - low <= abs(low - marks[begin]) + abs(high - marks[end]):
            return self._added(name, np.zeros(self.n_people, np.int64), low, high)
        found = np.subtract(sums[end], sums[begin], dtype=np.int64)
        self._added(name, found, low, int(marks[begin]))
        return self._added(name, found, int(marks[end]), high)

    def total(self, name: str) -> I8:
        """Everybody's sum over all days."""
        return self._marks(name)[1][-1].astype(np.int64)

    def prepare_as(self, other: "DayTable") -> None:
        """Make the sums that the other has."""
        for name in list(other._sums):
            self._marks(name)

    def _marks(self, name: str) -> tuple[I8, list[Counter]]:
        """Some rows, the first and the end among them, and everybody's sums of the rows before each."""
        if name not in self._sums:
            # A mark that spares fewer rows than there are people costs more than it saves.
            n_marks = min(_MOST_MARKS, 1 + self.person.size // max(_ROWS_WORTH_A_MARK, self.n_people))
            marks = np.arange(n_marks + 1) * self.person.size // n_marks
            sums = np.zeros((n_marks + 1, self.n_people), self.counters[name].dtype)
            for mark in range(n_marks):
                sums[mark + 1] = sums[mark]
                _add(sums[mark + 1], self.person, self.counters[name], int(marks[mark]), int(marks[mark + 1]))
            self._sums[name] = marks, list(sums)
        return self._sums[name]

    def _added(self, name: str, sums: I8, low: int, high: int) -> I8:
        """With rows `low` to `high`, or without them where that is backwards."""
        _add(sums, self.person, self.counters[name], low, high)
        return sums


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
