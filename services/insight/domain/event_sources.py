"""What arrived from one source, and how much is usual there at this hour of the week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WEEKS = 4
_WEEK, _HOUR = timedelta(days=7), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class EventSource:
    """Of one key, by receipt; `usual_hour` is None before it has sent for a week."""

    key_id: str
    last_received_at: datetime
    ten_minutes: int
    hour: int
    day: int
    usual_hour: float | None
    delay_p95_seconds: float | None


def usual(first_at: datetime, now: datetime, same_hours: Sequence[int]) -> float | None:
    """Mean of the same hour one, two, … weeks ago, leaving out hours that began before the source did.

    The same weekday, for nights and Sundays are quiet without anything being broken.
    """
    known = [
        events for weeks, events in enumerate(same_hours, start=1) if now - weeks * _WEEK - _HOUR >= first_at
    ]
    return sum(known) / len(known) if known else None
