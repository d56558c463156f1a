"""Facts of few orders, settled here: to analyse settled.py's SQL takes ClickHouse longer than that."""

from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from chassis.clickhouse import Rows
from services.insight.domain.money import Rates
from services.insight.domain.orders import CountingRule, Entry, OrderFact, settle
from services.insight.store.queries.settled import counting

# Settled in a hundredth of a second; more are left to SQL.
AT_MOST = 1_000


def facts(candidates: str) -> str:
    """Of the orders whose order_id the query `candidates` selects. Values: position UInt64, most UInt32."""
    return f"""
    select order_id, name, status, value, basis, currency, nid, source_kind, occurred_at, position, row
    from {{{{order_facts}}}}
    where position <= {{position:UInt64}} and order_id in ({candidates})
    limit {{most:UInt32}}
    """


@dataclass(frozen=True, slots=True)
class Counting:
    """How orders count: in which currency, when, and which day it is."""

    rates: Rates
    rule: CountingRule
    today: date

    @property
    def bound(self) -> dict[str, Any]:
        """What questions on settled orders bind."""
        return {"home": self.rates.home, "today": self.today, **counting(self.rule)}


def entries(answer: Rows, how: Counting, at_most: int) -> list[Entry] | None:
    """Those that count. None where there are more facts than `at_most`; it was asked for one more."""
    if len(answer.rows) > at_most:
        return None
    settled = settle(map(_fact, answer.rows), how.rates.home)
    return [entry for entry in settled if how.rule.counts(entry, how.today)]


def _fact(row: Any) -> OrderFact:
    order_id, name, status, value, basis, currency, nid, source_kind, at, position, number = row
    return OrderFact(
        order_id=order_id,
        name=name,
        status=status,
        value=value,
        basis=basis,
        currency=currency,
        nid=int(nid),
        from_server=source_kind == 2,
        occurred_at=at.replace(tzinfo=UTC),
        position=int(position),
        row=int(number),
    )
