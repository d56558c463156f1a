"""Puts facts of some people beside those of others, and into the place of older ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.insight.domain.genes.facts import I8, U4, Acts, Facts, Flags, Items, Orders, People, Words
from services.insight.store.facts import Ahead, Dictionaries, Loaded, ahead_of
from services.insight.store.facts_blocks import Codes
from services.insight.store.facts_fold import NOBODY, Folding
from services.insight.store.queries.facts_items import ProductCodes

# Columns that are codes, and the dictionary that they are of.
_CODES: Mapping[type[Any], Mapping[str, str]] = {
    Items: {"product": "products", "category": "categories", "brand": "brands"},
    Words: {"word": "words"},
    People: {"first_source": "sources"},
}


@dataclass(frozen=True, slots=True)
class _Part:
    """Facts, which of their people stay, and the numbers of people and codes in the merged ones."""

    loaded: Loaded
    # NOBODY of those who are left out.
    person: U4
    codes: Mapping[str, U4] | None


def merged(parts: Sequence[tuple[Loaded, Flags]], codes: Dictionaries, labels: U4) -> Loaded:
    """The people of all parts but those flagged in theirs; nobody may stay in two.

    Rows of a person stay in their order. `codes` grow where a part has others; `labels` are the categories of
    products by code.
    """
    profile_id = np.concatenate([one.facts.people.profile_id[~gone] for one, gone in parts])
    profile_id.sort()
    placed = [_part(one, gone, profile_id, codes) for one, gone in parts]
    items, order = _table(placed, "items", Items)
    facts = Facts(
        people=_people(placed),
        acts=_table(placed, "acts", Acts)[0],
        items=items,
        orders=_table(placed, "orders", Orders)[0],
        words=_table(placed, "words", Words)[0],
        zone=parts[0][0].facts.zone,
        products=codes.products.product.told(),
        categories=codes.products.category.told(),
        brands=codes.products.brand.told(),
        words_by_code=codes.words.told(),
        sources=codes.sources.told(),
        channels=parts[0][0].facts.channels,
        product_category=labels.copy(),
    )
    lacks = np.concatenate(
        [part.loaded.lacks[part.person[part.loaded.facts.items.person] != NOBODY] for part in placed]
    )
    return Loaded(facts, _folding(placed, profile_id), lacks[order], _ahead(placed), codes)


def nobody_of(loaded: Loaded) -> Flags:
    return np.zeros(loaded.facts.people.profile_id.size, np.bool_)


def _listed(codes: Dictionaries) -> dict[str, Codes]:
    products = codes.products
    return {
        "products": products.product,
        "categories": products.category,
        "brands": products.brand,
        "words": codes.words,
        "sources": codes.sources,
    }


def _part(loaded: Loaded, gone: Flags, profile_id: U4, codes: Dictionaries) -> _Part:
    own = loaded.facts.people.profile_id
    person = np.full(own.size, NOBODY, np.uint32)
    person[~gone] = np.searchsorted(profile_id, own[~gone])
    if loaded.codes is codes:
        return _Part(loaded, person, None)
    known = _listed(codes)
    recoded = {
        name: np.array([known[name].code(text) for text in list(one.texts)], np.uint32)
        for name, one in _listed(loaded.codes).items()
    }
    return _Part(loaded, person, recoded)


def _people(parts: Sequence[_Part]) -> People:
    columns: dict[str, NDArray[Any]] = {}
    order = np.argsort(np.concatenate([part.person[part.person != NOBODY] for part in parts]), kind="stable")
    for field in fields(People):
        pieces = [
            _column(part, People, field.name, getattr(part.loaded.facts.people, field.name))[
                part.person != NOBODY
            ]
            for part in parts
        ]
        columns[field.name] = np.concatenate(pieces)[order]
    return People(**columns)


def _table(parts: Sequence[_Part], name: str, kind: type[Any]) -> tuple[Any, I8]:
    """The rows of those who stay, and the order in which they were put."""
    tables = [getattr(part.loaded.facts, name) for part in parts]
    people = [part.person[table.person] for part, table in zip(parts, tables, strict=True)]
    kept = [person != NOBODY for person in people]
    person = np.concatenate([one[rows] for one, rows in zip(people, kept, strict=True)])
    # Sorted runs, which a stable sort merges in few passes.
    order = np.argsort(person, kind="stable")
    columns = {"person": person[order]}
    for field in fields(kind):
        if field.name != "person":
            pieces = [
                _column(part, kind, field.name, getattr(table, field.name)[rows])
                for part, table, rows in zip(parts, tables, kept, strict=True)
            ]
            columns[field.name] = np.concatenate(pieces)[order]
    return kind(**columns), order


def _column(part: _Part, kind: type[Any], name: str, values: NDArray[Any]) -> NDArray[Any]:
    dictionary = _CODES.get(kind, {}).get(name)
    return values if dictionary is None or part.codes is None else part.codes[dictionary][values]


def _folding(parts: Sequence[_Part], profile_id: U4) -> Folding:
    nids, people = [], []
    for part in parts:
        person = part.person[part.loaded.folding.person]
        nids.append(part.loaded.folding.nid[person != NOBODY])
        people.append(person[person != NOBODY])
    nid = np.concatenate(nids)
    order = np.argsort(nid, kind="stable")
    return Folding(nid[order], np.concatenate(people)[order], profile_id)


def _ahead(parts: Sequence[_Part]) -> Ahead:
    """Of those who stay."""
    found = []
    for part in parts:
        ahead, folding = part.loaded.ahead, part.loaded.folding
        person = folding.of(ahead.nid)
        stays = np.zeros(ahead.nid.size, np.bool_)
        stays[person != NOBODY] = part.person[person[person != NOBODY]] != NOBODY
        found.append((ahead.at_ms[stays], ahead.nid[stays]))
    return ahead_of(np.concatenate([one[0] for one in found]), np.concatenate([one[1] for one in found]))


# --- dictionaries ------------------------------------------------------------------------------------------


def tidied(loaded: Loaded, labels: U4) -> Loaded:
    """With dictionaries of their own, in which there is no text that nobody has any more."""
    facts, old = loaded.facts, loaded.codes
    used: dict[str, set[int]] = {name: {0} for name in _listed(old)}
    for kind, columns in _CODES.items():
        table = {Items: facts.items, Words: facts.words, People: facts.people}[kind]
        for name, dictionary in columns.items():
            there = np.zeros(len(_listed(old)[dictionary].texts), np.bool_)
            there[getattr(table, name)] = True
            used[dictionary] |= set(np.flatnonzero(there).tolist())
    products = sorted(used["products"])
    used["categories"] |= set(labels[products].tolist())
    kept = {name: sorted(codes) for name, codes in used.items()}
    fresh = {name: Codes(_listed(old)[name].texts[code] for code in kept[name]) for name in kept}
    recode = {name: _recoding(kept[name]) for name in kept}
    codes = Dictionaries(
        ProductCodes(fresh["products"], fresh["categories"], fresh["brands"]),
        fresh["words"],
        fresh["sources"],
    )

    def table_of(kind: type[Any], table: Any) -> Any:
        return replace(
            table,
            **{name: recode[where][getattr(table, name)] for name, where in _CODES[kind].items()},
        )

    told = replace(
        facts,
        items=table_of(Items, facts.items),
        words=table_of(Words, facts.words),
        people=table_of(People, facts.people),
        products=codes.products.product.told(),
        categories=codes.products.category.told(),
        brands=codes.products.brand.told(),
        words_by_code=codes.words.told(),
        sources=codes.sources.told(),
        product_category=recode["categories"][labels[products]],
    )
    return replace(loaded, facts=told, codes=codes)


def _recoding(kept: Sequence[int]) -> U4:
    found = np.zeros(kept[-1] + 1, np.uint32)
    found[kept] = np.arange(len(kept), dtype=np.uint32)
    return found
