"""The genes that are lists, of everybody at once: who has what in a window."""

from collections.abc import Iterator

import numpy as np

from services.insight.domain.details import searched
from services.insight.domain.genes.calendar import span
from services.insight.domain.genes.columns import Columns
from services.insight.domain.genes.facts import Flags
from services.insight.domain.segments.tree import Contains, Mode, Window

CATEGORY_LISTS = frozenset({"viewed_categories", "bought_categories"})
PRODUCT_LISTS = frozenset({"viewed_not_bought", "abandoned_cart"})


def contains(columns: Columns, gene: str, test: Contains, window: Window | None, now_ms: int) -> Flags:
    """Whose list contains what the test says."""
    columns = columns.as_of(now_ms)
    days = span(window, columns.today(now_ms))
    if test.mode is Mode.ALL:
        everybody = np.ones(columns.size, np.bool_)
        for value in test.values:
            everybody &= _having(columns, gene, _one(test, value), days, now_ms)
        return everybody
    having = _having(columns, gene, test, days, now_ms)
    return ~having if test.mode is Mode.NONE else having


def _one(test: Contains, value: str) -> Contains:
    return Contains(Mode.ANY, (value,), test.part, test.by_category)


def anything(columns: Columns, gene: str, window: Window | None, now_ms: int) -> Flags:
    """Whose list is not empty."""
    columns = columns.as_of(now_ms)
    days = span(window, columns.today(now_ms))
    if gene == "reachable_by":
        reachable: Flags = columns.facts.people.reachable != 0
        return reachable
    if gene in PRODUCT_LISTS:
        return columns.open_pairs(gene).anything(days, now_ms)
    return columns.presence(gene).anything(*days)


def _having(columns: Columns, gene: str, test: Contains, days: tuple[int, int], now_ms: int) -> Flags:
    """Who has any of the values."""
    if gene == "reachable_by":
        return columns.reachable_by(test.values)
    codes = sorted(set(_codes(columns, gene, test)))
    if gene in PRODUCT_LISTS:
        return columns.open_pairs(gene).having(codes, days, now_ms)
    return columns.presence(gene).having(codes, *days)


def _codes(columns: Columns, gene: str, test: Contains) -> Iterator[int]:
    """The codes that the test means."""
    vocabulary = columns.vocabulary(gene)
    for value in test.values:
        if gene in CATEGORY_LISTS:
            yield from vocabulary.below(value)
        elif gene in PRODUCT_LISTS and test.by_category:
            below = columns.vocabularies.categories.below(value)
            yield from (int(code) for code in np.flatnonzero(np.isin(columns.facts.product_category, below)))
        elif gene == "search_keywords":
            term = searched(value)
            yield from vocabulary.containing(term) if test.part else vocabulary.equal(term)
        else:
            yield from vocabulary.equal(value)
