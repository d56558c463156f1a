"""Counts by product who viewed and never ordered it, who left it in the cart, what was ordered instead.

The rules are those of genes 15 and 16 (domain/genes/open_pairs.py), counted for all products in one pass over
everybody's rows: people one after the other, and what is noted by product is of the person in hand.
"""

from dataclasses import dataclass

import numpy as np

from services.insight.domain.genes.columns import Columns
from services.insight.domain.genes.compiled import compiled
from services.insight.domain.genes.facts import I4, I8, NOTHING, U1, U4, Flags, ItemAct
from services.insight.domain.genes.open_pairs import IDLE_MS
from services.insight.domain.genes.presence import spans_of

_VIEWED = int(ItemAct.VIEWED)
_ADDED = int(ItemAct.ADDED)
# From here on lines of orders, whether these count yet or not.
_ORDERED = int(ItemAct.ORDERED)


@dataclass(frozen=True, slots=True)
class Span:
    """Local days, both included, as they are at a moment."""

    first: int
    last: int
    now_ms: int

    def bounds(self, idle_ms: int = 0) -> I8:
        return np.array([self.first, self.last, self.now_ms - idle_ms], np.int64)


@compiled
def _viewed(starts: I8, act: U1, product: U4, at_ms: I8, day: I4, wanted: Flags, bounds: I8, n: int) -> I8:  # noqa: PLR0917 - a compiled loop takes columns, not objects
    """By product: people who viewed it and did not order it since, and their views in the window."""
    out = np.zeros((n, 2), np.int64)
    noted = np.full(n, -1, np.int64)
    last_view = np.zeros(n, np.int64)
    ordered_at = np.zeros(n, np.int64)
    for person in range(starts.size - 1):
        if not wanted[person]:
            continue
        for row in range(starts[person], starts[person + 1]):
            one = product[row]
            if noted[one] != person:
                noted[one], last_view[one], ordered_at[one] = person, -1, NOTHING
            if act[row] == _VIEWED:
                last_view[one] = row
            elif act[row] >= _ORDERED:
                ordered_at[one] = at_ms[row]
        for row in range(starts[person], starts[person + 1]):
            one = product[row]
            last = last_view[one]
            if act[row] != _VIEWED or one == 0 or day[row] < bounds[0] or at_ms[last] < ordered_at[one]:
                continue
            if bounds[0] <= day[last] <= bounds[1] and at_ms[last] <= bounds[2]:
                out[one, 1] += 1
                if row == last:
                    out[one, 0] += 1
    return out


@compiled
def _carted(  # noqa: PLR0917 - a compiled loop takes columns, not objects
    starts: I8, act: U1, product: U4, at_ms: I8, day: I4, quantity: I8, wanted: Flags, bounds: I8, n: int
) -> I8:
    """By product: people with some of it in the cart, and how much, of 1/10,000."""
    out = np.zeros((n, 2), np.int64)
    noted = np.full(n, -1, np.int64)
    last_cart = np.zeros(n, np.int64)
    net = np.zeros(n, np.int64)
    ordered_at = np.zeros(n, np.int64)
    for person in range(starts.size - 1):
        if not wanted[person]:
            continue
        for row in range(starts[person], starts[person + 1]):
            one = product[row]
            if noted[one] != person:
                noted[one], last_cart[one], net[one], ordered_at[one] = person, -1, 0, NOTHING
            if act[row] >= _ORDERED:
                ordered_at[one] = at_ms[row]
        for row in range(starts[person], starts[person + 1]):
            one = product[row]
            if act[row] == _VIEWED or act[row] >= _ORDERED or at_ms[row] <= ordered_at[one]:
                continue
            last_cart[one] = row
            net[one] += quantity[row] if act[row] == _ADDED else -quantity[row]
        for row in range(starts[person], starts[person + 1]):
            one = product[row]
            if act[row] == _VIEWED or act[row] >= _ORDERED or row != last_cart[one] or one == 0:
                continue
            if net[one] > 0 and bounds[0] <= day[row] <= bounds[1] and at_ms[row] <= bounds[2]:
                out[one, 0] += 1
                out[one, 1] += net[one]
    return out


@compiled
def _instead(  # noqa: PLR0917 - a compiled loop takes columns, not objects
    starts: I8,
    act: U1,
    product: U4,
    category: U4,
    at_ms: I8,
    viewers: U4,
    viewed_at_ms: I8,
    of: I8,
    n: int,
) -> I8:
    """How many of the viewers ordered each product of the same category after their view.

    Of each the newest rows come first, up to that view. `of` is the product viewed and its category.
    """
    out = np.zeros(n, np.int64)
    noted = np.full(n, -1, np.int64)
    for i in range(viewers.size):
        for row in range(starts[viewers[i] + 1] - 1, starts[viewers[i]] - 1, -1):
            if at_ms[row] <= viewed_at_ms[i]:
                break
            one = product[row]
            if act[row] < _ORDERED or category[row] != of[1]:
                continue
            if one != of[0] and one != 0 and noted[one] != i:
                noted[one] = i
                out[one] += 1
    return out


def rows_of_people(columns: Columns) -> I8:
    """Where everybody's items begin, and one more entry for the end."""
    people = np.arange(columns.size + 1, dtype=np.uint32)
    return np.searchsorted(columns.facts.items.person, people).astype(np.int64)


def viewed(columns: Columns, wanted: Flags, span: Span, starts: I8) -> I8:
    """By code of product: people, and how often they viewed it in the window.

    `starts` and `wanted` are of neighbouring people, maybe not of all.
    """
    items, n_products = columns.facts.items, len(columns.facts.products)
    day, bounds = columns.item_day, span.bounds()
    return _viewed(starts, items.act, items.product, items.at_ms, day, wanted, bounds, n_products)


def carted(columns: Columns, wanted: Flags, span: Span, starts: I8) -> I8:
    """By code of product: people, and how much of it lies in their carts, of 1/10,000; see `viewed`."""
    items, n_products = columns.facts.items, len(columns.facts.products)
    day, bounds = columns.item_day, span.bounds(IDLE_MS)
    return _carted(
        starts, items.act, items.product, items.at_ms, day, items.quantity, wanted, bounds, n_products
    )


def instead(columns: Columns, wanted: Flags, span: Span, starts: I8, viewed_product: tuple[int, int]) -> I8:
    """By code of product: how many of those who viewed another one ordered it after their last view of that.

    `viewed_product` are the codes of that product and of the category that both are in; `starts` are those of
    `rows_of_people`.
    """
    product, category = viewed_product
    pairs, items = columns.open_pairs("viewed_not_bought"), columns.facts.items
    spans = spans_of(pairs.starts, [product])
    # A product that was named since: nobody of these people has it.
    rows = slice(*spans) if spans.size else slice(0)
    person, day, at_ms = pairs.person[rows], pairs.day[rows], pairs.at_ms[rows]
    kept = wanted[person] & (day >= span.first) & (day <= span.last) & (at_ms <= span.now_ms)
    of = np.array([product, category], np.int64)
    return _instead(
        starts,
        items.act,
        items.product,
        items.category,
        items.at_ms,
        person[kept],
        at_ms[kept],
        of,
        len(columns.facts.products),
    )


def rehearse() -> None:
    """Run all loops of this file over nobody's rows, so that they are compiled."""
    starts, never = np.zeros(1, np.int64), np.zeros(0, np.int64)
    code, act, day = np.zeros(0, np.uint32), np.zeros(0, np.uint8), np.zeros(0, np.int32)
    wanted, bounds = np.zeros(0, np.bool_), np.zeros(3, np.int64)
    _viewed(starts, act, code, never, day, wanted, bounds, 1)
    _carted(starts, act, code, never, day, never, wanted, bounds, 1)
    _instead(starts, act, code, code, never, code, never, bounds, 1)
