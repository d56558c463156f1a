"""When something that is done again and again is due."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.schedules import Timing, TimingNotValid, next_due

TAIPEI, BERLIN = "Asia/Taipei", "Europe/Berlin"
DAILY = Timing("day", 6)


def local(zone: str, *told: int) -> datetime:
    return datetime(*told, tzinfo=ZoneInfo(zone))  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("timing", "zone", "after", "due"),
    [
        (DAILY, TAIPEI, (2026, 11, 22, 5, 59), (2026, 11, 22, 6)),
        (DAILY, TAIPEI, (2026, 11, 22, 6), (2026, 11, 23, 6)),
        (Timing("week", 0, weekday=1), TAIPEI, (2026, 11, 22, 12), (2026, 11, 23, 0)),
        (Timing("month", 9, day_of_month=31), TAIPEI, (2026, 2, 3), (2026, 2, 28, 9)),
        (Timing("month", 9, day_of_month=31), TAIPEI, (2028, 2, 28, 9), (2028, 2, 29, 9)),
        (Timing("month", 9, day_of_month=1), TAIPEI, (2026, 12, 1, 9), (2027, 1, 1, 9)),
        # The night in which 02:00 becomes 03:00, and the one in which 03:00 becomes 02:00.
        (Timing("day", 2), BERLIN, (2026, 3, 28, 3), (2026, 3, 29, 3)),
        (Timing("day", 2), BERLIN, (2026, 3, 29, 3), (2026, 3, 30, 2)),
        (Timing("day", 2), BERLIN, (2026, 10, 24, 3), (2026, 10, 25, 2)),
        (Timing("day", 2), BERLIN, (2026, 10, 25, 2, 30), (2026, 10, 26, 2)),
    ],
)
def test_the_next_moment_is_of_the_tenants_clock(
    timing: Timing, zone: str, after: tuple[int, ...], due: tuple[int, ...]
) -> None:
    assert next_due(timing, zone, local(zone, *after)) == local(zone, *due).astimezone(UTC)


@given(
    st.integers(1_577_836_800, 2_208_988_800).map(lambda at: datetime.fromtimestamp(at, UTC)),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"]),
    st.integers(0, 23),
)
def test_every_local_day_has_one_moment(after: datetime, zone: str, hour: int) -> None:
    first = next_due(Timing("day", hour), zone, after)
    second = next_due(Timing("day", hour), zone, first)
    days = [moment.astimezone(ZoneInfo(zone)).date() for moment in (first, second)]
    assert first > after
    assert (days[1] - days[0]).days == 1


@pytest.mark.parametrize(
    "told",
    [
        ("year", 1, None, None),
        ("day", 24, None, None),
        ("week", 1, None, None),
        ("day", 1, 3, None),
        ("month", 1, None, None),
        ("week", 1, 1, 31),
    ],
)
def test_what_nobody_can_mean_is_refused(told: tuple[str, int, int | None, int | None]) -> None:
    with pytest.raises(TimingNotValid):
        Timing(*told)
