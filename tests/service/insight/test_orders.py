"""The orders of the event store are the orders of the rules, for any history."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from chassis.clickhouse import Query
from services.insight.domain.money import Rate, Rates, revenue
from services.insight.domain.orders import (
    NONE,
    REPORTS,
    UNREADABLE,
    CountingRule,
    Counts,
    Entry,
    OrderFact,
    settle,
)
from services.insight.domain.overview import overview
from services.insight.store import native
from services.insight.store.queries.order_facts import Counting
from services.insight.store.queries.overview import Span, load_sales
from services.insight.store.queries.profile_totals import Buyers, load_purchases
from services.insight.store.queries.settled import ALWAYS, NOT_YET, counting, settled
from services.insight.store.rows import OrderFactRows
from tests.service.insight.installation import Client, Shop

_ALL = Query(f"select * from ({settled('select order_id from {{order_facts}}')})")
_NAMES = ["order_completed", "order_updated", "order_refunded", "order_cancelled"]


def history(rng: random.Random, position: int) -> list[OrderFact]:
    """Facts of few orders, so that they meet; moments repeat, so that places decide."""
    facts = []
    for row in range(rng.randint(1, 9)):
        name = rng.choices(_NAMES, [5, 3, 4, 1])[0]
        basis = rng.choices(["revenue", NONE, UNREADABLE], [6, 1, 1])[0]
        value = Decimal(rng.choice(["0", "0.0001", "10", "12.5", "99.99"])) if basis == "revenue" else None
        facts.append(
            OrderFact(
                order_id=f"{position}-{rng.randint(1, 2)}",
                name=name,
                status=rng.choice(["", "", "paid", "shipped", "picked_up", "returned"])
                if name in REPORTS
                else "",
                value=value,
                basis=basis,
                currency=rng.choice(["", "", "TWD", "USD"]),
                nid=rng.randint(1, 3),
                from_server=rng.random() < 0.4,
                occurred_at=datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=rng.randint(0, 3)),
                position=position,
                row=row,
            )
        )
    return facts


def rows_of(tenant_id: str, facts: list[OrderFact]) -> OrderFactRows:
    return OrderFactRows(
        tenant_id=[tenant_id] * len(facts),
        position=[fact.position for fact in facts],
        row=[fact.row for fact in facts],
        order_id=[fact.order_id for fact in facts],
        name=[fact.name for fact in facts],
        status=[fact.status for fact in facts],
        value=[fact.value for fact in facts],
        basis=[fact.basis for fact in facts],
        currency=[fact.currency for fact in facts],
        nid=[fact.nid for fact in facts],
        source_kind=[2 if fact.from_server else 1 for fact in facts],
        occurred_at=[int(fact.occurred_at.timestamp() * 1000) for fact in facts],
    )


def comparable(entry: Entry, rule: CountingRule) -> tuple[object, ...]:
    known = entry.amount is not None
    return (
        entry.order_id,
        entry.nid,
        entry.at,
        entry.currency,
        known,
        entry.amount or Decimal(0),
        entry.orders,
        entry.refunds,
        entry.foreign,
        rule.first_day(entry) or date.max,
    )


async def store(insight: Client, rows: OrderFactRows) -> None:
    columns = rows.columns()
    await insight.clickhouse.insert(
        "order_facts", [name for name, _, _ in columns], native.block(columns, len(rows)), format="Native"
    )


async def test_few_orders_and_many_are_answered_alike(insight: Client) -> None:
    """Few are settled by the rules, many by SQL: of the same orders both say the same."""
    rng = random.Random(4)
    shop = insight.shop()
    facts = [fact for number in range(100) for fact in history(rng, number + 1)]
    await store(insight, rows_of(shop.tenant_id, facts))
    # A span that begins and ends among them, on a day that is two in Taipei and one in New York.
    dollars = Rates("TWD", [Rate("USD", date(2026, 10, 1), Decimal("31.25"))])
    for zone, when, hours in (
        ("Asia/Taipei", Counts.PLACED, (0, 2)),
        ("America/New_York", Counts.RETURN_PERIOD, (1, 40)),
    ):
        # Of orders placed on the last day of October in New York the two days are over.
        how = Counting(dollars, CountingRule(when, 2, zone), date(2026, 11, 3))
        begins_at, ends_at = (datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=number) for number in hours)
        on = (date(2026, 10, 31), date(2026, 11, 2))
        span = Span(*on, begins_at, ends_at, zone)
        few, many = [
            overview(
                on,
                [],
                await load_sales(insight.clickhouse, shop.tenant_id, 90, how, span, at_most=at_most),
                dollars,
            )
            for at_most in (1_000, 0)
        ]
        assert few == many and few.total.orders and few.unpriced_orders

        buyers = Buyers({1: 1, 2: 1, 4: 4}, how)
        found = []
        for at_most in (1_000, 0):
            parts = await load_purchases(insight.clickhouse, shop.tenant_id, 90, buyers, at_most=at_most)
            found.append(
                [revenue((part for owner, part in parts if owner == one), dollars) for one in (1, 4)]
            )
        assert found[0] == found[1] and found[0][0].orders > 20 and not found[0][1].orders


async def test_sql_settles_two_thousand_random_orders_as_the_rules_do(insight: Client) -> None:
    rng = random.Random(20261122)
    shop: Shop = insight.shop()
    # Far below anything the stream holds, so that the store's own places stay what they are.
    facts = [fact for number in range(1000) for fact in history(rng, number + 1)]
    rows = rows_of(shop.tenant_id, facts)
    await store(insight, rows)
    for when in Counts:
        rule = CountingRule(when, 7, "America/New_York")
        answer = await insight.clickhouse.fetch(
            _ALL, shop.tenant_id, position=10**6, home="TWD", **counting(rule)
        )
        found = [
            (
                row["order_id"],
                row["nid"],
                row["at"].replace(tzinfo=UTC),
                row["currency"],
                row["amount"] is not None,
                row["amount"] or Decimal(0),
                row["orders"],
                row["refunds"],
                tuple(tuple(part) for part in row["foreign"]),
                _day(row["counts_on"]),
            )
            for row in answer.dicts()
        ]
        told = [comparable(entry, rule) for entry in settle(facts, "TWD")]
        assert sorted(found) == sorted(told)


def _day(number: int) -> date:
    if number == NOT_YET:
        return date.max
    return date.min if number == ALWAYS else date(1970, 1, 1) + timedelta(number)
