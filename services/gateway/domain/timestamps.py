"""When an event happened, as far as the sender's clock can be believed."""

from datetime import UTC, datetime

# ClickHouse DateTime64 begins here; nothing a shop knows happened earlier.
EARLIEST_MS = -2_208_988_800_000
FUTURE_LIMIT_MS = 24 * 3600 * 1000
# What lies between sending and receipt is mostly the network up to here, and a wrong clock beyond it.
# Correcting for the network would move midnight's events of an imported history to another day.
_TRUSTED_SKEW_MS = 5_000
# Numbers from here on are milliseconds since 1970, smaller ones seconds (this is 1973 or the year 5138).
_MILLISECONDS_FROM = 100_000_000_000


def milliseconds(text: str) -> int | None:
    """UTC milliseconds of an ISO 8601 text; without a zone it is UTC. None: unreadable."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = datetime.fromisoformat(text.strip().upper())
        except ValueError:
            return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def text_of_number(number: float) -> str:
    """The ISO text of seconds or milliseconds since 1970; the number itself where no calendar reaches."""
    seconds = number / 1000 if abs(number) >= _MILLISECONDS_FROM else number
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        return f"number {number}"


def clock_skew_ms(sent_at: str | None, received_at_ms: int) -> int:
    """What to add to the sender's times; 0 when `sent_at` is missing, unreadable or close enough."""
    sent_at_ms = milliseconds(sent_at) if sent_at else None
    if sent_at_ms is None:
        return 0
    skew_ms = received_at_ms - sent_at_ms
    return skew_ms if abs(skew_ms) > _TRUSTED_SKEW_MS else 0
