"""Who has which value of a list gene: of each value its people and the days, for "contains" in any window."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from services.insight.domain.genes.compiled import compiled
from services.insight.domain.genes.day_tables import places_by
from services.insight.domain.genes.facts import I4, I8, NO_DAY, U4, Flags


@compiled
def _distinct(rows: U4, starts: I8, person: U4, day: I4) -> tuple[I8, U4, I4]:
    """Rows of each value without those that repeat person and day."""
    kept = np.empty(rows.size, np.uint32)
    begins = np.zeros(starts.size, np.int64)
    size = 0
    for value in range(starts.size - 1):
        begins[value] = size
        for i in range(starts[value], starts[value + 1]):
            row = rows[i]
            if size > begins[value]:
                before = kept[size - 1]
                if person[before] == person[row] and day[before] == day[row]:
                    continue
            kept[size] = row
            size += 1
    begins[-1] = size
    people = np.empty(size, np.uint32)
    days = np.empty(size, np.int32)
    for i in range(size):
        people[i] = person[kept[i]]
        days[i] = day[kept[i]]
    return begins, people, days


@compiled
def _newest(starts: I8, person: U4, day: I4) -> tuple[I8, U4, I4]:
    """The last row of each (value, person)."""
    begins = np.zeros(starts.size, np.int64)
    people = np.empty(person.size, np.uint32)
    days = np.empty(person.size, np.int32)
    size = 0
    for value in range(starts.size - 1):
        begins[value] = size
        end = starts[value + 1]
        for i in range(starts[value], end):
            if i + 1 < end and person[i + 1] == person[i]:
                continue
            people[size] = person[i]
            days[size] = day[i]
            size += 1
    begins[-1] = size
    return begins, people[:size].copy(), days[:size].copy()


@compiled
def latest(n_people: int, person: U4, day: I4) -> I4:
    """Everybody's last day; NO_DAY of those without any."""
    days = np.full(n_people, NO_DAY, np.int32)
    for i in range(person.size):
        if day[i] > days[person[i]]:
            days[person[i]] = day[i]
    return days


@compiled
def _mark(out: Flags, spans: I8, person: U4, day: I4, first: int, last: int) -> None:  # noqa: PLR0917 - a compiled loop takes columns, not objects
    """Sets whoever has a row of days `first` to `last` in the spans: begin, end, begin, end ..."""
    for pair in range(0, spans.size, 2):
        for i in range(spans[pair], spans[pair + 1]):
            # Without a branch: whether it is so is anybody's guess.
            out[person[i]] |= (first <= day[i]) & (day[i] <= last)


def spans_of(starts: I8, codes: Iterable[int]) -> I8:
    """Begin and end of each code's rows; codes that came later have none."""
    known = [code for code in codes if code + 1 < starts.size]
    return np.array([starts[code + end] for code in known for end in (0, 1)], np.int64)


@dataclass(frozen=True)
class Presence:
    """Distinct (value, person, day), sorted so; `day` is when somebody had the value.

    Value 0 is "not known" and is nobody's.
    """

    n_people: int
    starts: I8
    person: U4
    day: I4

    @classmethod
    def of(cls, n_people: int, n_values: int, value: I4, person: U4, day: I4) -> "Presence":
        """Of rows sorted by person, then day."""
        known = value != 0
        if not known.all():
            value, person, day = value[known], person[known], day[known]
        starts, rows = places_by(value, n_values)
        return cls(n_people, *_distinct(rows, starts, person, day))

    @cached_property
    def newest(self) -> "Presence":
        """The last day only of each (value, person): all that a window needs that ends with the facts."""
        return Presence(self.n_people, *_newest(self.starts, self.person, self.day))

    @cached_property
    def last_day(self) -> int:
        return int(self.day.max()) if self.day.size else NO_DAY

    @cached_property
    def _last_day_of_any(self) -> I4:
        return latest(self.n_people, self.newest.person, self.newest.day)

    def prepare(self) -> None:
        """Derive what windows need that end with the facts."""
        _ = self._last_day_of_any, self.last_day

    def having(self, codes: Iterable[int], first: int, last: int) -> Flags:
        """Who had any of the values on one of the days."""
        table = self.newest if last >= self.last_day else self
        out = np.zeros(self.n_people, np.bool_)
        _mark(out, spans_of(table.starts, codes), table.person, table.day, first, last)
        return out

    def anything(self, first: int, last: int) -> Flags:
        """Who had any value at all on one of the days."""
        if last >= self.last_day:
            days = self._last_day_of_any
            known: Flags = (days >= first) & (days != NO_DAY)
            return known
        out = np.zeros(self.n_people, np.bool_)
        _mark(out, np.array([0, self.person.size], np.int64), self.person, self.day, first, last)
        return out

    def codes_of(self, person: int, first: int, last: int) -> I8:
        """The values of one person on the days."""
        rows = np.flatnonzero((self.person == person) & (self.day >= first) & (self.day <= last))
        return np.unique(np.searchsorted(self.starts, rows, side="right") - 1)
