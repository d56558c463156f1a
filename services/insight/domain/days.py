"""Local days of a time zone as spans of UTC, days of 23 and 25 hours included."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

MAX_DAYS = 800
_DEFAULT_DAYS = 30


class NoSuchRange(ValueError):
    """A range of days that nobody can mean."""


@lru_cache(1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def is_zone(name: str) -> bool:
    return name in _zones()


def begins_at(on: date, zone: str) -> datetime:
    """The first moment of a local day; where midnight is skipped, the moment it is skipped."""
    return datetime.combine(on, time(), ZoneInfo(zone)).astimezone(UTC)


def days(from_on: str, to_on: str, *, today: date) -> tuple[date, date]:
    """First and last day, both included; the last 30 days where neither is given. Raises NoSuchRange."""
    try:
        last = date.fromisoformat(to_on) if to_on else today
        first = date.fromisoformat(from_on) if from_on else last - timedelta(_DEFAULT_DAYS - 1)
    except (ValueError, OverflowError) as error:
        raise NoSuchRange("not an ISO date") from error
    if first > last:
        raise NoSuchRange("the first day is after the last")
    if (last - first).days >= MAX_DAYS:
        raise NoSuchRange("too many days")
    # One day of room for every zone at both ends of what a date column holds.
    if first < date(1900, 1, 2) or last > date(2299, 12, 30):
        raise NoSuchRange("outside the years 1900 to 2299")
    return first, last
