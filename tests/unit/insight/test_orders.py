"""Orders by worked examples."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

from services.insight.domain.orders import NONE, Entry, OrderFact, settle

DAY = datetime(2026, 11, 20, tzinfo=UTC)


def fact(row: int, **given: Any) -> OrderFact:
    said: dict[str, Any] = {
        "order_id": "A",
        "name": "order_completed",
        "status": "",
        "value": Decimal(100),
        "basis": "revenue",
        "currency": "",
        "nid": 1,
        "from_server": False,
        "occurred_at": DAY,
        "position": 1,
        "row": row,
    }
    return OrderFact(**said | given)


def refund(row: int, value: int | None = None, **given: Any) -> OrderFact:
    basis = "revenue" if value is not None else NONE
    amount = Decimal(value) if value is not None else None
    return fact(row, name="order_refunded", value=amount, basis=basis, **given)


def totals(*facts: OrderFact) -> tuple[int, Decimal]:
    entries = settle(facts, "TWD")
    return sum(entry.orders for entry in entries), sum(
        (entry.amount or Decimal(0) for entry in entries), Decimal(0)
    )


def test_browser_and_server_are_one_order_and_the_server_is_right() -> None:
    browser = fact(0, occurred_at=DAY + timedelta(hours=1))
    server = fact(1, from_server=True, value=Decimal(90), nid=2)
    [entry] = settle([browser, server], "TWD")
    assert entry == Entry("A", 2, DAY, "TWD", Decimal(90), orders=1)


def test_an_update_brings_newer_facts_but_does_not_move_the_day() -> None:
    later = DAY + timedelta(days=3)
    update = fact(1, name="order_updated", value=None, basis=NONE, status="sent", occurred_at=later)
    assert settle([fact(0), update], "TWD") == settle([fact(0)], "TWD")
    repriced = fact(2, name="order_updated", value=Decimal(80), occurred_at=later)
    [entry] = settle([fact(0), update, repriced], "TWD")
    assert (entry.amount, entry.at) == (Decimal(80), DAY)


def test_refunds_add_up_and_never_go_below_zero() -> None:
    assert totals(fact(0), refund(1, 30), refund(2, 20)) == (1, Decimal(50))
    assert totals(fact(0), refund(1, 130)) == (0, Decimal(0))


def test_a_cancellation_or_a_refund_without_amount_takes_all() -> None:
    assert totals(fact(0), refund(1)) == (0, Decimal(0))
    assert totals(fact(0), fact(1, name="order_cancelled", value=Decimal(5))) == (0, Decimal(0))


def test_a_status_takes_an_order_back_until_a_newer_one_gives_it_back() -> None:
    back = fact(1, name="order_updated", status="uncollected", occurred_at=DAY + timedelta(days=7))
    assert totals(fact(0), back) == (0, Decimal(0))
    paid = fact(2, name="order_updated", status="picked_up", occurred_at=DAY + timedelta(days=8))
    assert totals(fact(0), back, paid) == (1, Decimal(100))


def test_a_refund_both_report_is_one_refund() -> None:
    assert totals(fact(0), refund(1, 30), refund(2, 30, from_server=True)) == (1, Decimal(70))


def test_an_unmatched_refund_is_negative_revenue_on_its_own_day_until_its_order_comes() -> None:
    alone = refund(0, 30, occurred_at=DAY + timedelta(days=2))
    [entry] = settle([alone], "TWD")
    assert (entry.at, entry.amount, entry.orders, entry.refunds) == (alone.occurred_at, Decimal(-30), 0, 1)
    assert totals(alone, fact(1)) == (1, Decimal(70))


def test_a_refund_in_another_currency_waits_for_its_rate() -> None:
    order, _ = sorted(settle([fact(0), refund(1, 3, currency="USD")], "TWD"), key=lambda entry: -entry.orders)
    assert (order.amount, order.foreign) == (Decimal(100), (("USD", Decimal(3)),))


def test_the_order_of_arrival_changes_nothing() -> None:
    facts = [
        fact(0),
        fact(1, from_server=True, value=Decimal(90)),
        refund(2, 15),
        fact(3, name="order_updated", value=None, basis=NONE, status="paid", nid=4),
    ]
    outcomes = {tuple(sorted(map(repr, settle(order, "TWD")))) for order in permutations(facts)}
    assert len(outcomes) == 1
