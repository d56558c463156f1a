"""What an order is: many reports and refunds in, one order or none out.

- Its identity is its order_id. A server's report beats a browser's, then the latest one wins.
- Its owner is the winning report's, its money that of the winning report that names any, its status that of
  the winning report that names one, its moment that of the winning order_completed (of the earliest
  order_updated where nobody reported it completed).
- Refunds add up (a server's make a browser's count for nothing) and reduce it on its own day, never below
  zero. A cancellation, a refund that names no amount and a final status that takes it back reduce it to zero.
- Reduced to zero by any of these it is no order. A refund of no known order is negative revenue on its own
  day.
- When an order counts is for the tenant to say (`Counts`); its moment stays that of its placing. How far it
  has come is what the side (server or browser) says whose status wins.

store/queries/settled.py says the same in SQL; a property test holds the two together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from services.insight.domain.money import Part

REPORTS = frozenset({"order_completed", "order_updated"})
TAKEN_BACK = frozenset({"cancelled", "canceled", "returned", "uncollected"})

# Whoever has the goods has paid for them.
HANDED_OVER = frozenset({"picked_up", "delivered"})
PAID = HANDED_OVER | {"paid"}
ON_THE_WAY = frozenset({"shipped", "ready_for_pickup"})

# What an amount was taken from; `none` where nothing named one, `unreadable` where what did is no amount.
NONE, UNREADABLE = "none", "unreadable"


class Counts(StrEnum):
    """When an order counts."""

    PLACED = "placed"
    PAID = "paid"
    PICKED_UP = "picked_up"
    RETURN_PERIOD = "return_period"


@dataclass(frozen=True, slots=True)
class OrderFact:
    """One event about an order. `value` is known unless `basis` is none or unreadable."""

    order_id: str
    name: str
    status: str
    value: Decimal | None
    basis: str
    currency: str
    nid: int
    from_server: bool
    occurred_at: datetime
    position: int
    row: int

    @property
    def rank(self) -> tuple[bool, datetime, int, int]:
        """The greatest wins."""
        return (self.from_server, self.occurred_at, self.position, self.row)


@dataclass(frozen=True, slots=True)
class Journey:
    """How far an order has come."""

    paid: bool = False
    handed_over_at: datetime | None = None
    # Sent, and not handed over yet.
    on_the_way: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """What one order (`orders` 1) or one refund (`refunds` 1) adds to its person at its moment.

    `amount` is None where an order's money is unknown. `foreign` are refunds in other currencies than the
    order's, still to be taken off.
    """

    order_id: str
    nid: int
    at: datetime
    currency: str
    amount: Decimal | None
    orders: int
    refunds: int = 0
    foreign: tuple[tuple[str, Decimal], ...] = ()
    journey: Journey = Journey()


@dataclass(frozen=True, slots=True)
class CountingRule:
    """When a tenant's orders count; a return period is as many local days behind that of the hand-over."""

    when: Counts
    return_days: int
    zone: str

    def first_day(self, entry: Entry) -> date | None:
        """The local day on which it begins to count, None where that cannot be known yet.

        The return period of an order that nobody follows begins when it is placed.
        """
        journey = entry.journey
        match self.when:
            case _ if not entry.orders:
                return date.min
            case Counts.PLACED:
                return date.min
            case Counts.PAID:
                return date.min if journey.paid else None
            case Counts.PICKED_UP:
                return date.min if journey.handed_over_at else None
        if journey.on_the_way:
            return None
        began_at = journey.handed_over_at or entry.at
        return began_at.astimezone(ZoneInfo(self.zone)).date() + timedelta(self.return_days + 1)

    def counts(self, entry: Entry, today: date) -> bool:
        """Refunds count at once."""
        first = self.first_day(entry)
        return first is not None and first <= today


def part(entry: Entry, zone: str) -> Part:
    """What an entry adds to its local day; money nobody knows adds none."""
    on = entry.at.astimezone(ZoneInfo(zone)).date()
    return Part(on, entry.currency, entry.amount or Decimal(0), entry.orders, entry.foreign)


def settle(facts: Iterable[OrderFact], home: str) -> list[Entry]:
    """The entries of all orders; money without a currency is in `home`."""
    by_order: dict[str, list[OrderFact]] = {}
    for fact in facts:
        by_order.setdefault(fact.order_id, []).append(fact)
    return [entry for order in by_order.values() for entry in _settle_one(order, home)]


def _settle_one(facts: Sequence[OrderFact], home: str) -> list[Entry]:
    reports = [fact for fact in facts if fact.name in REPORTS]
    refunds = [fact for fact in facts if fact.name not in REPORTS]
    if any(fact.from_server for fact in refunds):
        refunds = [fact for fact in refunds if fact.from_server]
    entries = [_refund(fact, home, matched=bool(reports)) for fact in refunds]
    if reports:
        entries += _order(reports, refunds, home)
    return entries


def _refund(fact: OrderFact, home: str, *, matched: bool) -> Entry:
    amount = Decimal(0) if matched or fact.value is None else -fact.value
    currency = fact.currency or home
    return Entry(fact.order_id, fact.nid, fact.occurred_at, currency, amount, orders=0, refunds=1)


def _order(reports: Sequence[OrderFact], refunds: Sequence[OrderFact], home: str) -> list[Entry]:
    winner = max(reports, key=lambda fact: fact.rank)
    priced = max(
        (fact for fact in reports if fact.value is not None), key=lambda fact: fact.rank, default=None
    )
    status = max((fact for fact in reports if fact.status), key=lambda fact: fact.rank, default=None)
    completed = [fact for fact in reports if fact.name == "order_completed"]
    if completed:
        at = max(completed, key=lambda fact: fact.rank).occurred_at
    else:
        at = min(fact.occurred_at for fact in reports)
    currency = (priced.currency if priced else "") or home
    if status is not None and status.status in TAKEN_BACK:
        return []
    if any(fact.name == "order_cancelled" or fact.basis == NONE for fact in refunds):
        return []
    same = sum(
        (
            fact.value
            for fact in refunds
            if fact.value is not None and (fact.currency or currency) == currency
        ),
        Decimal(0),
    )
    foreign = tuple(
        sorted(
            (fact.currency, fact.value)
            for fact in refunds
            if fact.value is not None and (fact.currency or currency) != currency
        )
    )
    journey = _journey(reports, status)
    if priced is None or priced.value is None:
        return [Entry(winner.order_id, winner.nid, at, home, None, orders=1, journey=journey)]
    amount = priced.value
    if same:
        amount = max(amount - same, Decimal(0))
        if not amount:
            return []
    return [
        Entry(winner.order_id, winner.nid, at, currency, amount, orders=1, foreign=foreign, journey=journey)
    ]


def _journey(reports: Sequence[OrderFact], status: OrderFact | None) -> Journey:
    if status is None:
        return Journey()
    believed = [fact for fact in reports if fact.status and fact.from_server == status.from_server]
    handed_over = [fact.occurred_at for fact in believed if fact.status in HANDED_OVER]
    return Journey(
        paid=any(fact.status in PAID for fact in believed),
        handed_over_at=min(handed_over, default=None),
        on_the_way=not handed_over and status.status in ON_THE_WAY,
    )
