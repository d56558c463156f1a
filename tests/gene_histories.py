"""Histories of shops: small ones from hypothesis, crowds by a seed.

    @given(stories(), trees())
    def test_...(story, tree):
        evaluate(story.reference(), tree)

    crowd(seed=1, nids=200, events=4_000).reference()

Times are chosen where they hurt: around local midnights, session gaps, changes of the clock, leap days and
the edges of windows. Arrival is shuffled, so that any event may be late. gene_trees.py has segments to ask.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from services.insight.domain.genes.facts import Rules
from services.insight.domain.money import Rate, Rates
from services.insight.domain.orders import Counts
from services.insight.evaluation import Moment
from tests.gene_reference import Announced, Event, History, Reference, Remap, Settings
from tests.gene_reference.history import ANONYMOUS_ID, BROWSER, SERVER, USER_ID

T = TypeVar("T")

PRODUCTS: dict[str, tuple[str, str]] = {
    "p1": ("服飾 > 鞋", "Acme"),
    "p2": ("服飾 > 鞋 > 跑鞋", "Ａcme"),
    "p3": ("服飾", ""),
    "p4": ("Food", "Ümlaut & Söhne"),
    # Nobody ever says what it is.
    "p5": ("", ""),
}
CATEGORIES = ("服飾", "服飾 > 鞋", "服飾 > 鞋 > 跑鞋", "Food", "Moved", "Moved > Again")
BRANDS = ("Acme", "Ａcme", "Ümlaut & Söhne")
# As they are kept: NFKC and casefolded.
TERMS = ("nike", "nike air", "手機 殼", "strasse")
TOPICS = ("Tea", "咖啡", "wood")
CITIES = ("台北市", "Taipei", "taipei")
_ZONES = ("Asia/Taipei", "Europe/Berlin", "America/New_York")
# Days on which something is special somewhere: today, clocks forward and back, leap days, new year.
_TODAYS = (
    date(2026, 11, 20),
    date(2026, 3, 29),
    date(2026, 3, 30),
    date(2026, 10, 25),
    date(2026, 11, 1),
    date(2026, 3, 8),
    date(2024, 2, 29),
    date(2024, 3, 1),
    date(2025, 2, 28),
    date(2026, 1, 1),
)
_AGES = (0, 0, 0, 1, 1, 2, 5, 6, 7, 13, 14, 29, 30, 31, 59, 60, 89, 90, 179, 300, 364, 365, 400, 729)
_SECONDS = (0, 1, 600, 1799, 1800, 1801, 3599, 3600, 3601, 43_200, 86_399)


class Chance(Protocol):
    """What decides where something may be one thing or another."""

    def one(self, *values: T) -> T: ...

    def between(self, low: int, high: int) -> int:
        """Both included."""


@dataclass(frozen=True)
class _Drawn:
    """Hypothesis decides, and can make a failing history small."""

    draw: DrawFn

    def one(self, *values: T) -> T:
        return self.draw(st.sampled_from(values))

    def between(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))


@dataclass(frozen=True)
class _Rolled:
    """A seed decides."""

    random: Random

    def one(self, *values: T) -> T:
        return self.random.choice(values)

    def between(self, low: int, high: int) -> int:
        return self.random.randint(low, high)


@dataclass(frozen=True)
class Story:
    """A history, whose it is, and when it is looked at."""

    history: History
    settings: Settings
    now_ms: int

    @property
    def moment(self) -> Moment:
        return Moment(self.history.position, self.now_ms)

    def reference(self) -> Reference:
        return Reference(self.history, self.settings, self.moment)


@st.composite
def stories(draw: DrawFn, max_events: int = 25) -> Story:
    """Up to six identifiers of fewer people."""
    chance = _Drawn(draw)
    return _story(chance, chance.between(1, 6), chance.one(max_events, chance.between(0, max_events)))


def crowd(seed: int, nids: int = 100, events: int = 2_000) -> Story:
    """As many identifiers as are asked for; the same seed tells the same story."""
    return _story(_Rolled(Random(seed)), nids, events)


def kind_of(nid: int) -> int:
    """The kind of an identifier never changes."""
    return USER_ID if nid % 3 == 1 else ANONYMOUS_ID


def _story(chance: Chance, nids: int, n_events: int) -> Story:
    """`now` is half a second after the last moment that can be."""
    settings = _settings(chance)
    today, minutes = chance.one(*_TODAYS), chance.one(0, 30, 90, 150, 190, 720, 1439)
    midnight = datetime.combine(today, time(), ZoneInfo(settings.zone)).timestamp()
    now_ms = round((midnight + minutes * 60) * 1000) + 500
    sent = _sent(chance, nids, n_events, (now_ms, settings.zone))
    received = [replace(event, at_ms=min(event.at_ms, now_ms - 500), received_ms=now_ms) for event in sent]
    events = _arrived(chance, received)
    last = max((event.position for event in events), default=1)
    first_seen, erased = chance.between(0, 2), chance.between(0, 7)
    history = History(
        events,
        _remaps(chance, nids, last),
        _reachability(chance, nids, last),
        {chance.between(1, nids): _moment(chance, now_ms, settings.zone)} if first_seen == 0 else {},
        frozenset({chance.between(1, nids)} if erased == 0 else ()),
    )
    return Story(history, settings, now_ms)


def _settings(chance: Chance) -> Settings:
    rates = [
        Rate("USD", date(2020, 1, 1), Decimal("30.1234")),
        Rate("USD", date(2026, 11, 1), Decimal("32.5")),
        Rate("EUR", date(2026, 10, 1), Decimal("35")),
    ]
    rules = Rules(
        session_minutes=chance.one(30, 30, 10),
        slowing_days=chance.one(7, 2),
        loyal_orders=chance.one(5, 3),
        price_after_discount=chance.one(True, False),
        order_counts=chance.one(Counts.PLACED, *Counts),
        return_days=chance.one(7, 1),
    )
    return Settings(chance.one(*_ZONES), Rates("TWD", rates), rules)


# --- who does what, and when -------------------------------------------------------------------------------


def _sent(chance: Chance, nids: int, n_events: int, now: tuple[int, str]) -> list[Event]:
    sent: list[Event] = []
    n_orders = max(7, nids * 2)
    for _ in range(n_events):
        nid, at_ms = chance.between(1, nids), _moment(chance, *now)
        near = chance.one(True, False)
        if near and sent:
            # Not far from the one before: sessions, carts, things that follow each other.
            at_ms = sent[-1].at_ms + chance.one(*_SECONDS) * 1000
            nid = chance.one(nid, sent[-1].nid)
        source = chance.one(BROWSER, BROWSER, SERVER)
        sent.append(Event(nid, _payload(chance, n_orders), at_ms, 0, nid_kind=kind_of(nid), source=source))
        if sent[-1].name == "order_completed" and source == BROWSER and chance.one(True, False):
            # The server reports it too, a minute later.
            sent.append(replace(sent[-1], source=SERVER, at_ms=at_ms + 60_000))
    moves = chance.one(True, False)
    if moves and sent:
        # Where the category of a product changes, the newest event says what it is.
        for said in ({"category": "Moved"}, {"category": "Moved > Again"}, {}):
            moved = _track("Product Viewed", {"product_id": "p6"} | said, {"channel": "web"})
            sent.append(replace(chance.one(*sent), payload=moved))
    return sent


def _moment(chance: Chance, now_ms: int, zone: str) -> int:
    """Whole seconds up to now: so long after or before a local midnight, or so long before now."""
    seconds = chance.one(*_SECONDS, chance.between(0, 86_400))
    age = chance.one(*_AGES, *[chance.between(0, 500)] * 12)
    way = chance.one("after", "before", "ago", "ago")
    if way == "ago":
        at = now_ms // 1000 - age * 86_400 - seconds
    else:
        today = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(ZoneInfo(zone)).date()
        midnight = datetime.combine(today - timedelta(age), time(), ZoneInfo(zone)).timestamp()
        at = round(midnight) + (seconds if way == "after" else -seconds)
    return min(at * 1000, now_ms - 500)


def _arrived(chance: Chance, events: list[Event]) -> tuple[Event, ...]:
    """The events in any order, a few to a message. Of three places two are left for other messages."""
    waiting, arrived, position, row = list(events), [], 1, 0
    while waiting:
        event = waiting.pop(chance.between(0, len(waiting) - 1))
        arrived.append(replace(event, position=position, row=row, message_id=f"m{position}-{row}"))
        row += 1
        if chance.between(0, 2):
            position, row = position + 3, 0
    return tuple(arrived)


def _remaps(chance: Chance, nids: int, last: int) -> tuple[Remap, ...]:
    """Who belongs to whom, told between the events; a nid moves at most once in a message."""
    told: dict[tuple[int, int], int] = {}
    for _ in range(chance.between(0, nids)):
        place = chance.between(0, last // 3 + 1) * 3 + 2
        told[place, chance.between(1, nids)] = chance.between(1, nids)
    return tuple(Remap(place, nid, profile, kind_of(nid)) for (place, nid), profile in told.items())


def _reachability(chance: Chance, nids: int, last: int) -> tuple[Announced, ...]:
    told: dict[tuple[int, int], frozenset[str]] = {}
    for _ in range(chance.between(0, nids)):
        place = chance.between(0, last // 3 + 1) * 3 + 3
        channels = chance.one((), ("email",), ("sms", "line"), ("email", "line"))
        told[place, chance.between(1, nids)] = frozenset(channels)
    return tuple(Announced(place, profile, channels) for (place, profile), channels in told.items())


# --- what is sent ------------------------------------------------------------------------------------------


def _track(name: str, said: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
    return {"type": "track", "event": name, "properties": said, "context": context}


def _payload(chance: Chance, n_orders: int) -> dict[str, Any]:
    context = chance.one(*_CONTEXTS) | chance.one(*_FROM)
    match chance.one("product", "product", "order", "order", "word", "other"):
        case "product":
            return _track(*_product_act(chance), context)
        case "order":
            return _track(*_order_act(chance, n_orders), context)
        case "word":
            return _track(*_word_act(chance), context)
    name, said = chance.one(*_OTHER_ACTS)
    if name in ("page", "screen"):
        return {"type": name, "properties": said, "context": context}
    if name == "identify":
        return {"type": name, "traits": _traits(chance), "context": context}
    return _track(name, said, context)


def _line(chance: Chance, *, priced: bool) -> dict[str, Any]:
    """Of a product, as Segment or as GA4 has it; category and brand are often missing."""
    product = chance.one(*PRODUCTS)
    category, brand = PRODUCTS[product]
    line: dict[str, Any]
    said = chance.one("all", "category", "nothing", "ga4")
    if said == "ga4":
        line = {"item_id": product, "item_brand": brand}
        names = ("item_category", "item_category2", "item_category3")
        line |= dict(zip(names, category.split(" > "), strict=False))
    else:
        line = {chance.one("product_id", "sku", "productId"): product}
        if said != "nothing":
            line["category"] = chance.one(category, category.replace(" > ", ">"))
        if said == "all":
            line["brand"] = brand
    quantity = chance.one(None, None, 1, 2, "3", 0, -1)
    if quantity is not None:
        line["quantity"] = quantity
    if priced and chance.between(0, 4):
        line["price"] = chance.one(100, 80, "12.50", 9.99)
        if chance.one(True, False):
            line["discount"] = chance.one(5, "2.5", 0)
    return line


def _product_act(chance: Chance) -> tuple[str, dict[str, Any]]:
    names = (
        "Product Viewed",
        "view_item",
        "Product Viewed",
        "Product Added",
        "add_to_cart",
        "Product Removed",
    )
    name, shape = chance.one("Product Viewed", *names), chance.one("itself", "itself", "products", "items")
    if shape == "itself":
        return name, _line(chance, priced=False)
    return name, {shape: [_line(chance, priced=False) for _ in range(chance.one(1, 2))]}


def _order_act(chance: Chance, n_orders: int) -> tuple[str, dict[str, Any]]:
    names = ("purchase", "Order Updated", "Order Refunded", "refund", "Order Cancelled")
    name = chance.one(*["Order Completed"] * 6, *names)
    said: dict[str, Any] = {}
    if chance.between(0, 9):
        key = chance.one("order_id", "transaction_id", "orderId")
        said[key] = f"o{chance.between(1, n_orders)}"
    if name == "Order Updated":
        coming = chance.one("paid", "shipped", "ready for pickup", "Picked-Up", "delivered")
        said["status"] = chance.one(coming, coming, "returned", "cancelled", "uncollected")
    if name in ("Order Refunded", "refund"):
        said["revenue"] = chance.one(None, 10, "50", 1000)
        said["currency"] = chance.one(None, None, "USD", "EUR")
    elif name != "Order Cancelled":
        said |= _money(chance)
    return name, {field: value for field, value in said.items() if value is not None}


def _money(chance: Chance) -> dict[str, Any]:
    lines = [_line(chance, priced=True) for _ in range(chance.one(0, 1, 2))]
    said: dict[str, Any] = {"products": lines} if lines else {}
    way = chance.one("revenue", "revenue", "value", "total", "lines", "unreadable")
    if way in ("revenue", "value"):
        said[way] = chance.one(100, 250, "99.99", 0, 10.1)
    if way == "total":
        said |= {"total": 115, "tax": "5", "shipping": 10}
    if way == "unreadable":
        said["revenue"] = "a lot"
    said["discount"] = chance.one(None, 10, "1.5")
    said["currency"] = chance.one(None, None, "TWD", "usd", "EUR", "JPY")
    return said


def _word_act(chance: Chance) -> tuple[str, dict[str, Any]]:
    if chance.one(True, False):
        sent = chance.one("Nike", "ＮＩＫＥ　air", " nike  Air ", "手機　殼", "Straße", "STRASSE", " ", "")
        return chance.one("Products Searched", "search"), {chance.one("query", "search_term", "q"): sent}
    topics: object = chance.one(["Tea", " 咖啡 "], "Tea, wood", ["wood", ""], "", [])
    return "Article Read", {"topics": topics, "content_id": "c"}


def _traits(chance: Chance) -> dict[str, Any]:
    """Every name has one type; null takes a value away."""
    told: dict[str, tuple[Any, ...]] = {
        "city": (None, *CITIES),
        "points": (None, 0, 12, 12.5, 300),
        "birthday": ("1992-02-29", "1990-03-01", "1985-11-20", "1970-12-31"),
        "vip": (True, False),
        "tags": ([], ["a"], ["a", "b"], ["c"]),
        # The same from everybody: which of two counts after a merge is not what is tested here.
        "createdAt": ("2025-06-01T15:59:59Z",),
    }
    return {name: chance.one(*values) for name, values in told.items() if chance.one(True, False)}


_OTHER_ACTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("page", {}),
    ("page", {"path": "/a"}),
    ("screen", {}),
    ("page_view", {}),
    ("Signed Up", {}),
    ("Sign In", {}),
    ("Message Opened", {"channel": "email"}),
    ("Message Clicked", {"channel": "E-Mail"}),
    ("Message Clicked", {"channel": "line"}),
    ("Message Clicked", {"channel": "fax"}),
    ("Recommendation Shown", {}),
    ("Promotion Viewed", {}),
    ("Quiz Finished", {"score": 3, "level": "hard"}),
    ("Quiz Finished", {"score": 7.5, "level": "easy", "lines": [{"tag": "a"}, {"tag": "b"}]}),
    ("identify", {}),
    ("identify", {}),
)
_CONTEXTS: tuple[dict[str, Any], ...] = (
    *[{"channel": "web"}] * 5,
    {"channel": "app"},
    {"library": {"name": "analytics.js"}},
    {"library": {"name": "analytics-ios"}},
    {"device": {"type": "android"}},
    {"channel": "store"},
    {"channel": "Marketplace"},
    {"channel": "call"},
    {"channel": "server"},
    {},
)
_OWN = "https://shop.example/a"
_FROM: tuple[dict[str, Any], ...] = (
    {},
    {},
    {"campaign": {"source": "google", "medium": "cpc"}},
    {"campaign": {"source": "newsletter"}},
    {"page": {"url": _OWN, "referrer": "https://shop.example/b"}},
    {"page": {"url": _OWN, "referrer": "https://www.google.com/search?q=x"}},
    {"page": {"url": _OWN, "referrer": "https://m.facebook.com/"}},
    {"page": {"url": _OWN, "referrer": "https://blog.test/post"}},
)
