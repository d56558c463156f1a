"""How long what people did is kept, and what remains of it afterwards."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from services.insight.domain.days import begins_at

MAX_RETENTION_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class Retention:
    """`days` 0 keeps events for ever; the others say what remains of events that are deleted."""

    days: int = 0
    keep_first_seen: bool = True
    keep_orders: bool = True


def kept_since(retention: Retention, zone: str, now: datetime) -> datetime | None:
    """The beginning of the first local day that is kept whole; None where all are.

    With 30 days, today and the 30 days before it.
    """
    if not retention.days:
        return None
    today = now.astimezone(ZoneInfo(zone)).date()
    return begins_at(today - timedelta(retention.days), zone)
