"""Whether a source of events is well: it sends as much as usual, soon, and little of it is set aside."""

from dataclasses import dataclass
from typing import Literal

Health = Literal["waiting", "silent", "bad", "low", "late", "history", "well"]

# Fewer than these an hour come and go by chance: a square root of 25 is a fifth of it.
_MANY = 25
_HALF = 0.5
_BAD_SHARE = 0.05
_LATE_SECONDS = 3600.0
# Nothing that is collected live waits for so long: it is the past that is loaded.
_HISTORY_SECONDS = 14 * 86_400.0


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What came from one key; `bad` was set aside within the day and is not in the other figures."""

    hour: int = 0
    day: int = 0
    usual_hour: float | None = None
    delay_p95_seconds: float | None = None
    bad: int = 0
    # Whether anything came within the weeks that are looked at.
    ever: bool = False


def bad_share(arrivals: Arrivals) -> float | None:
    """Of what came within the day; None where nothing did."""
    received = arrivals.day + arrivals.bad
    return arrivals.bad / received if received else None


def health(arrivals: Arrivals) -> Health:
    """The worst that is true; with nothing usual to compare with, only silence of a whole day is one."""
    if not arrivals.ever and not arrivals.bad:
        return "waiting"
    usual = arrivals.usual_hour or 0.0
    expected = usual >= _MANY
    if (expected and not arrivals.hour) or not arrivals.day + arrivals.bad:
        return "silent"
    if (bad_share(arrivals) or 0.0) > _BAD_SHARE:
        return "bad"
    if expected and arrivals.hour < usual * _HALF:
        return "low"
    delay = arrivals.delay_p95_seconds or 0.0
    if delay > _HISTORY_SECONDS:
        return "history"
    return "late" if delay > _LATE_SECONDS else "well"
