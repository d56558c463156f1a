"""When somebody says to have joined: what a createdAt trait means."""

import json
from datetime import UTC, date, datetime, timedelta

from services.insight.domain.days import begins_at

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_LENGTH = len("2026-11-22")
# From here on a number is milliseconds: as seconds it would be the year 5138.
_MILLISECONDS_FROM = 10**11


def joined_at_ms(told: str, zone: str) -> int | None:
    """`told` is JSON: ISO text, or seconds or milliseconds since 1970. A day alone begins at local midnight.

    None for what says no moment, and for one that no clock shows.
    """
    value = json.loads(told)
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return int(value) if abs(value) >= _MILLISECONDS_FROM else int(value * 1000)
        if not isinstance(value, str):
            return None
        if len(value) == _DAY_LENGTH:
            at = begins_at(date.fromisoformat(value), zone)
        else:
            at = datetime.fromisoformat(value)
            at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return round((at.astimezone(UTC) - _EPOCH) / timedelta(milliseconds=1))
    except (ValueError, OverflowError):
        return None
