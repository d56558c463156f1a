"""Folds what nids did into people, who are indexes in the order of profile ids; rows by person and time."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TypeVar

import numpy as np

from services.insight.domain.genes.facts import I8, U4, Acts, Flags, Items, Orders, Words

_Table = TypeVar("_Table", Acts, Items, Orders, Words)

# Of a nid that is nobody's.
NOBODY = np.uint32(0xFFFFFFFF)
# Numbers of nids are dense; a table of them is faster than a search while it stays small.
_MAX_TABLE = 1 << 26
# Rows in shorter sorted runs than this are sorted as if there were none.
_ROWS_OF_A_RUN = 20


@dataclass(frozen=True)
class Folding:
    """Which person a nid is: `nid` is sorted, `person` are places in `profile_id`, which is sorted, too."""

    nid: U4
    person: U4
    profile_id: U4

    def of(self, nids: U4) -> U4:
        """The person of each nid; NOBODY of others."""
        if not self.nid.size:
            return np.full(nids.size, NOBODY, np.uint32)
        highest = int(self.nid[-1])
        if highest < _MAX_TABLE and nids.size * 8 > highest:
            table = np.full(highest + 2, NOBODY, np.uint32)
            table[self.nid] = self.person
            people: U4 = table[np.minimum(nids, np.uint32(highest + 1))]
            return people
        places = np.minimum(np.searchsorted(self.nid, nids), self.nid.size - 1)
        found: U4 = np.where(self.nid[places] == nids, self.person[places], NOBODY)
        return found

    @cached_property
    def _by_person(self) -> tuple[U4, I8]:
        """The nids in the order of their people, and where each person's begin; one more for the end."""
        starts = np.zeros(self.profile_id.size + 1, np.int64)
        np.cumsum(np.bincount(self.person, minlength=self.profile_id.size), out=starts[1:])
        return self.nid[np.argsort(self.person, kind="stable")], starts

    def nids_of(self, people: U4) -> tuple[U4, U4]:
        """All nids of these people, and of each nid the place of its person in `people`."""
        nids, starts = self._by_person
        rows, places = ranges(starts[people], starts[people.astype(np.int64) + 1])
        return nids[rows], places.astype(np.uint32)

    def prepare(self) -> None:
        """Derive now what is asked for later."""
        _ = self._by_person

    def places_of(self, profile_ids: U4) -> U4:
        """Places of those profiles that are here."""
        places = np.searchsorted(self.profile_id, profile_ids)
        places = np.minimum(places, max(self.profile_id.size - 1, 0))
        if not self.profile_id.size:
            return np.empty(0, np.uint32)
        found: U4 = places[self.profile_id[places] == profile_ids].astype(np.uint32)
        return found


def folding(nids: U4, moved: tuple[U4, U4]) -> Folding:
    """`nids` are all of which there is anything, in any order; `moved` are nids and their profiles."""
    known = distinct(np.concatenate([nids, moved[0]]))
    profiles = known.copy()
    profiles[np.searchsorted(known, moved[0])] = moved[1]
    profile_id = distinct(profiles)
    return Folding(known, np.searchsorted(profile_id, profiles).astype(np.uint32), profile_id)


def distinct(values: U4) -> U4:
    """Sorted. `np.unique` hashes them, which takes many times as long for millions."""
    ranked = np.sort(values)
    others = np.ones(ranked.size, np.bool_)
    others[1:] = ranked[1:] != ranked[:-1]
    return ranked[others]


def ranges(begins: I8, ends: I8) -> tuple[I8, I8]:
    """All rows of some spans, span by span, and which span each is of."""
    lengths = ends - begins
    spans = np.repeat(np.arange(lengths.size), lengths)
    before = np.cumsum(lengths) - lengths
    rows: I8 = np.arange(spans.size) + (begins - before)[spans]
    return rows, spans


def joined(kind: type[_Table], tables: Sequence[_Table]) -> _Table:
    """The rows of all, one table behind the other."""
    columns = {
        field.name: np.concatenate([getattr(table, field.name) for table in tables]) for field in fields(kind)
    }
    return kind(**columns)


def by_person(table: _Table) -> _Table:
    """The rows of somebody, sorted by person and moment; rows of one moment keep their order."""
    person = table.person
    columns = {field.name: getattr(table, field.name) for field in fields(table)}
    if (kept := person != NOBODY) is not None and not kept.all():
        columns = {name: column[kept] for name, column in columns.items()}
    order = _order(columns["person"], columns["at_ms"])
    if order is not None:
        columns = {name: column[order] for name, column in columns.items()}
    return replace(table, **columns)


def _order(person: U4, at_ms: I8) -> I8 | None:
    """None where the rows are in order: most people have one nid, whose rows come sorted."""
    if not _disordered(person, at_ms).any() and bool(np.all(person[1:] >= person[:-1])):
        return None
    if np.count_nonzero(person[1:] < person[:-1]) * _ROWS_OF_A_RUN > person.size:
        return _order_of_any(person, at_ms)
    # Long sorted runs, which are merged; then those who have rows of several nids, one by one.
    order: I8 = np.argsort(person, kind="stable")
    person, at_ms = person[order], at_ms[order]
    disordered = person[1:][_disordered(person, at_ms)]
    if disordered.size:
        again = np.zeros(int(person[-1]) + 1, np.bool_)
        again[disordered] = True
        rows = np.flatnonzero(again[person])
        order[rows] = order[rows[np.lexsort((at_ms[rows], person[rows]))]]
    return order


def _order_of_any(person: U4, at_ms: I8) -> I8:
    first, last = int(at_ms.min()), int(at_ms.max())
    bits = (last - first).bit_length()
    if bits + int(person.max()).bit_length() < 63:
        # As one number each: half the time of sorting by two columns.
        return np.argsort((person.astype(np.int64) << bits) | (at_ms - first), kind="stable")
    return np.lexsort((at_ms, person))


def _disordered(person: U4, at_ms: I8) -> Flags:
    """Between which rows and their next a person goes back in time."""
    found: Flags = (person[1:] == person[:-1]) & (at_ms[1:] < at_ms[:-1])
    return found


def earliest(person: U4, at_ms: I8, n_people: int, none: int) -> I8:
    """Of each person the lowest moment; `none` without any."""
    found = np.full(n_people, np.iinfo(np.int64).max, np.int64)
    np.minimum.at(found, person, at_ms)
    found[found == np.iinfo(np.int64).max] = none
    return found


def first_rows(person: U4, *keys: I8) -> I8:
    """Of each person that has rows the place of the one with the lowest keys, the first key leading."""
    order: I8 = np.lexsort(tuple([*reversed(keys), person.astype(np.int64)]))
    ranked = person[order]
    leads = np.ones(order.size, np.bool_)
    leads[1:] = ranked[1:] != ranked[:-1]
    return order[leads]
