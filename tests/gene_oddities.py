"""Makes a story's payloads odd: what senders get wrong must be read alike by everybody who reads it."""

import json
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

from tests.gene_histories import Story
from tests.gene_reference import Event

# Field of a line -> what stands there instead, and how often.
_IN_LINES: dict[str, tuple[float, tuple[Any, ...]]] = {
    "quantity": (0.3, (0.5, "1.25", 0.3333, 3, 1_000_000, "x", None, True, "1,000")),
    "price": (0.3, (33.3333, "19.99", -5, 0, "abc", None, 1e9, "1,299.50", 0.00005)),
    "discount": (0.3, (-3, "x", 0.3333, 1000, None, "")),
    "category": (0.2, (5, " > ", "a>>b", " 服飾 ", "服飾>鞋>", None, "", ["x"], "A > B > C")),
    "brand": (0.2, (None, 7, " Acme ", "", True)),
    "product_id": (0.1, (7, 7.5, " p1 ", "", None, "P1", "長" * 50)),
}
_IN_ORDERS: dict[str, tuple[float, tuple[Any, ...]]] = {
    "discount": (0.2, (-5, "1,000", 0.3333, "x", None)),
    "revenue": (0.1, (-100, "1e3", 12345678.12345, "NaN", "", None, 33.33335)),
    "order_id": (0.1, (7, " o1 ", "", None, "o1", "O1")),
}
_QUERIES = ("ﬁne ＡＢＣ", "İstanbul", "ẞ", "Σίσυφος", "a\u3000b\n c\t", 123, None, "%_'\\")
_TOPICS: tuple[Any, ...] = ([1, "x", None, " y "], "a,,b , ,c", 7, {"a": 1}, ["dup", "dup"])
_PROPERTIES: tuple[Any, ...] = ([], "x", None, 5)
_CONTEXTS: tuple[Any, ...] = (
    {},
    {"channel": None},
    {"channel": "WEB "},
    {"channel": 5},
    {"channel": "web", "campaign": {"source": "Goo gle", "medium": ""}},
    {"channel": "web", "campaign": {"source": 5}},
    {"channel": "web", "campaign": "x"},
    {"channel": "web", "page": {"referrer": "https://www.bing.com/", "url": "https://bing.com/"}},
    {"channel": "web", "page": {"referrer": "android-app://com.x"}},
    {"channel": "web", "page": "x"},
)


def odd(story: Story, seed: int) -> Story:
    """The same seed makes the same story odd in the same ways."""
    random = Random(seed)
    events = tuple(_odd(event, random) for event in story.history.events)
    return replace(story, history=replace(story.history, events=events))


def _odd(event: Event, random: Random) -> Event:
    payload = json.loads(event.body)
    said = payload.get("properties")
    if isinstance(said, dict):
        for line in _lines(event, said):
            _spoil(line, _IN_LINES, random)
        if event.name.startswith("order"):
            _spoil(said, _IN_ORDERS, random)
        if event.name == "products_searched" and random.random() < 0.5:
            said["query"] = random.choice(_QUERIES)
        if event.name == "article_read" and random.random() < 0.5:
            said["topics"] = random.choice(_TOPICS)
        if random.random() < 0.02:
            payload["properties"] = random.choice(_PROPERTIES)
    if random.random() < 0.1:
        payload["context"] = random.choice(_CONTEXTS)
    return replace(event, payload=payload)


def _lines(event: Event, said: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name in ("products", "items"):
        yield from said.get(name, ())
    if event.name.startswith("product_"):
        yield said


def _spoil(said: dict[str, Any], fields: dict[str, tuple[float, tuple[Any, ...]]], random: Random) -> None:
    for field, (share, values) in fields.items():
        if random.random() < share:
            said[field] = random.choice(values)
