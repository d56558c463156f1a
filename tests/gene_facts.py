"""Facts as the kernels read them, made of a reference's people: what population.py would have read."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from services.insight.domain.days import begins_at
from services.insight.domain.events import _NOT_AN_ACT
from services.insight.domain.genes.facts import (
    NOTHING,
    UNIT,
    Acts,
    Facts,
    ItemAct,
    Items,
    Orders,
    People,
    WordKind,
    Words,
    Zone,
)
from tests.gene_reference.person import Person
from tests.gene_reference.readings import clicked, lines, term, topics
from tests.gene_reference.reference import Reference

CHANNELS = ("email", "sms", "line")
_FIRST, _LAST = datetime(2019, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
_ACTS = {
    "product_viewed": ItemAct.VIEWED,
    "product_added": ItemAct.ADDED,
    "product_removed": ItemAct.REMOVED,
}


class _Texts:
    def __init__(self) -> None:
        self.texts = [""]

    def code(self, text: str) -> int:
        if text not in self.texts:
            self.texts.append(text)
        return self.texts.index(text)


def facts_of(reference: Reference) -> Facts:
    """Facts of everybody, in the order of their profile ids."""
    people = [person for _, person in sorted(reference.people.items())]
    words, sources, products, categories, brands = (_Texts() for _ in range(5))
    dictionaries = (products, categories, brands)
    acts: list[Sequence[Any]] = []
    items: list[Sequence[Any]] = []
    orders: list[Sequence[Any]] = []
    said: list[Sequence[Any]] = []
    for index, person in enumerate(people):
        visits = person.visits()
        acts += [(index, event.happened_ms, event.name in ("page", "screen")) for event in visits]
        for at_ms, act, told, quantity, leads in _items(person):
            codes = [texts.code(text) for texts, text in zip(dictionaries, told, strict=True)]
            items.append((index, at_ms, act, *codes, quantity, leads))
        for one in sorted(person.purchases, key=lambda one: one.at_ms):
            money = map(_units, (one.revenue, one.discount, one.list_value))
            if one.counts:
                orders.append((index, one.at_ms, one.is_order, *money))
        said += [(index, at_ms, kind, words.code(text)) for at_ms, kind, text in _words(person)]
    for product in reference.dictionary.categories:
        products.code(product)
    known = [categories.code(reference.dictionary.categories.get(one, "")) for one in products.texts]
    return Facts(
        People(
            _column([person.profile_id for person in people], np.uint32),
            _column([person.member for person in people], np.bool_),
            _column([_first_ms(person) for person in people], np.int64),
            _column([_member_since_ms(person) for person in people], np.int64),
            _column([sources.code(person.first_source() or "") for person in people], np.uint32),
            _column([_reach(person) for person in people], np.uint16),
        ),
        Acts(*_columns(acts, np.uint32, np.int64, np.bool_)),
        Items(
            *_columns(
                items, np.uint32, np.int64, np.uint8, np.uint32, np.uint32, np.uint32, np.int64, np.bool_
            )
        ),
        Orders(*_columns(orders, np.uint32, np.int64, np.bool_, np.int64, np.int64, np.int64)),
        Words(*_columns(said, np.uint32, np.int64, np.uint8, np.uint32)),
        zone_of(reference.settings.zone),
        products.texts,
        categories.texts,
        brands.texts,
        words.texts,
        sources.texts,
        CHANNELS,
        _column(known, np.uint32),
    )


@lru_cache
def zone_of(name: str) -> Zone:
    """Offsets by the hour, which is where clocks change."""
    zone, at, found = ZoneInfo(name), _FIRST, []
    while at < _LAST:
        offset = at.astimezone(zone).utcoffset() or timedelta()
        if not found or found[-1][1] != offset:
            found.append((at, offset))
        at += timedelta(hours=1)
    since = [round(at.timestamp() * 1000) for at, _ in found]
    return Zone(
        np.array(since, np.int64),
        np.array([round(offset.total_seconds() * 1000) for _, offset in found], np.int64),
    )


def _items(person: Person) -> list[Any]:
    found = [
        (event.happened_ms, _ACTS[event.name], line, place == 0)
        for event in person.events
        if event.name in _ACTS
        for place, line in enumerate(lines(event))
    ]
    found += [
        (one.at_ms, ItemAct.ORDERED if one.counts else ItemAct.WAITING, line, place == 0)
        for one in person.purchases
        for place, line in enumerate(one.lines)
    ]
    dictionary = person.dictionary
    return [
        (
            at_ms,
            int(act),
            (line.product, dictionary.category(line), dictionary.brand(line)),
            int(line.quantity * UNIT),
            leads,
        )
        for at_ms, act, line, leads in sorted(found, key=lambda row: row[0])
    ]


def _words(person: Person) -> list[tuple[int, int, str]]:
    found = []
    for event in person.events:
        at_ms = event.happened_ms
        found.append((at_ms, WordKind.SEARCHED, term(event)))
        found += [(at_ms, WordKind.TOPIC, topic) for topic in topics(event)]
        found.append((at_ms, WordKind.CHANNEL, clicked(event)))
        own = event.name not in _NOT_AN_ACT and event.channel in ("store", "marketplace", "call")
        if own or (event.is_visit and event.channel in ("web", "app")):
            found.append((at_ms, WordKind.CHANNEL, event.channel))
    return [(at_ms, int(kind), text) for at_ms, kind, text in found if text]


def _first_ms(person: Person) -> int:
    seen = [*(event.happened_ms for event in person.events), *person.first_seen]
    return min(seen, default=NOTHING)


def _member_since_ms(person: Person) -> int:
    on = person.member_since_on()
    return NOTHING if on is None else round(begins_at(on, person.settings.zone).timestamp() * 1000)


def _reach(person: Person) -> int:
    return sum(1 << bit for bit, channel in enumerate(CHANNELS) if channel in person.reachable)


def _units(money: Any) -> int:
    return NOTHING if money is None else int(money * UNIT)


def _column(values: Sequence[Any], kind: Any) -> Any:
    return np.array(values, kind)


def _columns(rows: Sequence[Sequence[Any]], *kinds: Any) -> list[Any]:
    return [_column([row[place] for row in rows], kind) for place, kind in enumerate(kinds)]
