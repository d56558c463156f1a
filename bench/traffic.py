"""The standard load: ready-made requests whose ids and times are patched in place, to cost little CPU.

3 tenants, 200,000 visitors drawn by Zipf's law, 10 % of events from new visitors, 2 % identifies, 0.1 %
merges (a new device that names a known member), events of about 1.2 KB.
"""

import random
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import msgspec
import numpy as np

from bench.client import Request

TENANTS = 3
VISITORS = 200_000 // TENANTS  # of each tenant
NEW_SHARE = 0.10
IDENTIFY_SHARE = 0.02
MERGE_SHARE = 0.001
TEMPLATES = 60
DRAWS = 1 << 19

# Placeholders of the same width as what replaces them.
MESSAGE_ID = "M" * 20
ANONYMOUS_ID = "A" * 12
USER_ID = "U" * 12
ORDER_ID = "O" * 12
TIMESTAMP = "T" * 24

_NAMES = (
    ("Product Viewed", 0.55),
    ("page", 0.25),
    ("Product Added", 0.08),
    ("Products Searched", 0.06),
    ("Checkout Started", 0.03),
    ("Product Clicked", 0.02),
    ("Order Completed", 0.01),
)
_AGENTS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 "
    "Safari/537.36",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile "
    "Safari/537.36",
)
_CATEGORIES = (
    "女裝 > 上衣 > 襯衫",
    "女裝 > 洋裝",
    "男裝 > 外套 > 羽絨",
    "居家 > 廚房 > 茶具",
    "禮品 > 節慶 > 聖誕",
)


@dataclass(slots=True)
class Template:
    """One request and where its parts go. `people` and `users` are per event; a user of -1 is none."""

    data: bytearray
    message_ids: list[int]
    people: list[int]
    users: list[int]
    times: list[int]
    orders: list[int]


class Traffic:
    """An endless supply of requests for one tenant."""

    def __init__(self, secret_key: str, tenant: int, batch: int, seed: int, path: str = "/v1/batch") -> None:
        self._tenant = tenant
        self._batch = batch
        rng = random.Random(seed)
        self._templates = [_template(rng, secret_key, batch, path) for _ in range(TEMPLATES)]
        self._people, self._merging = _draws()
        self._draw = rng.randrange(DRAWS)
        self._turn = 0
        # Message ids differ between runs against the same tenant.
        self._counter = (int(time.time()) & 0xFFFFFFFF) << 32 | tenant << 28
        self._run = b"%04x" % (seed & 0xFFFF)
        self._newest = VISITORS + random.Random(f"{time.time()} {seed}").randrange(10**10)
        self._stamp = b""
        self._stamped_at = 0.0

    def next(self, now: float) -> Request:
        """The next request; `now` is the wall clock in seconds."""
        template = self._templates[self._turn % TEMPLATES]
        self._turn += 1
        data = template.data
        if now - self._stamped_at > 0.02:
            self._stamped_at = now
            self._stamp = _timestamp(now)
        for at in template.times:
            data[at : at + 24] = self._stamp
        counter, run = self._counter, self._run
        for at in template.message_ids:
            data[at : at + 20] = run + b"%016x" % counter
            counter += 1
        for at in template.orders:
            data[at : at + 12] = b"%012x" % (counter & 0xFFFFFFFFFFFF)
            counter += 1
        self._counter = counter
        self._patch_people(template)
        return Request(bytes(data), self._batch, self._tenant)

    def _patch_people(self, template: Template) -> None:
        data, people, draw = template.data, self._people, self._draw
        for at, user_at in zip(template.people, template.users, strict=True):
            draw = (draw + 1) % DRAWS
            person = people[draw]
            if person < 0:
                self._newest += 1
                person = self._newest
            visitor = person
            if user_at >= 0 and self._merging[draw]:
                # A device seen for the first time lately turns out to be a known member's.
                visitor = self._newest
            data[at : at + 12] = b"a%011d" % visitor
            if user_at >= 0:
                data[user_at : user_at + 12] = b"m%011d" % person
        self._draw = draw


@cache
def _draws() -> tuple[list[int], list[bool]]:
    """A visitor (Zipf, exponent 1) or -1 for a new one; and whether an identify there is a merge."""
    rng = np.random.default_rng(20)
    weights = np.cumsum(1.0 / np.arange(1, VISITORS + 1))
    ranks = np.searchsorted(weights, rng.random(DRAWS) * weights[-1])
    people = rng.permutation(VISITORS)[ranks]
    people[rng.random(DRAWS) < NEW_SHARE] = -1
    merging = rng.random(DRAWS) < MERGE_SHARE / IDENTIFY_SHARE
    return people.tolist(), merging.tolist()


def _template(rng: random.Random, secret_key: str, batch: int, path: str) -> Template:
    events = [_event(rng) for _ in range(batch)]
    if path == "/v1/batch":
        body: dict[str, Any] = {"batch": events, "sentAt": TIMESTAMP}
    else:
        body = {**events[0], "sentAt": TIMESTAMP}
    encoded = msgspec.json.encode(body)
    target = path if path == "/v1/batch" else f"/v1/{body['type']}"
    head = (
        f"POST {target} HTTP/1.1\r\nHost: gateway\r\n"
        f"Authorization: Basic {b64encode(f'{secret_key}:'.encode()).decode()}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(encoded)}\r\n\r\n"
    )
    data = head.encode() + encoded
    people = list(_places(data, ANONYMOUS_ID))
    users = [data.find(USER_ID.encode(), at, at + 80) for at in people]
    return Template(
        bytearray(data),
        list(_places(data, MESSAGE_ID)),
        people,
        users,
        list(_places(data, TIMESTAMP)),
        list(_places(data, ORDER_ID)),
    )


def _places(data: bytes, placeholder: str) -> Iterator[int]:
    quoted = f'"{placeholder}"'.encode()
    at = data.find(quoted)
    while at >= 0:
        yield at + 1
        at = data.find(quoted, at + 1)


def _event(rng: random.Random) -> dict[str, Any]:
    if rng.random() < IDENTIFY_SHARE:
        return {
            "type": "identify",
            "messageId": MESSAGE_ID,
            "anonymousId": ANONYMOUS_ID,
            "userId": USER_ID,
            "timestamp": TIMESTAMP,
            "traits": {"city": rng.choice(("臺北市", "高雄市", "臺中市")), "gender": "f", "tier": "gold"},
            "context": _context(rng),
        }
    name = rng.choices([name for name, _ in _NAMES], [share for _, share in _NAMES])[0]
    return {
        "type": "page" if name == "page" else "track",
        **({"name": "Home"} if name == "page" else {"event": name}),
        "messageId": MESSAGE_ID,
        "anonymousId": ANONYMOUS_ID,
        "timestamp": TIMESTAMP,
        "properties": _properties(rng, name),
        "context": _context(rng),
    }


def _properties(rng: random.Random, name: str) -> dict[str, Any]:
    product = {
        "product_id": f"P{rng.randrange(10_000):05d}",
        "sku": f"SKU-{rng.randrange(10_000):05d}-{rng.choice('SML')}",
        "name": f"手工亞麻襯衫 Linen shirt {rng.randrange(10_000)}",
        "category": rng.choice(_CATEGORIES),
        "brand": rng.choice(("山丘", "Nordhem", "小日子")),
        "price": rng.randrange(100, 5000),
        "quantity": rng.randrange(1, 4),
        "currency": "TWD",
    }
    if name == "Order Completed":
        return {
            "order_id": ORDER_ID,
            "revenue": product["price"],
            "currency": "TWD",
            "products": [product],
        }
    if name == "Products Searched":
        return {"query": rng.choice(("襯衫", "茶具 禮盒", "聖誕 吊飾")), "results": rng.randrange(200)}
    number = product["product_id"]
    return {
        **product,
        "url": f"https://shop.example.com/products/{number}/linen-shirt-long-sleeve-natural",
        "image_url": f"https://images.shop.example.com/products/{number}/front-1200x1600.webp",
        "list": "autumn-new-arrivals",
        "position": rng.randrange(40),
    }


def _context(rng: random.Random) -> dict[str, Any]:
    page = f"https://shop.example.com/products/{rng.randrange(10_000)}?ref={rng.randrange(10**8)}"
    return {
        "channel": "web",
        "ip": f"203.0.113.{rng.randrange(255)}",
        "locale": "zh-TW",
        "timezone": "Asia/Taipei",
        "library": {"name": "analytics.js", "version": "2.11.1"},
        "userAgent": rng.choice(_AGENTS),
        "page": {
            "path": "/products/linen-shirt",
            "referrer": "https://www.google.com/",
            "search": "?ref=1",
            "title": "手工亞麻襯衫｜小日子選物",
            "url": page,
        },
        "campaign": {"name": "autumn-sale", "source": "newsletter", "medium": "email"},
        "screen": {"width": 1170, "height": 2532, "density": 3},
        "userAgentData": {
            "mobile": False,
            "platform": "Windows",
            "brands": [{"brand": "Chromium", "version": "141"}],
        },
        "sessionId": rng.randrange(10**12),
    }


def _timestamp(now: float) -> bytes:
    moment = datetime.fromtimestamp(now, UTC)
    return (moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z").encode()
