"""Products that somebody viewed and did not buy, or left in the cart."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from services.insight.domain.genes.compiled import compiled
from services.insight.domain.genes.day_tables import places_by
from services.insight.domain.genes.facts import I4, I8, NO_DAY, NOTHING, U1, U4, Flags, ItemAct, Items
from services.insight.domain.genes.presence import latest, spans_of

IDLE_MS = 3_600_000
_VIEWED = int(ItemAct.VIEWED)
_ADDED = int(ItemAct.ADDED)
_REMOVED = int(ItemAct.REMOVED)
# From here on lines of orders, whether these count yet or not.
_ORDERED = int(ItemAct.ORDERED)


@compiled
def _open(rows: U4, pair: I8, at_ms: I8, act: U1, quantity: I8) -> tuple[U4, U4]:
    """The last view of each product not ordered after it, and the last cart event of what is in the cart.

    `rows` are those of one pair of product and person after another, in time order.
    """
    viewed = np.empty(rows.size, np.uint32)
    carted = np.empty(rows.size, np.uint32)
    n_viewed = 0
    n_carted = 0
    begin = 0
    while begin < rows.size:
        end = begin
        ordered_at = NOTHING
        while end < rows.size and pair[end] == pair[begin]:
            if act[rows[end]] >= _ORDERED:
                ordered_at = at_ms[rows[end]]
            end += 1
        net = 0
        last_view = -1
        last_cart = -1
        for i in range(begin, end):
            row = rows[i]
            if act[row] == _VIEWED:
                last_view = row
            elif act[row] < _ORDERED and at_ms[row] > ordered_at:
                last_cart = row
                net += quantity[row] if act[row] == _ADDED else -quantity[row]
        if last_view >= 0 and at_ms[last_view] >= ordered_at:
            viewed[n_viewed] = last_view
            n_viewed += 1
        if net > 0:
            carted[n_carted] = last_cart
            n_carted += 1
        begin = end
    return viewed[:n_viewed].copy(), carted[:n_carted].copy()


@compiled
def _mark(out: Flags, spans: I8, person: U4, at_ms: I8, day: I4, bounds: I8) -> None:  # noqa: PLR0917 - a compiled loop takes columns, not objects
    """Sets whoever has a row of days bounds[0] to bounds[1] that is not later than bounds[2]."""
    for pair in range(0, spans.size, 2):
        for i in range(spans[pair], spans[pair + 1]):
            # Without a branch: whether it is so is anybody's guess.
            out[person[i]] |= (bounds[0] <= day[i]) & (day[i] <= bounds[1]) & (at_ms[i] <= bounds[2])


@dataclass(frozen=True)
class OpenPairs:
    """Rows of (product, person), by product."""

    n_people: int
    # Where each product's rows begin; one more entry for the end.
    starts: I8
    person: U4
    at_ms: I8
    day: I4
    # Only rows at least this old count.
    idle_ms: int

    @cached_property
    def _last(self) -> tuple[int, int]:
        """Day and moment of the newest row."""
        return int(self.day.max()), int(self.at_ms.max())

    @cached_property
    def _young(self) -> tuple[U4, I8, I4]:
        """Person, moment and day of rows that may be too young to count, though nothing is newer than now."""
        rows = np.flatnonzero(self.at_ms > self._last[1] - self.idle_ms)
        return self.person[rows], self.at_ms[rows], self.day[rows]

    @cached_property
    def _last_day_of_any(self) -> I4:
        """Of the other rows."""
        old = self.at_ms <= self._last[1] - self.idle_ms
        return latest(self.n_people, self.person[old], self.day[old])

    def having(self, codes: Iterable[int], days: tuple[int, int], now_ms: int) -> Flags:
        """Who has one of the products open on one of the days."""
        return self._marked(spans_of(self.starts, codes), days, now_ms)

    def anything(self, days: tuple[int, int], now_ms: int) -> Flags:
        """Who has any product open on one of the days."""
        if not self.person.size or days[1] < self._last[0]:
            return self._marked(np.array([0, self.person.size], np.int64), days, now_ms)
        having: Flags = self._last_day_of_any >= max(days[0], NO_DAY + 1)
        person, at_ms, day = self._young
        _mark(having, np.array([0, person.size], np.int64), person, at_ms, day, self._bounds(days, now_ms))
        return having

    def _marked(self, spans: I8, days: tuple[int, int], now_ms: int) -> Flags:
        out = np.zeros(self.n_people, np.bool_)
        _mark(out, spans, self.person, self.at_ms, self.day, self._bounds(days, now_ms))
        return out

    def _bounds(self, days: tuple[int, int], now_ms: int) -> I8:
        return np.array([*days, now_ms - self.idle_ms], np.int64)

    def codes_of(self, person: int, days: tuple[int, int], now_ms: int) -> I8:
        """The products of one person that are open on the days."""
        mine = (self.person == person) & (self.at_ms <= now_ms - self.idle_ms)
        rows = np.flatnonzero(mine & (self.day >= days[0]) & (self.day <= days[1]))
        return np.unique(np.searchsorted(self.starts, rows, side="right") - 1)


def open_pairs(n_people: int, n_products: int, items: Items, day: I4) -> tuple[OpenPairs, OpenPairs]:
    """Viewed and not bought, and in the cart."""
    starts, rows = places_by(items.product.view(np.int32), n_products)
    # Product 0 is "not known".
    rows = rows[starts[1] :]
    pair = items.product[rows].astype(np.int64) << 32 | items.person[rows]
    found = _open(rows, pair, items.at_ms, items.act, items.quantity)
    products = np.arange(n_products + 1, dtype=np.uint32)

    def pairs(last: U4, idle_ms: int) -> OpenPairs:
        starts = np.searchsorted(items.product[last], products).astype(np.int64)
        return OpenPairs(n_people, starts, items.person[last], items.at_ms[last], day[last], idle_ms)

    return pairs(found[0], 0), pairs(found[1], IDLE_MS)
