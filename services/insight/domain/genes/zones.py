"""A time zone as its offsets, which compiled loops can read."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from services.insight.domain.genes.facts import Zone

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The moments an event may have, and the years in which somebody will ask.
_FIRST = datetime(1900, 1, 1, tzinfo=UTC)
_LAST = datetime(2100, 1, 1, tzinfo=UTC)
_STEP = timedelta(days=7)


@lru_cache(64)
def zone_of(name: str) -> Zone:
    """The offsets of an IANA zone from 1900 to 2100; earlier and later moments have the nearest one."""
    zone = ZoneInfo(name)
    found = [(_FIRST, _offset(_FIRST, zone))]
    low = _FIRST
    # No zone changes its clocks twice within a week and back.
    while low < _LAST:
        high = low + _STEP
        if _offset(high, zone) != found[-1][1]:
            found.append((_change(low, high, zone), _offset(high, zone)))
        low = high
    since = [round((at - _EPOCH) / timedelta(milliseconds=1)) for at, _ in found]
    offsets = [round(offset / timedelta(milliseconds=1)) for _, offset in found]
    return Zone(np.array(since, np.int64), np.array(offsets, np.int64))


def _change(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The first second with the offset of `high`."""
    before = _offset(low, zone)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        low, high = (middle, high) if _offset(middle, zone) == before else (low, middle)
    return high


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()
