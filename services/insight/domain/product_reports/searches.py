"""Counts by term how often it was searched for, with how much success, and who ordered afterwards."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from services.insight.domain.genes.compiled import compiled
from services.insight.domain.genes.facts import I4, I8, U4, Flags

# So long after a search an order is thought to come of it: days of 24 hours.
WITHIN_DAYS = 7
_WITHIN_MS = WITHIN_DAYS * 86_400_000
# From which share of letter pairs in common on two terms are alike.
_ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Searched:
    """Searches of a window; `term` is a code of `terms`, `results` UNTOLD where the event does not say."""

    profile_id: U4
    at_ms: I8
    term: U4
    results: I4
    terms: Sequence[str]

    def of(self, rows: Flags) -> "Searched":
        return Searched(
            self.profile_id[rows], self.at_ms[rows], self.term[rows], self.results[rows], self.terms
        )


@dataclass(frozen=True, slots=True)
class Ordered:
    """Orders, sorted by profile and moment."""

    profile_id: U4
    at_ms: I8


@dataclass(frozen=True, slots=True)
class Term:
    """One term in a window; `results` is what its newest search that says so found."""

    term: str
    searches: int
    without_result: int
    results: int | None
    people: int
    ordered: int
    ordered_soon: int

    @property
    def not_ordered(self) -> int:
        return self.people - self.ordered


@compiled
def _followed(person: U4, at_ms: I8, orders_of: U4, ordered_at_ms: I8, within_ms: int) -> Flags:
    """Which searches an order follows in time; both are sorted by person and moment."""
    out = np.zeros(person.size, np.bool_)
    order = 0
    for i in range(person.size):
        while order < orders_of.size and (
            orders_of[order] < person[i]
            or (orders_of[order] == person[i] and ordered_at_ms[order] <= at_ms[i])
        ):
            order += 1
        if order < orders_of.size and orders_of[order] == person[i]:
            out[i] = ordered_at_ms[order] <= at_ms[i] + within_ms
    return out


def terms(searched: Searched, orders: Ordered, buyers: U4) -> list[Term]:
    """Every term that somebody searched for; `buyers` are the profiles that ordered in the window."""
    order = np.lexsort((searched.at_ms, searched.profile_id))
    searched = Searched(
        searched.profile_id[order],
        searched.at_ms[order],
        searched.term[order],
        searched.results[order],
        searched.terms,
    )
    soon = _followed(searched.profile_id, searched.at_ms, orders.profile_id, orders.at_ms, _WITHIN_MS)
    # One entry a person and term: the term above the person in one number.
    pair = searched.term.astype(np.uint64) << np.uint64(32) | searched.profile_id.astype(np.uint64)
    people = np.unique(pair)
    bought = people[np.isin((people & np.uint64(2**32 - 1)).astype(np.uint32), buyers)]
    size = len(searched.terms)

    def by_term(pairs: np.ndarray[tuple[int, ...], np.dtype[np.uint64]]) -> I8:
        return np.bincount((pairs >> np.uint64(32)).astype(np.int64), minlength=size)

    n_searches = np.bincount(searched.term, minlength=size)
    without = np.bincount(searched.term[searched.results == 0], minlength=size)
    n_people, n_ordered, n_soon = by_term(people), by_term(bought), by_term(np.unique(pair[soon]))
    newest = _newest_results(searched, size)
    return [
        Term(
            searched.terms[code],
            int(n_searches[code]),
            int(without[code]),
            int(newest[code]) if newest[code] >= 0 else None,
            int(n_people[code]),
            int(n_ordered[code]),
            int(n_soon[code]),
        )
        for code in np.flatnonzero(n_searches).tolist()
    ]


def _newest_results(searched: Searched, size: int) -> I8:
    """By term; below 0 where no search says it. Of one moment the larger number counts."""
    newest = np.full(size, -1, np.int64)
    told = np.flatnonzero(searched.results >= 0)
    told = told[np.lexsort((searched.results[told], searched.at_ms[told]))]
    newest[searched.term[told]] = searched.results[told]
    return newest


@dataclass(frozen=True, slots=True)
class Alike:
    """Terms with their pairs of neighbouring letters, made once for many comparisons."""

    pairs: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, some: Iterable[str]) -> "Alike":
        return cls({term: _pairs(term) for term in some})

    def to(self, term: str, most: int = 5) -> list[str]:
        """Those that share most pairs with a term (Dice's coefficient), the most alike first."""
        own = _pairs(term)
        found = []
        for other, theirs in self.pairs.items():
            shared = len(own & theirs)
            if shared and other != term and (alike := 2 * shared / (len(own) + len(theirs))) >= _ALIKE:
                found.append((-alike, other))
        return [other for _, other in sorted(found)[:most]]


def _pairs(term: str) -> frozenset[str]:
    """A single letter is a pair of its own."""
    text = term.replace(" ", "")
    return (
        frozenset(text[place : place + 2] for place in range(max(len(text) - 1, 1))) if text else frozenset()
    )
