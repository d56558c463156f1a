"""Load for fault tests: families share browsers, so that members collide, and some events are sent twice."""

import random
from base64 import b64encode
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from bench.client import Request
from bench.people import Fact
from bench.system import Tenant

HOUSEHOLDS = 3_000
BROWSERS, MEMBERS = 5, 3
MEMBER_SHARE = 0.3
ORDER_SHARE = 0.02
COPY_SHARE = 0.01
# Event times lie so far apart that no delay, taken for a wrong clock, puts two in another order.
SPACING_SECONDS = 240
# The overview takes 800 days.
SPAN_SECONDS = 700 * 86_400
FIRST_AT = 1_577_836_800  # 2020-01-01

Event = dict[str, Any]


class Households:
    """Requests of several tenants; what was acknowledged is remembered as facts."""

    def __init__(self, tenants: Sequence[Tenant], seed: int) -> None:
        self.rng = random.Random(seed)
        self._tenants = tenants
        self._sent = [0] * len(tenants)
        # Far from the order of sending, and each time once.
        self._order = list(range(SPAN_SECONDS // SPACING_SECONDS))
        self.rng.shuffle(self._order)
        self._recent: list[deque[Event]] = [deque(maxlen=5_000) for _ in tenants]
        self.copies = 0
        self.acknowledged: list[dict[str, Fact]] = [{} for _ in tenants]

    def next(self, size: int) -> Request:
        """A request of `size` new events, and now and then copies of earlier ones."""
        index = self.rng.randrange(len(self._tenants))
        events = [self._event(index) for _ in range(size)]
        recent = self._recent[index]
        for _ in range(size):
            if recent and self.rng.random() < COPY_SHARE:
                events.insert(self.rng.randrange(len(events) + 1), self.rng.choice(recent))
                self.copies += 1
        recent.extend(events)
        body = msgspec.json.encode({"batch": events, "sentAt": datetime.now(UTC).isoformat()})
        key = b64encode(f"{self._tenants[index].secret_key}:".encode()).decode()
        head = (
            f"POST /v1/batch HTTP/1.1\r\nHost: gateway\r\nAuthorization: Basic {key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return Request(head.encode() + body, len(events), index, tag=events)

    def acknowledge(self, request: Request) -> None:
        """Remember that the gateway took every event of this request."""
        events = request.tag
        assert isinstance(events, list)
        self.remember(request.tenant, events)

    def history(self, tenant: int, size: int) -> list[Event]:
        """Rows of a file: new events, and copies of some that were sent before."""
        events = [self._event(tenant) for _ in range(size)]
        copies = [event for event in self._recent[tenant] if self.rng.random() < COPY_SHARE * size / 5_000]
        self.copies += len(copies)
        return events + copies

    def remember(self, tenant: int, events: Sequence[Event]) -> None:
        """These are stored durably."""
        for event in events:
            self.acknowledged[tenant][event["messageId"]] = _fact(event)

    def _event(self, index: int) -> Event:
        rng = self.rng
        number = self._sent[index]
        self._sent[index] += 1
        at = FIRST_AT + self._order[number % len(self._order)] * SPACING_SECONDS
        household = min(int(rng.paretovariate(0.35)), HOUSEHOLDS) - 1
        event: Event = {
            "type": "track",
            "event": "Product Viewed",
            "messageId": f"{rng.getrandbits(64):016x}-{number}",
            "anonymousId": f"browser-{household}-{rng.randrange(BROWSERS)}",
            "timestamp": datetime.fromtimestamp(at, UTC).isoformat(),
            "properties": {"product_id": f"P{rng.randrange(1000)}", "price": 120, "category": "茶具"},
            "context": {"channel": "web", "userAgent": "Mozilla/5.0 (X11; Linux x86_64)"},
        }
        if rng.random() < MEMBER_SHARE:
            event["userId"] = f"member-{household}-{rng.randrange(MEMBERS)}"
        if rng.random() < ORDER_SHARE:
            revenue = Decimal(rng.randrange(1, 10**6)) / 100
            event["event"] = "Order Completed"
            event["properties"] = {"order_id": event["messageId"], "revenue": str(revenue)}
        return event


def _fact(event: Event) -> Fact:
    user_id = event.get("userId")
    return Fact(
        message_id=event["messageId"],
        at_ms=int(datetime.fromisoformat(event["timestamp"]).timestamp() * 1000),
        browser=f"a:{event['anonymousId']}",
        member=f"u:{user_id}" if user_id else "",
        revenue=Decimal(event["properties"].get("revenue", 0)),
    )
