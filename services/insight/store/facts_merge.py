"""Puts facts of some people into the place of older ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.insight.domain.genes.facts import U4, Acts, Facts, Flags, Items, Orders, People, Words
from services.insight.store.facts import Borrowed, Loaded
from services.insight.store.facts_blocks import Codes
from services.insight.store.facts_fold import Folding
from services.insight.store.facts_products import Products, codes_by_product

# Columns that are codes, and the dictionary of Facts that they are of.
_CODES = {
    Items: {"product": "products", "category": "categories", "brand": "brands"},
    Words: {"word": "words_by_code"},
    People: {"first_source": "sources"},
}
_DICTIONARIES = ("products", "categories", "brands", "words_by_code", "sources")
# Where somebody goes who is left out.
_GONE = np.uint32(0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class _Part:
    """Facts, which of their people stay, and the numbers of people and codes in the merged ones."""

    loaded: Loaded
    person: U4
    codes: Mapping[str, U4]


def merged(older: Loaded, gone: Flags, newer: Loaded | None, products: Products) -> Loaded:
    """The people of `older` but those who are gone, and all of `newer`; nobody is in both.

    Rows of a person stay in their order. The dictionaries begin as those of `older`.
    """
    loaded = (older,) if newer is None else (older, newer)
    stay = [~gone, *(np.ones(one.facts.people.profile_id.size, np.bool_) for one in loaded[1:])]
    profile_id = np.concatenate(
        [one.facts.people.profile_id[staying] for one, staying in zip(loaded, stay, strict=True)]
    )
    profile_id.sort()
    known = {name: _extended(getattr(older.facts, name)) for name in _DICTIONARIES}
    parts = [_part(one, staying, profile_id, known) for one, staying in zip(loaded, stay, strict=True)]
    facts = Facts(
        people=_people(parts),
        acts=_table(parts, "acts", Acts),
        items=_table(parts, "items", Items),
        orders=_table(parts, "orders", Orders),
        words=_table(parts, "words", Words),
        zone=older.facts.zone,
        products=known["products"].texts,
        categories=known["categories"].texts,
        brands=known["brands"].texts,
        words_by_code=known["words_by_code"].texts,
        sources=known["sources"].texts,
        channels=older.facts.channels,
        product_category=codes_by_product(known["products"], products.categories.texts, known["categories"]),
    )
    next_ms = min(one.next_ms for one in loaded)
    return Loaded(facts, _folding(parts, profile_id), _borrowed(parts), next_ms)


def _extended(texts: Sequence[str]) -> Codes:
    codes = Codes()
    for text in texts[1:]:
        codes.code(text)
    return codes


def _part(loaded: Loaded, staying: Flags, profile_id: U4, dictionaries: Mapping[str, Codes]) -> _Part:
    own = loaded.facts.people.profile_id
    person = np.full(own.size, _GONE, np.uint32)
    person[staying] = np.searchsorted(profile_id, own[staying])
    codes = {
        name: np.array([known.code(text) for text in getattr(loaded.facts, name)], np.uint32)
        for name, known in dictionaries.items()
    }
    return _Part(loaded, person, codes)


def _people(parts: Sequence[_Part]) -> People:
    columns: dict[str, NDArray[Any]] = {}
    person = np.concatenate([part.person[part.person != _GONE] for part in parts])
    order = np.argsort(person, kind="stable")
    for field in fields(People):
        pieces = [
            _column(part, People, field.name, getattr(part.loaded.facts.people, field.name))[
                part.person != _GONE
            ]
            for part in parts
        ]
        columns[field.name] = np.concatenate(pieces)[order]
    return People(**columns)


def _table(parts: Sequence[_Part], name: str, kind: type[Any]) -> Any:
    tables = [getattr(part.loaded.facts, name) for part in parts]
    people = [part.person[table.person] for part, table in zip(parts, tables, strict=True)]
    kept = [person != _GONE for person in people]
    person = np.concatenate([one[rows] for one, rows in zip(people, kept, strict=True)])
    # Two sorted runs, which a stable sort merges in one pass.
    order = np.argsort(person, kind="stable")
    columns = {"person": person[order]}
    for field in fields(kind):
        if field.name != "person":
            pieces = [
                _column(part, kind, field.name, getattr(table, field.name)[rows])
                for part, table, rows in zip(parts, tables, kept, strict=True)
            ]
            columns[field.name] = np.concatenate(pieces)[order]
    return kind(**columns)


def _column(part: _Part, kind: type[Any], name: str, values: NDArray[Any]) -> NDArray[Any]:
    dictionary = _CODES.get(kind, {}).get(name)
    return values if dictionary is None else part.codes[dictionary][values]


def _folding(parts: Sequence[_Part], profile_id: U4) -> Folding:
    nids, people = [], []
    for part in parts:
        person = part.person[part.loaded.folding.person]
        nids.append(part.loaded.folding.nid[person != _GONE])
        people.append(person[person != _GONE])
    nid = np.concatenate(nids)
    order = np.argsort(nid, kind="stable")
    return Folding(nid[order], np.concatenate(people)[order], profile_id)


def _borrowed(parts: Sequence[_Part]) -> Borrowed:
    product, people = [], []
    for part in parts:
        person = part.person[part.loaded.borrowed.person]
        product.append(part.codes["products"][part.loaded.borrowed.product[person != _GONE]])
        people.append(person[person != _GONE])
    return Borrowed(np.concatenate(product), np.concatenate(people))
