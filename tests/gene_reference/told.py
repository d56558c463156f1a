"""Events in a line of a test, and what the reference makes of them."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from services.insight.domain.segments.tree import last_days
from services.insight.evaluation import Moment
from tests.gene_reference.history import Event, History, Settings
from tests.gene_reference.reference import Reference

# Friday, 20 November 2026, 11:00 in Taipei.
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
_rows = itertools.count()


def did(name: str, ago: timedelta | datetime, nid: int = 1, **given: Any) -> Event:
    """An event on the web so long before NOW; `given` are fields of the event, all others are properties."""
    at = NOW - ago if isinstance(ago, timedelta) else ago
    kind = name if name in ("page", "screen", "identify") else "track"
    own = {field: given.pop(field) for field in ("nid_kind", "source", "position") if field in given}
    context = {"channel": "web"} | given.pop("context", {})
    payload = {"type": kind, "context": context, "traits": given.pop("traits", {}), "properties": given}
    payload |= {"event": name} if kind == "track" else {}
    row = next(_rows)
    fields: dict[str, Any] = {"position": 1, "row": row, "message_id": f"m{row}"} | own
    return Event(nid, payload, round(at.timestamp() * 1000), **fields)


def days(count: float) -> timedelta:
    return timedelta(count)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def of(*events: Event, settings: Settings | None = None, now: datetime = NOW, **given: Any) -> Reference:
    history = History(events, **given)
    moment = Moment(history.position, round(now.timestamp() * 1000))
    return Reference(history, settings or Settings(), moment)


def value(gene: str, *events: Event, window: int | None = None, **given: Any) -> Any:
    """Of person 1."""
    return of(*events, **given).value(gene, 1, last_days(window) if window else None)


def bought(order_id: str, ago: timedelta, revenue: object = 100, nid: int = 1, **given: Any) -> Event:
    return did("Order Completed", ago, nid, order_id=order_id, revenue=revenue, **given)
