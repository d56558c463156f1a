"""Local days, windows, anniversaries, and sums of days."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from services.insight.domain.genes import day_tables
from services.insight.domain.genes.calendar import (
    calendar_of_anniversaries,
    calendar_of_month,
    date_of,
    day_of,
    in_calendar,
    local_times,
    span,
)
from services.insight.domain.genes.compiled import compiled
from services.insight.domain.genes.day_tables import DayTable, visit_rows
from services.insight.domain.genes.facts import NO_DAY, NOTHING
from services.insight.domain.segments.tree import AllTime, Dates, DaysAgo, last_days

HOUR_MS = 3_600_000


def at(*moment: int) -> int:
    return round(datetime(*moment, tzinfo=UTC).timestamp() * 1000)  # type: ignore[misc, arg-type]


def test_a_local_day_follows_the_clock_as_it_changes() -> None:
    """Berlin 2026: summer time from 29 March 01:00 to 25 October 01:00 UTC."""
    since = np.array([at(2025, 10, 26, 1), at(2026, 3, 29, 1), at(2026, 10, 25, 1)])
    offset = np.array([HOUR_MS, 2 * HOUR_MS, HOUR_MS])
    before = [at(2026, 3, 28, 22, 59), at(2026, 3, 28, 23), at(2026, 3, 29, 1), NOTHING, at(2026, 7, 1, 22)]
    after = [at(2026, 10, 25, 0, 59), at(2026, 10, 25, 1), at(2026, 10, 25, 23), at(2020, 1, 1, 23, 30)]
    moments = np.array([*before, *after])
    days, hours = local_times(moments, since, offset)
    assert [None if day == NO_DAY else date_of(day).isoformat() for day in days.tolist()] == [
        "2026-03-28",
        "2026-03-29",
        "2026-03-29",
        None,
        "2026-07-02",
        "2026-10-25",
        "2026-10-25",
        "2026-10-26",
        "2020-01-02",
    ]
    assert hours.tolist() == [23, 0, 3, 0, 0, 2, 2, 0, 0]


def test_a_window_is_whole_local_days() -> None:
    today = day_of(date(2026, 11, 22))
    assert span(last_days(1), today) == (today, today)
    assert span(last_days(30), today) == (today - 29, today)
    assert span(DaysAgo(7, 3), today) == (today - 7, today - 3)
    assert span(Dates(date(2026, 1, 1), date(2026, 1, 31)), today) == (today - 325, today - 295)
    first, last = span(AllTime(), today)
    assert first < day_of(date(1900, 1, 1)) and last > day_of(date(2300, 1, 1))
    assert span(None, today) == (first, last)


@pytest.mark.parametrize(
    ("today", "within", "born", "expected"),
    [
        ("2026-02-28", 0, "1992-02-29", True),
        ("2028-02-28", 0, "1992-02-29", False),
        ("2028-02-28", 1, "1992-02-29", True),
        ("2028-02-29", 0, "1992-02-29", True),
        ("2026-12-30", 2, "1990-01-01", True),
        ("2026-12-30", 1, "1990-01-01", False),
        ("2026-11-22", 0, "2026-11-22", True),
        ("2026-11-22", 364, "1990-11-21", True),
        ("2026-11-22", 363, "1990-11-21", False),
    ],
)
def test_an_anniversary_comes_once_a_year(today: str, within: int, born: str, expected: bool) -> None:
    wanted = calendar_of_anniversaries(day_of(date.fromisoformat(today)), within)
    days = np.array([day_of(date.fromisoformat(born)), NO_DAY], np.int32)
    assert in_calendar(days, wanted).tolist() == [expected, False]


def test_every_day_of_four_centuries_lies_in_its_month() -> None:
    days = [date(1890, 1, 1) + timedelta(step) for step in range(0, 146_097, 11)]
    numbers = np.array([day_of(day) for day in days], np.int32)
    february = in_calendar(numbers, calendar_of_month(2))
    assert february.tolist() == [day.month == 2 for day in days]
    # Few people of far days are looked at one by one.
    assert in_calendar(numbers[[0, 5000, 3]], calendar_of_month(1)).tolist() == [
        days[0].month == 1,
        days[5000].month == 1,
        days[3].month == 1,
    ]


@pytest.mark.parametrize("rows_worth_a_mark", [1, 40, 1_000_000])
def test_any_window_is_the_sum_of_its_days(rows_worth_a_mark: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many sums are kept on the way."""
    monkeypatch.setattr(day_tables, "_ROWS_WORTH_A_MARK", rows_worth_a_mark)
    chance = np.random.default_rng(4)
    person, day = chance.integers(0, 7, 300).astype(np.uint32), chance.integers(90, 120, 300).astype(np.int32)
    some, money = chance.integers(0, 9, 300).astype(np.int32), chance.integers(-9, 9, 300) * 10**12
    table = DayTable.of(7, day, person, some=some, money=money)
    for first, last in [
        (90, 119),
        (0, 300),
        (95, 95),
        (118, 200),
        (90, 104),
        (91, 117),
        (120, 130),
        (100, 99),
    ]:
        inside = (day >= first) & (day <= last)
        for name, values in (("some", some), ("money", money)):
            expected = np.zeros(7, np.int64)
            np.add.at(expected, person[inside], values[inside])
            assert table.sums(name, first, last).tolist() == expected.tolist(), (first, last)
    assert table.total("some").sum() == some.sum()


def test_nobody_has_sums_of_nothing() -> None:
    empty = DayTable.of(3, np.zeros(0, np.int32), np.zeros(0, np.uint32), some=np.zeros(0, np.int32))
    assert empty.sums("some", 0, 10).tolist() == [0, 0, 0]


def test_a_session_ends_after_the_gap_and_belongs_to_the_day_of_its_start() -> None:
    minutes = np.array([0, 30, 61, 0, 5])
    person = np.array([0, 0, 0, 1, 1], np.uint32)
    page_view = np.array([True, False, True, True, True])
    day = np.array([1, 2, 2, 2, 2], np.int32)
    leads, page_views, sessions, length_ms, begins = visit_rows(
        person, minutes * 60_000, page_view, day, 30 * 60_000
    )
    assert leads.tolist() == [0, 1, 3]
    assert page_views.tolist() == [1, 1, 2]
    assert sessions.tolist() == [1, 1, 1]
    assert (length_ms // 60_000).tolist() == [30, 0, 5]
    assert begins.tolist() == [0, 2, 3]


def test_a_loop_that_cannot_be_kept_on_disk_is_compiled_all_the_same() -> None:
    """As where neither the checkout nor the account's cache can be written."""
    made: dict[str, Any] = {}
    exec("def twice(number):\n    return number * 2", made)  # of no file, so there is no place beside it
    assert compiled(made["twice"])(21) == 42
