"""Hypothesis strategies of what happened to a small shop; gene_trees.py has segments to ask about it.

    @given(stories(), trees())
    def test_...(story, tree):
        evaluate(story.reference(), tree)

Times are chosen where they hurt: around local midnights, session gaps, changes of the clock, leap days and
the edges of windows. Arrival is shuffled, so that any event may be late.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from services.insight.domain.genes.facts import Rules
from services.insight.domain.money import Rate, Rates
from services.insight.evaluation import Moment
from tests.gene_reference import Announced, Event, History, Reference, Remap, Settings
from tests.gene_reference.history import ANONYMOUS_ID, BROWSER, SERVER, USER_ID

NIDS = (1, 2, 3, 4, 5, 6)
# The kind of an identifier never changes.
KIND_OF = {nid: USER_ID if nid in (1, 4) else ANONYMOUS_ID for nid in NIDS}
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


# --- what somebody does ------------------------------------------------------------------------------------


def _pick(*values: Any) -> SearchStrategy[Any]:
    return st.sampled_from(values)


@st.composite
def _line(draw: DrawFn, *, priced: bool) -> dict[str, Any]:
    """Of a product, as Segment or as GA4 has it; category and brand are often missing."""
    product = draw(_pick(*PRODUCTS))
    category, brand = PRODUCTS[product]
    said = draw(_pick(frozenset("cb"), frozenset("c"), frozenset(), frozenset("g")))
    line: dict[str, Any]
    if "g" in said:
        line = {"item_id": product, "item_brand": brand}
        names = ("item_category", "item_category2", "item_category3")
        line |= dict(zip(names, category.split(" > "), strict=False))
    else:
        line = {draw(_pick("product_id", "sku", "productId")): product}
        if "c" in said:
            line["category"] = category if draw(st.booleans()) else category.replace(" > ", ">")
        if "b" in said:
            line["brand"] = brand
    quantity = draw(_pick(None, None, 1, 2, "3", 0, -1))
    if quantity is not None:
        line["quantity"] = quantity
    if priced and draw(st.integers(0, 4)):
        line["price"] = draw(_pick(100, 80, "12.50", 9.99))
        if draw(st.booleans()):
            line["discount"] = draw(_pick(5, "2.5", 0))
    return line


@st.composite
def _product_act(draw: DrawFn) -> tuple[str, dict[str, Any]]:
    name = draw(
        _pick(
            "Product Viewed", "view_item", "Product Viewed", "Product Added", "add_to_cart", "Product Removed"
        )
    )
    shape = draw(_pick("itself", "itself", "products", "items"))
    if shape == "itself":
        return name, draw(_line(priced=False))
    return name, {shape: draw(st.lists(_line(priced=False), min_size=1, max_size=2))}


@st.composite
def _money(draw: DrawFn, lines: list[dict[str, Any]]) -> dict[str, Any]:
    said: dict[str, Any] = {"products": lines} if lines else {}
    way = draw(_pick("revenue", "revenue", "value", "total", "lines", "unreadable"))
    if way in ("revenue", "value"):
        said[way] = draw(_pick(100, 250, "99.99", 0, 10.1))
    if way == "total":
        said |= {"total": 115, "tax": "5", "shipping": 10}
    if way == "unreadable":
        said["revenue"] = "a lot"
    if draw(st.booleans()):
        said["discount"] = draw(_pick(10, "1.5"))
    currency = draw(_pick("", "", "TWD", "usd", "EUR", "JPY"))
    return said | ({"currency": currency} if currency else {})


@st.composite
def _order_act(draw: DrawFn) -> tuple[str, dict[str, Any]]:
    name = draw(
        _pick(
            *["Order Completed"] * 4,
            "purchase",
            "Order Updated",
            "Order Refunded",
            "refund",
            "Order Cancelled",
        )
    )
    order_id = draw(_pick("o1", "o2", "o3", "o4", "o5", "o6", "o7", ""))
    said: dict[str, Any] = (
        {draw(_pick("order_id", "transaction_id", "orderId")): order_id} if order_id else {}
    )
    if name == "Order Updated":
        said["status"] = draw(_pick("paid", "Picked-Up", "returned", "cancelled", "uncollected"))
    if name in ("Order Refunded", "refund"):
        amount = draw(_pick(None, 10, "50", 1000))
        currency = draw(_pick(None, None, "USD", "EUR"))
        said |= {"revenue": amount} if amount is not None else {}
        return name, said | ({"currency": currency} if currency else {})
    if name == "Order Cancelled":
        return name, said
    return name, said | draw(_money(draw(st.lists(_line(priced=True), max_size=2))))


@st.composite
def _word_act(draw: DrawFn) -> tuple[str, dict[str, Any]]:
    if draw(st.booleans()):
        sent = draw(_pick("Nike", "ＮＩＫＥ　air", " nike  Air ", "手機　殼", "Straße", "STRASSE", " ", ""))
        return draw(_pick("Products Searched", "search")), {draw(_pick("query", "search_term", "q")): sent}
    topics = draw(_pick(["Tea", " 咖啡 "], "Tea, wood", ["wood", ""], "", []))
    return "Article Read", {"topics": topics, "content_id": "c"}


_OTHER_ACTS = _pick(
    ("page", {}),
    ("page", {"path": "/a"}),
    ("screen", {}),
    ("page_view", {}),
    ("Signed Up", {}),
    ("Sign In", {}),
    ("Cart Viewed", {}),
    ("Message Opened", {"channel": "email"}),
    ("Message Clicked", {"channel": "E-Mail"}),
    ("Message Clicked", {"channel": "line"}),
    ("Message Clicked", {"channel": "fax"}),
    ("Recommendation Shown", {}),
    ("Promotion Viewed", {}),
    ("Quiz Finished", {"score": 3, "level": "hard"}),
    ("Quiz Finished", {"score": 7.5, "level": "easy", "lines": [{"tag": "a"}, {"tag": "b"}]}),
    ("identify", {}),
)
_CONTEXTS = _pick(
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
_FROM = _pick(
    {},
    {},
    {"campaign": {"source": "google", "medium": "cpc"}},
    {"campaign": {"source": "newsletter"}},
    {"page": {"url": "https://shop.example/a", "referrer": "https://shop.example/b"}},
    {"page": {"url": "https://shop.example/a", "referrer": "https://www.google.com/search?q=x"}},
    {"page": {"url": "https://shop.example/a", "referrer": "https://m.facebook.com/"}},
    {"page": {"url": "https://shop.example/a", "referrer": "https://blog.test/post"}},
)


@st.composite
def _traits(draw: DrawFn) -> dict[str, Any]:
    """Every name has one type; null takes a value away."""
    return draw(
        st.fixed_dictionaries(
            {},
            optional={
                "city": _pick(None, *CITIES),
                "points": _pick(None, 0, 12, 12.5, 300),
                "birthday": _pick("1992-02-29", "1990-03-01", "1985-11-20", "1970-12-31"),
                "vip": st.booleans(),
                "tags": _pick([], ["a"], ["a", "b"], ["c"]),
                # The same from everybody: which of two counts after a merge is not what is tested here.
                "createdAt": st.just("2025-06-01T15:59:59Z"),
            },
        )
    )


@st.composite
def _payloads(draw: DrawFn) -> dict[str, Any]:
    acts = _pick(_product_act(), _product_act(), _order_act(), _order_act(), _word_act(), _OTHER_ACTS)
    name, said = draw(draw(acts))
    context = draw(_CONTEXTS) | draw(_FROM)
    if name in ("page", "screen"):
        return {"type": name, "properties": said, "context": context}
    if name == "identify":
        return {"type": name, "traits": draw(_traits()), "context": context}
    return {"type": "track", "event": name, "properties": said, "context": context}


# --- when, by whom, in which order -------------------------------------------------------------------------


@st.composite
def _moments(draw: DrawFn, now_ms: int, zone: str) -> int:
    """Whole seconds up to now: so long after or before a local midnight, or so long before now."""
    seconds = draw(_pick(*_SECONDS) | st.integers(0, 86_400))
    age = draw(_pick(*_AGES) | st.integers(0, 500))
    if draw(st.booleans()):
        now = datetime.fromtimestamp(now_ms / 1000, UTC)
        today = now.astimezone(ZoneInfo(zone)).date()
        midnight = datetime.combine(today - timedelta(age), time(), ZoneInfo(zone)).timestamp()
        at = midnight + (seconds if draw(st.booleans()) else -seconds)
    else:
        at = now_ms // 1000 - age * 86_400 - seconds
    return min(round(at) * 1000, now_ms - 500)


@st.composite
def _settings(draw: DrawFn) -> Settings:
    rates = [
        Rate("USD", date(2020, 1, 1), Decimal("30.1234")),
        Rate("USD", date(2026, 11, 1), Decimal("32.5")),
        Rate("EUR", date(2026, 10, 1), Decimal("35")),
    ]
    rules = Rules(
        session_minutes=draw(_pick(30, 30, 10)),
        slowing_days=draw(_pick(7, 2)),
        loyal_orders=draw(_pick(5, 3)),
        price_after_discount=draw(st.booleans()),
    )
    return Settings(draw(_pick(*_ZONES)), Rates("TWD", rates), rules)


@st.composite
def _arrivals(draw: DrawFn, events: list[Event]) -> tuple[Event, ...]:
    """The events in any order, a few to a message. Every third place is left for other messages."""
    shuffled = draw(st.permutations(events))
    arrived, position, row = [], 1, 0
    for event in shuffled:
        arrived.append(replace(event, position=position, row=row, message_id=f"m{position}-{row}"))
        row += 1
        if draw(st.integers(0, 2)):
            position, row = position + 3, 0
    return tuple(arrived)


def _repeated(events: list[Event]) -> list[Event]:
    """An order that the browser reports, the server reports a minute later too."""
    return events + [
        replace(event, source=SERVER, at_ms=event.at_ms + 60_000)
        for index, event in enumerate(events)
        if event.name == "order_completed" and event.source == BROWSER and index % 3 == 0
    ]


@st.composite
def stories(draw: DrawFn, max_events: int = 25) -> Story:
    """Up to six identifiers of fewer people; `now` is half a second after the last moment that can be."""
    settings = draw(_settings())
    today, minutes = draw(_pick(*_TODAYS)), draw(_pick(0, 30, 90, 150, 190, 720, 1439))
    now_ms = round(
        (datetime.combine(today, time(), ZoneInfo(settings.zone)).timestamp() + minutes * 60) * 1000 + 500
    )
    nids = _pick(*NIDS[: draw(st.integers(1, len(NIDS)))])
    sent: list[Event] = []
    for _ in range(draw(st.just(max_events) | st.integers(0, max_events))):
        nid = draw(nids)
        at_ms = draw(_moments(now_ms, settings.zone))
        near = draw(st.booleans())
        if near and sent:
            # Not far from the one before: sessions, carts, things that follow each other.
            at_ms = min(sent[-1].at_ms + draw(_pick(*_SECONDS)) * 1000, now_ms - 500)
        source = draw(_pick(BROWSER, BROWSER, SERVER))
        sent.append(Event(nid, draw(_payloads()), at_ms, 0, nid_kind=KIND_OF[nid], source=source))
    # Where the category of a product changes, the newest event says what it is.
    moves = draw(st.booleans())
    if moves and sent:
        moved = {"type": "track", "event": "Product Viewed", "context": {"channel": "web"}}
        for category in ("Moved", "Moved > Again"):
            said = {"product_id": "p6", "category": category}
            sent.append(replace(draw(_pick(*sent)), payload=moved | {"properties": said}))
        sent.append(replace(draw(_pick(*sent)), payload=moved | {"properties": {"product_id": "p6"}}))
    sent = [
        replace(event, at_ms=min(event.at_ms, now_ms - 500), received_ms=now_ms) for event in _repeated(sent)
    ]
    events = draw(_arrivals(sent))
    last = max((event.position for event in events), default=1)
    history = History(
        events,
        draw(_remaps(last)),
        draw(_reachability(last)),
        draw(st.dictionaries(_pick(*NIDS), _moments(now_ms, settings.zone), max_size=1)),
        frozenset(draw(st.sets(_pick(*NIDS), max_size=1)) if draw(st.integers(0, 3)) == 0 else ()),
    )
    return Story(history, settings, now_ms)


@st.composite
def _remaps(draw: DrawFn, last: int) -> tuple[Remap, ...]:
    """Who belongs to whom, told between the events; a nid moves at most once in a message."""
    moves = draw(st.lists(st.tuples(st.integers(0, last // 3 + 1), _pick(*NIDS), _pick(*NIDS)), max_size=6))
    told = {(slot * 3 + 2, nid): profile for slot, nid, profile in moves}
    return tuple(Remap(place, nid, profile, KIND_OF[nid]) for (place, nid), profile in told.items())


@st.composite
def _reachability(draw: DrawFn, last: int) -> tuple[Announced, ...]:
    channels = st.frozensets(_pick("email", "sms", "line"))
    told = draw(st.dictionaries(st.tuples(st.integers(0, last // 3 + 1), _pick(*NIDS)), channels, max_size=4))
    return tuple(Announced(slot * 3 + 3, profile, chosen) for (slot, profile), chosen in told.items())
