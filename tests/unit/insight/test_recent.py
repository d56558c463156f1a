"""Up to where answers are: young enough, and never before what a tenant was told."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from services.insight.domain.genes.facts import Rules
from services.insight.domain.money import Rates
from services.insight.evaluation import Moment
from services.insight.population import View
from services.insight.recent import Recent
from services.insight.store.events import Watermark
from services.insight.store.facts import Counting
from services.insight.store.queries.facts_scope import NEVER
from services.insight.writer import Passed

SHOP = "a shop"
COUNTING = Counting("Asia/Taipei", Rates("TWD", ()), Rules())
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


@dataclass
class Writing:
    """Blocks of one message each, written at given seconds."""

    clock: float = 0.0
    watermark: Watermark = field(default_factory=lambda: Watermark(0, None))
    passed: Passed = field(default_factory=Passed)
    last: int = 0

    def write(self, position: int, *, ours: bool = True) -> None:
        self.watermark = Watermark(position, NOON + timedelta(seconds=self.clock))
        self.passed.add(self.watermark, self.clock)
        self.last = position if ours else self.last

    def last_of(self, tenant_id: str) -> int:
        return self.last


@dataclass
class People:
    """One tenant's newest view, and whether another is being made."""

    view: View | None = None
    reading: bool = False
    begun: list[Moment] = field(default_factory=list)

    def newest_of(self, tenant_id: str) -> View | None:
        return self.view

    def is_reading(self, tenant_id: str) -> bool:
        return self.reading

    def begin(self, tenant_id: str, moment: Moment) -> None:
        self.begun.append(moment)


def view(position: int, made_at: float = 0.0, took_seconds: float = 0.1) -> View:
    began = int(np.iinfo(np.int64).min)
    return View((), position, 0, began, NEVER, COUNTING, made_at=made_at, took_seconds=took_seconds)


def recent_of(writing: Writing, people: People) -> Recent:
    return Recent(writing, people, clock=lambda: writing.clock)


def test_without_people_in_memory_answers_are_of_the_writers_place() -> None:
    writing = Writing()
    writing.write(7)
    assert recent_of(writing, People()).place(SHOP) == writing.watermark


def test_if_nothing_of_the_tenant_was_written_since_answers_are_of_the_writers_place() -> None:
    writing, people = Writing(), People(view(7))
    writing.write(7)
    writing.write(9, ours=False)
    assert recent_of(writing, people).place(SHOP).position == 9


def test_where_much_happens_the_newest_view_answers_as_of_what_it_knows() -> None:
    writing, people = Writing(clock=10.0), People(view(7, made_at=20.0))
    writing.write(7)
    writing.clock = 20.0
    writing.write(8)
    writing.clock = 20.9
    assert recent_of(writing, people).place(SHOP) == Watermark(7, NOON + timedelta(seconds=10))
    assert not people.begun


def test_a_view_that_is_a_second_behind_still_answers_while_the_next_is_made() -> None:
    writing, people = Writing(), People(view(7))
    writing.write(7)
    writing.write(8)
    writing.clock = 2.0
    assert recent_of(writing, people).place(SHOP).position == 7
    assert [moment.position for moment in people.begun] == [8]
    people.reading, writing.clock = True, 2.9
    assert recent_of(writing, people).place(SHOP).position == 7
    assert len(people.begun) == 1


def test_where_little_happens_answers_are_of_what_has_just_happened() -> None:
    writing, people = Writing(), People(view(7))
    writing.write(7)
    writing.clock = 60.0
    writing.write(8)
    assert recent_of(writing, people).place(SHOP).position == 8


def test_a_view_that_took_long_answers_longer_but_never_when_it_is_far_behind() -> None:
    writing, people = Writing(), People(view(7, took_seconds=20.0))
    writing.write(7)
    writing.write(8)
    for seconds, position in ((29.0, 7), (31.0, 8)):
        writing.clock = seconds
        assert recent_of(writing, people).place(SHOP).position == position


def test_what_a_tenant_was_told_is_in_every_later_answer() -> None:
    writing, people = Writing(), People(view(7))
    writing.write(7)
    writing.write(8)
    recent = recent_of(writing, people)
    assert recent.place(SHOP).position == 7
    assert recent.newest(SHOP).position == 8
    assert recent.place(SHOP).position == 8
    writing.write(9)
    people.view = view(8)
    assert recent.place(SHOP).position == 8


def test_a_place_is_told_with_the_moment_it_was_received() -> None:
    writing = Writing()
    writing.write(7)
    writing.write(9)
    recent = recent_of(writing, People())
    assert recent.reached(7) == Watermark(7, NOON)
    assert recent.reached(8) == Watermark(8, None)
