"""Takes from an event's payload what genes read from inside of it: lines, search terms, topics, clicks.

What is there but cannot be read is as if it were not there: details never keep an event from being stored.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from enum import IntEnum

import msgspec

from services.insight.domain.money import UnreadableAmount, amount, currency

REACH_CHANNELS = ("email", "sms", "line")
_REPORTS = frozenset({"order_completed", "order_updated"})
_CLICK_CHANNELS = {"email": "email", "e-mail": "email", "line": "line", "sms": "sms", "push": "push"}
# An event of 32 KB has no room for more that name a product each; empty ones must not be rows without end.
_MOST_LINES = 2_000
_ONE = Decimal(1)
_NONE = Decimal(0)
# A quantity is kept in 18 digits.
_MOST = Decimal(10) ** 14
_ABSENT = msgspec.Raw(b"")
# How much a search found, where its event does not say.
UNTOLD = -1
_MOST_RESULTS = 2**31 - 1
_NO_WORDS = (b"", b"null", b"true", b"false")


class Aspect(IntEnum):
    """What a detail is; the numbers of the table's enum."""

    ITEM = 1
    TERM = 2
    TOPIC = 3
    CLICKED = 4
    SOURCE = 5
    ORDER = 6


class Detail(msgspec.Struct, frozen=True):
    """One detail of an event; `discount` and `price` are None where the event names none.

    `currency` is "" where it names none; `results`, what a search found, is UNTOLD where it does not say.
    """

    aspect: Aspect
    product: str = ""
    category: str = ""
    brand: str = ""
    value: str = ""
    quantity: Decimal = _NONE
    price: Decimal | None = None
    discount: Decimal | None = None
    currency: str = ""
    results: int = UNTOLD


class _Line(msgspec.Struct):
    product_id: msgspec.Raw = _ABSENT
    productId: msgspec.Raw = _ABSENT
    sku: msgspec.Raw = _ABSENT
    item_id: msgspec.Raw = _ABSENT
    id: msgspec.Raw = _ABSENT
    category: msgspec.Raw = _ABSENT
    item_category: msgspec.Raw = _ABSENT
    item_category2: msgspec.Raw = _ABSENT
    item_category3: msgspec.Raw = _ABSENT
    item_category4: msgspec.Raw = _ABSENT
    item_category5: msgspec.Raw = _ABSENT
    brand: msgspec.Raw = _ABSENT
    item_brand: msgspec.Raw = _ABSENT
    quantity: msgspec.Raw = _ABSENT
    price: msgspec.Raw = _ABSENT
    discount: msgspec.Raw = _ABSENT
    currency: msgspec.Raw = _ABSENT
    name: msgspec.Raw = _ABSENT
    item_name: msgspec.Raw = _ABSENT


class _Lines(_Line):
    """Properties: a list of lines, or a line themselves."""

    products: msgspec.Raw = _ABSENT
    items: msgspec.Raw = _ABSENT


class _Words(msgspec.Struct):
    query: msgspec.Raw = _ABSENT
    search_term: msgspec.Raw = _ABSENT
    search_query: msgspec.Raw = _ABSENT
    q: msgspec.Raw = _ABSENT
    keyword: msgspec.Raw = _ABSENT
    results: msgspec.Raw = _ABSENT
    result_count: msgspec.Raw = _ABSENT
    results_count: msgspec.Raw = _ABSENT
    number_of_results: msgspec.Raw = _ABSENT
    total_results: msgspec.Raw = _ABSENT
    topics: msgspec.Raw = _ABSENT
    channel: msgspec.Raw = _ABSENT


class _Event(msgspec.Struct):
    properties: msgspec.Raw = _ABSENT
    context: msgspec.Raw = _ABSENT


_events = msgspec.json.Decoder(_Event)
_one_line = msgspec.json.Decoder(_Line)
_many_lines = msgspec.json.Decoder(_Lines)
_words = msgspec.json.Decoder(_Words)
_lists = msgspec.json.Decoder(list[msgspec.Raw])
_texts = msgspec.json.Decoder(str)


def details(name: str, payload: bytes) -> Sequence[Detail]:
    """What the event with that canonical name says; `payload` is a JSON object. Sources: see sources.py."""
    reading = _READING.get(name)
    if reading is None:
        return ()
    event = _events.decode(payload)
    return list(reading(name, event))


def name_of(product: str, payload: str) -> str:
    """What an event about products calls one of them; "" where it does not."""
    if not payload.startswith("{"):
        return ""
    said = _many_lines.decode(_object(_events.decode(payload.encode()).properties))
    listed = [*_list(said.products), *_list(said.items)]
    lines = [_one_line.decode(bytes(line)) for line in listed if _is_object(line)] or [said]
    own = (line for line in lines if _id(line) == product)
    return next((name for line in own if (name := _first(line.name, line.item_name))), "")


def reachable_bits(channels: Sequence[str]) -> int:
    """Bit i: reachable by REACH_CHANNELS[i]."""
    return sum(1 << bit for bit, channel in enumerate(REACH_CHANNELS) if channel in channels)


def _items(name: str, event: _Event) -> Iterator[Detail]:
    said = _many_lines.decode(_object(event.properties))
    lines = [bytes(line) for line in _list(said.products) if _is_object(line)]
    lines = lines or [bytes(line) for line in _list(said.items) if _is_object(line)]
    code = currency(_word(said.currency))
    for line in lines[:_MOST_LINES]:
        yield _item(_one_line.decode(line), code)
    if name in _REPORTS:
        discount = _amount(said.discount)
        if discount is not None:
            yield Detail(Aspect.ORDER, discount=discount)
    elif not lines:
        yield _item(said, code)


def _item(line: _Line, of_event: str) -> Detail:
    discount = _amount(line.discount)
    brand = _first(line.brand, line.item_brand)
    return Detail(
        Aspect.ITEM,
        product=_id(line),
        category=_category(line),
        brand=brand,
        quantity=_quantity(line.quantity),
        price=_amount(line.price),
        discount=discount,
        currency=currency(_word(line.currency)) or of_event,
    )


def _id(line: _Line) -> str:
    return _first(line.product_id, line.productId, line.sku, line.item_id, line.id)


def _category(line: _Line) -> str:
    path = _word(line.category)
    if not path:
        levels = (line.item_category, line.item_category2, line.item_category3, line.item_category4)
        path = ">".join(_word(level) for level in (*levels, line.item_category5))
    return " > ".join(part for part in map(str.strip, path.split(">")) if part) if ">" in path else path


def _quantity(raw: msgspec.Raw) -> Decimal:
    if raw is _ABSENT or bytes(raw) == b"1":
        return _ONE
    quantity = _amount(raw)
    if quantity is None or quantity >= _MOST:
        return _ONE
    return max(quantity, _NONE)


def _terms(name: str, event: _Event) -> Iterator[Detail]:
    said = _words.decode(_object(event.properties))
    sent = _first(said.query, said.search_term, said.search_query, said.q, said.keyword)
    if term := searched(sent):
        told = (said.results, said.result_count, said.results_count, said.number_of_results)
        found = (_results(raw) for raw in (*told, said.total_results))
        yield Detail(Aspect.TERM, value=term, results=next((n for n in found if n != UNTOLD), UNTOLD))


def _results(raw: msgspec.Raw) -> int:
    """A number, or a list of what was found."""
    if raw is not _ABSENT and bytes(raw).startswith(b"["):
        return len(_list(raw))
    number = _amount(raw)
    return UNTOLD if number is None or not 0 <= number <= _MOST_RESULTS else int(number)


def searched(text: str) -> str:
    """A search term as compared: NFKC, case folded, spaces collapsed."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _topics(name: str, event: _Event) -> Iterator[Detail]:
    sent = _words.decode(_object(event.properties)).topics
    words = [_word(one) for one in _list(sent)] or [part.strip() for part in _word(sent).split(",")]
    for topic in list(dict.fromkeys(words))[:_MOST_LINES]:
        if topic:
            yield Detail(Aspect.TOPIC, value=topic)


def _clicked(name: str, event: _Event) -> Iterator[Detail]:
    for place in (event.properties, event.context):
        sent = _word(_words.decode(_object(place)).channel).lower()
        if sent:
            if channel := _CLICK_CHANNELS.get(sent):
                yield Detail(Aspect.CLICKED, value=channel)
            return


_READING: dict[str, Callable[[str, _Event], Iterator[Detail]]] = {
    "product_viewed": _items,
    "product_added": _items,
    "product_removed": _items,
    "order_completed": _items,
    "order_updated": _items,
    "products_searched": _terms,
    "article_read": _topics,
    "message_clicked": _clicked,
}
DETAILED = frozenset(_READING)


def _object(raw: msgspec.Raw) -> bytes:
    return bytes(raw) if _is_object(raw) else b"{}"


def _is_object(raw: msgspec.Raw) -> bool:
    return bytes(raw).startswith(b"{")


def _list(raw: msgspec.Raw) -> Sequence[msgspec.Raw]:
    return _lists.decode(raw) if raw is not _ABSENT and bytes(raw).startswith(b"[") else ()


def _first(*raws: msgspec.Raw) -> str:
    for raw in raws:
        if raw is not _ABSENT and (word := _word(raw)):
            return word
    return ""


def _word(raw: msgspec.Raw) -> str:
    """A text or number as text; "" for anything else."""
    if raw is _ABSENT:
        return ""
    sent = bytes(raw)
    if sent in _NO_WORDS or sent[0] in b"[{":
        return ""
    if not sent.startswith(b'"'):
        return sent.decode()
    try:
        return _texts.decode(sent).strip()
    except UnicodeDecodeError:
        return ""


def _amount(raw: msgspec.Raw) -> Decimal | None:
    """None for what is no amount."""
    if raw is _ABSENT:
        return None
    text = _word(raw)
    try:
        return amount(text) if text else None
    except UnreadableAmount:
        return None
