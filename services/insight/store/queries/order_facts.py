"""Facts of few orders, settled here: to analyse settled.py's SQL takes ClickHouse longer than that."""

from datetime import UTC
from typing import Any

from chassis.clickhouse import Rows
from services.insight.domain.orders import Entry, OrderFact, settle

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


def entries(answer: Rows, home: str, at_most: int) -> list[Entry] | None:
    """None where there are more facts than `at_most`; it was asked for one more."""
    if len(answer.rows) > at_most:
        return None
    return settle(map(_fact, answer.rows), home)


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
