"""Moves a shop's history by whole weeks, so that weekdays stay true and its last week is the current one."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

WEEK = timedelta(weeks=1)


def weeks_until(now: datetime, last: datetime) -> int:
    """Most whole weeks `last` can move without passing `now`; both are wall-clock times of one zone."""
    return (now - last) // WEEK


def instant(wall_clock: datetime, weeks: int, zone: ZoneInfo) -> str:
    """UTC text of a moved wall-clock time.

    The wall clock moves, not the instant, so every row keeps its local day and hour across clock changes.
    """
    moved = (wall_clock + weeks * WEEK).replace(tzinfo=zone).astimezone(UTC)
    return moved.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moved.microsecond // 1000:03d}Z"
