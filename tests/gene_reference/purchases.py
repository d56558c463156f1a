"""Orders as they are settled, with their money, discounts and lines."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from services.insight.domain.money import UnreadableAmount, amount
from services.insight.domain.orders import NONE, REPORTS, UNREADABLE, Entry, OrderFact, settle
from tests.gene_reference.history import SERVER, Event, Settings
from tests.gene_reference.readings import Line, lines, number, plain

_ORDER_EVENTS = ("order_completed", "order_updated", "order_refunded", "order_cancelled")
_UNIT = Decimal("0.0001")


@dataclass(frozen=True)
class Purchase:
    """An order, or (without `is_order`) the negative revenue of a refund of no known order.

    `revenue` is None where the money is unknown or has no rate. `discount` and `list_value` are in the
    tenant's currency; without a list value, or a rate for it, both are 0.
    """

    nid: int
    at_ms: int
    is_order: bool
    revenue: Decimal | None
    discount: Decimal = Decimal(0)
    list_value: Decimal = Decimal(0)
    lines: tuple[Line, ...] = ()
    # Not yet: it was ordered, but nothing was bought.
    counts: bool = True


def purchases(events: Iterable[Event], settings: Settings, now_ms: int) -> list[Purchase]:
    """Of all people together, for one order may be reported by several nids."""
    told = list(events)
    reports: dict[str, list[Event]] = {}
    for event in told:
        if event.name in REPORTS:
            reports.setdefault(_order_id(event), []).append(event)
    found = []
    for entry in settle(facts(told), settings.rates.home):
        purchase = _purchase(entry, reports.get(entry.order_id, ()), settings)
        if purchase is not None:
            counts = not purchase.is_order or _counts(purchase, reports[entry.order_id], settings, now_ms)
            found.append(replace(purchase, counts=counts))
    return found


def facts(events: Iterable[Event]) -> list[OrderFact]:
    """What every order event says about its order."""
    return [_fact(event, order_id) for event in events if (order_id := _order_id(event))]


def _counts(purchase: Purchase, reports: Sequence[Event], settings: Settings, now_ms: int) -> bool:
    """As the tenant decided; a server's word on how far an order has come beats a browser's."""
    said = [event for event in reports if _status(event)]
    if any(event.source == SERVER for event in said):
        said = [event for event in said if event.source == SERVER]
    stages = [_status(event) for event in sorted(said, key=_rank)]
    handed_over = [event.happened_ms for event in said if _status(event) in ("picked_up", "delivered")]
    match settings.rules.order_counts:
        case "placed":
            return True
        case "paid":
            return bool(handed_over) or "paid" in stages
        case "picked_up":
            return bool(handed_over)
    if not handed_over and stages and stages[-1] in ("shipped", "ready_for_pickup"):
        return False
    # A whole number of days to give things back in, behind that of the hand-over.
    gone = settings.day(now_ms) - settings.day(min(handed_over, default=purchase.at_ms))
    return gone.days > settings.rules.return_days


def _status(event: Event) -> str:
    said = plain(event.properties.get("status")).lower()
    return "_".join(said.replace("-", " ").replace("_", " ").split())


def _order_id(event: Event) -> str:
    """Without one every report is an order of its own; "" for what is about no order."""
    names = ("order_id", "transaction_id", "orderId")
    order_id = next((text for name in names if (text := plain(event.properties.get(name)))), "")
    if event.name not in _ORDER_EVENTS or (not order_id and event.name == "order_updated"):
        return ""
    return order_id or f"~{event.message_id or (event.position, event.row)}"


def _fact(event: Event, order_id: str) -> OrderFact:
    said = event.properties
    value, basis = _money(event)
    if value is not None and event.name not in REPORTS:
        value = abs(value)
    return OrderFact(
        order_id,
        event.name,
        _status(event),
        value,
        basis,
        plain(said.get("currency")).upper(),
        event.nid,
        event.source == SERVER,
        datetime.fromtimestamp(event.happened_ms / 1000, UTC),
        event.position,
        event.row,
    )


def _money(event: Event) -> tuple[Decimal | None, str]:
    """Value = revenue, else GA4 value, else total - tax - shipping, else the lines."""
    said = event.properties
    try:
        for name in ("revenue", "value"):
            if text := plain(said.get(name)):
                return amount(text), name
        if total := plain(said.get("total")):
            less = [plain(said.get(name)) for name in ("tax", "shipping")]
            return amount(total) - sum((amount(text) for text in less if text), Decimal(0)), "total"
        listed = said.get("products") or said.get("items") or ()
        if not any(plain(line.get("price")) for line in listed):
            return None, NONE
        return sum((_paid(line) for line in listed), Decimal(0)).quantize(_UNIT, ROUND_HALF_EVEN), "lines"
    except UnreadableAmount:
        return None, UNREADABLE


def _paid(line: Mapping[str, Any]) -> Decimal:
    quantity, discount = plain(line.get("quantity")), plain(line.get("discount"))
    paid = amount(plain(line.get("price"))) * (amount(quantity) if quantity else 1)
    return paid - (amount(discount) if discount else 0)


def _purchase(entry: Entry, reports: Sequence[Event], settings: Settings) -> Purchase | None:
    at_ms = round(entry.at.timestamp() * 1000)
    on = settings.day(at_ms)
    rate = settings.rates.at(entry.currency, on)
    net = None if entry.amount is None or rate is None else entry.amount * rate
    if not entry.orders:
        # A refund of a known order is in that order's amount already.
        return Purchase(entry.nid, at_ms, False, net and _rounded(net)) if entry.amount else None
    for currency, refunded in entry.foreign:
        other = settings.rates.at(currency, on)
        net = None if net is None or other is None else net - refunded * other
    if entry.foreign and net is not None and net <= 0:
        return None
    ordered = _ordered(reports)
    discount = _discount(reports)
    listed = sum((_list_value(line, settings) for line in ordered), Decimal(0))
    if rate is None or listed <= 0:
        discount = listed = Decimal(0)
    return Purchase(
        entry.nid,
        at_ms,
        True,
        None if net is None else _rounded(net),
        _rounded(discount * (rate or 0)),
        _rounded(listed * (rate or 0)),
        tuple(ordered),
    )


def _rounded(money: Decimal) -> Decimal:
    return money.quantize(_UNIT, ROUND_HALF_EVEN)


def _rank(event: Event) -> tuple[bool, int, int, int]:
    """A server's report beats a browser's, then the latest wins."""
    return (event.source == SERVER, *event.order)


def _ordered(reports: Sequence[Event]) -> list[Line]:
    """The lines of the winning report among those that name any."""
    naming = [event for event in reports if lines(event)]
    return lines(max(naming, key=_rank)) if naming else []


def _discount(reports: Sequence[Event]) -> Decimal:
    """Of the lines, and of the whole order."""
    naming = [event for event in reports if lines(event)]
    if naming:
        winner = max(naming, key=_rank)
        of_lines = sum((line.discount or Decimal(0) for line in lines(winner)), Decimal(0))
        return of_lines + (number(winner.properties.get("discount")) or Decimal(0))
    saying = [event for event in reports if number(event.properties.get("discount")) is not None]
    return number(max(saying, key=_rank).properties.get("discount")) or Decimal(0) if saying else Decimal(0)


def _list_value(line: Line, settings: Settings) -> Decimal:
    """List price x quantity; a line that names no price adds nothing."""
    if line.price is None or not line.quantity:
        return Decimal(0)
    paid = line.price * line.quantity
    return paid + (line.discount or 0) if settings.rules.price_after_discount else paid
