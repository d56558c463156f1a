"""Orders' money in the tenant's currency, exact to 1/10,000, and the lines that belong to them."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal

import numpy as np

from services.insight.domain.days import begins_at
from services.insight.domain.genes.calendar import date_of, local_day, local_days
from services.insight.domain.genes.facts import I4, I8, NOTHING, U4, UNIT, Flags
from services.insight.domain.genes.zones import zone_of
from services.insight.domain.money import Rates
from services.insight.store.queries.facts_items import LineRows
from services.insight.store.queries.facts_orders import OrderRows
from services.insight.store.queries.settled import NOT_YET

_EXACT = Context(prec=76, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True, slots=True)
class Sold:
    """Orders, and refunds of no known order, in the tenant's currency."""

    nid: U4
    at: I8
    is_order: Flags
    revenue: I8
    lines_place: I8
    # Of each order the place of its rate in `rates`.
    rate: I4
    # None where the tenant has none.
    rates: list[Decimal | None]
    # The local day on which each begins to count.
    counts_on: I4
    zone: str

    def counts(self, now_ms: int) -> Flags:
        counts: Flags = self.counts_on <= local_day(now_ms, zone_of(self.zone))
        return counts

    def ahead(self, now_ms: int) -> tuple[I8, U4]:
        """When those will count that do not yet, and whose they are."""
        rows = np.flatnonzero(~self.counts(now_ms) & (self.counts_on != NOT_YET))
        days, place = np.unique(self.counts_on[rows], return_inverse=True)
        begins = [int(begins_at(date_of(day), self.zone).timestamp() * 1000) for day in days.tolist()]
        return np.array(begins, np.int64)[place], self.nid[rows]

    def order_of(self, places: I8) -> I8:
        """Of each place of a report the order whose lines it gives; -1 of other reports."""
        if not self.lines_place.size:
            return np.full(places.size, -1, np.int64)
        order = np.argsort(self.lines_place, kind="stable")
        ranked = self.lines_place[order]
        found = np.minimum(np.searchsorted(ranked, places), ranked.size - 1)
        return np.where(ranked[found] == places, order[found], -1)

    def discounts(self, lines: LineRows, order: I8, after_discount: bool) -> tuple[I8, I8]:
        """Discount and list value of each order; both 0 without a list value, or a rate for it."""
        counted = order >= 0
        order = order[counted]
        is_line, quantity, price, discount = (
            column[counted] for column in (lines.is_line == 1, lines.quantity, lines.price, lines.discount)
        )
        given = np.where(discount == NOTHING, 0, discount)
        named = is_line & (price != NOTHING) & (quantity != 0)
        # Of 1/10,000 x 1/10,000. The list price is of one piece, the discount of all of a line.
        listed = np.where(named, price * quantity, 0)
        if after_discount:
            listed += np.where(named, given * UNIT, 0)
        discounts, lists = np.zeros(self.nid.size, np.int64), np.zeros(self.nid.size, np.int64)
        np.add.at(discounts, order, given)
        np.add.at(lists, order, listed)
        counts = lists > 0
        discounts[~counts] = lists[~counts] = 0
        lists, left = np.divmod(lists, UNIT)
        lists += (left > UNIT // 2) | ((left == UNIT // 2) & (lists % 2 == 1))
        self._convert(discounts, lists)
        return discounts, lists

    def _convert(self, *amounts: I8) -> None:
        for place, rate in enumerate(self.rates):
            if rate == 1:
                continue
            rows = np.flatnonzero(self.rate == place)
            for column in amounts:
                column[rows] = 0 if rate is None else [times(int(value), rate) for value in column[rows]]


def times(units: int, rate: Decimal) -> int:
    """Half to even."""
    return int(_EXACT.multiply(Decimal(units), rate).to_integral_value(ROUND_HALF_EVEN))


def converted(rows: OrderRows, rates: Rates, zone: str) -> Sold:
    """Entries with their money in the tenant's currency; those that are nothing are left out."""
    day = local_days(rows.at, zone_of(zone))
    # As one number each: pairs are compared with the interpreter's lock held.
    keys = (rows.currency.astype(np.int64) << 32) | day.astype(np.uint32)
    keys, place = np.unique(keys, return_inverse=True)
    found = _rates(keys, rows.currencies, rates)
    revenue = rows.amount.copy()
    for index, rate in enumerate(found):
        if rate != 1:
            of_rate = np.flatnonzero((place == index) & (rows.amount != NOTHING))
            revenue[of_rate] = NOTHING if rate is None else [times(int(u), rate) for u in revenue[of_rate]]
    is_order = rows.is_order.astype(np.bool_)
    kept = is_order | (revenue != NOTHING)
    for row in np.flatnonzero(rows.refunded):
        net = _after_refunds(rows, int(row), found[place[row]], (rates, int(day[row])))
        kept[row] = net is None or net > 0
        revenue[row] = NOTHING if net is None else int(net.to_integral_value(ROUND_HALF_EVEN))
    return Sold(
        rows.nid[kept],
        rows.at[kept],
        is_order[kept],
        revenue[kept],
        rows.lines_place[kept],
        place[kept].astype(np.int32),
        found,
        rows.counts_on[kept],
        zone,
    )


def _rates(keys: I8, currencies: list[str], rates: Rates) -> list[Decimal | None]:
    """Of each currency and day."""
    pairs = zip((keys >> 32).tolist(), keys.astype(np.uint32).view(np.int32).tolist(), strict=True)
    return [rates.at(currencies[code], date_of(day)) for code, day in pairs]


def _after_refunds(rows: OrderRows, row: int, rate: Decimal | None, day: tuple[Rates, int]) -> Decimal | None:
    """What is left, in 1/10,000; None where it cannot be known."""
    amount = int(rows.amount[row])
    if rate is None or amount == NOTHING:
        return None
    rates, on = day[0], date_of(day[1])
    net = _EXACT.multiply(Decimal(amount), rate)
    for refund in rows.refunds[rows.refunded[row]].split(";"):
        currency, _, refunded = refund.rpartition(" ")
        other = rates.at(currency, on)
        if other is None:
            return None
        net = _EXACT.subtract(net, _EXACT.multiply(Decimal(refunded) * UNIT, other))
    return net
