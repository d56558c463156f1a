"""When something that is done again and again is due: whole hours of a tenant's zone."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EVERY = ("day", "week", "month")


class TimingNotValid(ValueError):
    """What nobody can mean."""


@dataclass(frozen=True, slots=True)
class Timing:
    """At `hour` o'clock of every day, a weekday (1 is Monday), or a day of the month (31 is the last)."""

    every: str
    hour: int
    weekday: int | None = None
    day_of_month: int | None = None

    def __post_init__(self) -> None:
        if self.every not in EVERY or not 0 <= self.hour <= 23:
            raise TimingNotValid("Every day, week or month, at an hour from 0 to 23.")
        if (self.weekday is not None) != (self.every == "week"):
            raise TimingNotValid("A weekly schedule has a weekday, and no other has one.")
        if (self.day_of_month is not None) != (self.every == "month"):
            raise TimingNotValid("A monthly schedule has a day of the month, and no other has one.")

    def falls_on(self, day: date) -> bool:
        if self.weekday is not None:
            return day.isoweekday() == self.weekday
        if self.day_of_month is not None:
            return day.day == min(self.day_of_month, calendar.monthrange(day.year, day.month)[1])
        return True


def next_due(timing: Timing, zone: str, after: datetime) -> datetime:
    """The first moment behind another one.

    An hour that a change of clocks leaves out is the moment behind it; one that comes twice is the first.
    """
    return next(moment for moment in _moments(timing, zone, after) if moment > after)


def _moments(timing: Timing, zone: str, after: datetime) -> Iterator[datetime]:
    day = after.astimezone(ZoneInfo(zone)).date() - timedelta(1)
    while True:
        day += timedelta(1)
        if timing.falls_on(day):
            # Of an hour that is left out, the moment behind the jump.
            yield datetime.combine(day, time(timing.hour), ZoneInfo(zone)).astimezone(UTC)
