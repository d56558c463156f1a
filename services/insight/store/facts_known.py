"""Facts in memory, layer by layer: who is in which, and the rows of some people."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from services.insight.domain.genes.facts import I8, U1, U4, Acts, Facts, Flags, Items, Orders, People, Words
from services.insight.store.facts import Loaded
from services.insight.store.facts_fold import NOBODY, distinct, ranges


@dataclass(frozen=True, slots=True)
class TracedItems(Items):
    """Items with the bits of `Loaded.lacks`."""

    lacks: U1


def traced(items: Items, lacks: U1) -> TracedItems:
    return TracedItems(**{one.name: getattr(items, one.name) for one in fields(Items)}, lacks=lacks)


def together(tables: Sequence[TracedItems], rows: I8 | None = None) -> TracedItems:
    """The rows of all, one table behind the other; or these of them, in this order."""
    columns = {
        one.name: np.concatenate([getattr(table, one.name) for table in tables])
        for one in fields(TracedItems)
    }
    if rows is not None:
        columns = {name: column[rows] for name, column in columns.items()}
    return TracedItems(**columns)


@dataclass(frozen=True, slots=True)
class Old:
    """Rows of some people as they are in memory; people are numbers of whoever asks, and in no order."""

    people: People
    # Whose row of `people` it is.
    whose: U4
    acts: Acts
    items: TracedItems
    orders: Orders
    words: Words


@dataclass(frozen=True, slots=True)
class Known:
    """Loaded people, and who of each layer is hidden; nobody is shown by two."""

    layers: Sequence[tuple[Loaded, Flags]]

    def profiles_of(self, nids: U4) -> tuple[U4, Flags]:
        """Of each nid its profile, and whether there is one: the nid itself where not."""
        profiles, there = nids.copy(), np.zeros(nids.size, np.bool_)
        for loaded, hidden in self.layers:
            person = loaded.folding.of(nids)
            found = np.flatnonzero(person != NOBODY)
            found = found[~hidden[person[found]]]
            profiles[found] = loaded.folding.profile_id[person[found]]
            there[found] = True
        return profiles, there

    def nids_of(self, profiles: U4) -> tuple[U4, U4]:
        """All nids of sorted profiles, and the profile of each."""
        nids, of = [np.empty(0, np.uint32)], [np.empty(0, np.uint32)]
        for loaded, hidden in self.layers:
            people = loaded.folding.places_of(profiles)
            people = people[~hidden[people]]
            found, places = loaded.folding.nids_of(people)
            nids.append(found)
            of.append(loaded.folding.profile_id[people[places]])
        return np.concatenate(nids), np.concatenate(of)

    def there(self, profiles: U4) -> U4:
        """Those of them that somebody is, sorted."""
        found = [np.empty(0, np.uint32)]
        for loaded, hidden in self.layers:
            people = loaded.folding.places_of(profiles)
            found.append(loaded.folding.profile_id[people[~hidden[people]]])
        return np.unique(np.concatenate(found)).astype(np.uint32)

    def due(self, until_ms: int) -> U4:
        """nids of which something was told for a moment that has come."""
        found = [np.empty(0, np.uint32)]
        for loaded, hidden in self.layers:
            nids = loaded.ahead.nid[: np.searchsorted(loaded.ahead.at_ms, until_ms, side="right")]
            found.append(nids[shown(loaded, hidden, nids)])
        return np.unique(np.concatenate(found)).astype(np.uint32)

    def borrowing(self, products: Sequence[str]) -> U4:
        """Profiles that have one of the products, and whose event did not say what it is."""
        found = [np.empty(0, np.uint32)]
        for loaded, hidden in self.layers:
            known = loaded.codes.products.product
            wanted = np.zeros(len(loaded.facts.products), np.bool_)
            codes = [code for product in products if (code := known.known(product)) is not None]
            wanted[[code for code in codes if code < wanted.size]] = True
            if wanted.any():
                items = loaded.facts.items
                people = distinct(items.person[wanted[items.product] & (loaded.lacks != 0)])
                found.append(loaded.folding.profile_id[people[~hidden[people]]])
        return np.unique(np.concatenate(found)).astype(np.uint32)

    def rows(self, profiles: U4, numbers: U4) -> Old:
        """Everything of sorted profiles; of each the number that its rows shall have."""
        parts = []
        for loaded, hidden in self.layers:
            people = loaded.folding.places_of(profiles)
            people = people[~hidden[people]]
            given = numbers[np.searchsorted(profiles, loaded.folding.profile_id[people])]
            parts.append(_rows(loaded, people, given))
        return Old(
            _joined(People, [part.people for part in parts]),
            np.concatenate([part.whose for part in parts]),
            _joined(Acts, [part.acts for part in parts]),
            _joined(TracedItems, [part.items for part in parts]),
            _joined(Orders, [part.orders for part in parts]),
            _joined(Words, [part.words for part in parts]),
        )


def shown(loaded: Loaded, hidden: Flags, nids: U4) -> Flags:
    """Which of the nids are of somebody whom this layer shows."""
    person = loaded.folding.of(nids)
    found: Flags = person != NOBODY
    found[found] = ~hidden[person[found]]
    return found


def _rows(loaded: Loaded, people: U4, numbers: U4) -> Old:
    """`people` are sorted."""
    facts: Facts = loaded.facts
    items = _taken(facts.items, people, numbers)
    rows = _rows_of(facts.items.person, people)[0]
    return Old(
        People(**{one.name: getattr(facts.people, one.name)[people] for one in fields(People)}),
        numbers,
        _taken(facts.acts, people, numbers),
        traced(items, loaded.lacks[rows]),
        _taken(facts.orders, people, numbers),
        _taken(facts.words, people, numbers),
    )


def _taken(table: Any, people: U4, numbers: U4) -> Any:
    rows, whose = _rows_of(table.person, people)
    columns = {one.name: getattr(table, one.name)[rows] for one in fields(table) if one.name != "person"}
    return type(table)(person=numbers[whose], **columns)


def _rows_of(person: U4, people: U4) -> tuple[Any, Any]:
    """Keys of the column's own type: others would copy the whole column."""
    begins = np.searchsorted(person, people)
    return ranges(begins, np.searchsorted(person, people, side="right"))


def _joined(kind: type[Any], tables: Sequence[Any]) -> Any:
    return kind(
        **{one.name: np.concatenate([getattr(table, one.name) for table in tables]) for one in fields(kind)}
    )
