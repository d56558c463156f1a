"""Five people of a shop over four weeks, for reports that are counted by hand."""

import json
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.service.insight.installation import USER_ID, Sent

TAIPEI = ZoneInfo("Asia/Taipei")


def monday(weeks_ago: int) -> date:
    today = datetime.now(TAIPEI).date()
    return today - timedelta(today.weekday() + 7 * weeks_ago)


def noon(weeks_ago: int, days: int = 0, minutes: int = 0) -> datetime:
    at = datetime.combine(monday(weeks_ago) + timedelta(days), datetime.min.time(), TAIPEI)
    return at.astimezone(UTC) + timedelta(hours=12, minutes=minutes)


def page(nid: int, at: datetime, context: dict[str, Any], **said: Any) -> Sent:
    payload = {"type": "page", "properties": {}, "context": {"channel": "web", **context}}
    return Sent(nid, kind="page", at=at, payload=json.dumps(payload).encode(), **said)


def order(nid: int, at: datetime, revenue: int, **said: Any) -> Sent:
    properties = {"order_id": str(uuid.uuid4()), "revenue": revenue, "currency": "TWD"}
    return Sent(nid, "Order Completed", at=at, properties=properties, **said)


_ADS = {"campaign": {"source": "google", "medium": "cpc"}}
_SEARCH = {"page": {"url": "https://shop.tw/", "referrer": "https://www.google.com/"}}


def story() -> list[Sent]:
    """1: a member by an ad, orders three weeks ago, two weeks ago and now. 2: a guest by an ad, one order two
    days after. 3: a member who looked. 4: a visitor by search, now. 5: a member who ordered in the store, and
    looks now.
    """
    now = datetime.now(UTC)
    return [
        page(1, noon(3), _ADS, nid_kind=USER_ID),
        order(1, noon(3, minutes=10), 1000, nid_kind=USER_ID),
        order(1, noon(2), 500, nid_kind=USER_ID),
        order(1, now, 300, nid_kind=USER_ID),
        page(2, noon(2), _ADS),
        order(2, noon(2, days=2), 200),
        page(3, noon(1), {}, nid_kind=USER_ID),
        page(4, now, _SEARCH),
        order(5, noon(2), 400, nid_kind=USER_ID, channel="store"),
        page(5, now, {}, nid_kind=USER_ID),
    ]
