"""Settled orders and unmatched refunds, with the report whose lines count, as genes read them."""

from dataclasses import dataclass

import numpy as np

from services.insight.domain.genes.facts import I4, I8, U1, U4
from services.insight.domain.orders import CountingRule
from services.insight.store.facts_blocks import Codes, Gathered
from services.insight.store.queries.facts_scope import PLACE, SO_FAR, Scope, read
from services.insight.store.queries.settled import counting, settled
from services.insight.store.question import wide


def orders_of(who: str) -> str:
    """The orders of which somebody reported anything, by position only: a projection knows these by nid."""
    return f"select order_id from {{{{order_facts}}}} where position <= {{position:UInt64}} {who}"


def reported_by(who: str) -> str:
    """Lines lie with their reporters: without these all lines there are would be read."""
    reporters = f"""select nid from {{{{order_facts}}}}
        where position <= {{position:UInt64}} and order_id in ({orders_of(who)})"""
    return f"and nid in ({reporters})" if who else ""


def _sql(who: str) -> str:
    candidates = orders_of(who)
    return f"""
    select nid, toUnixTimestamp64Milli(at) as at_ms, currency, amount, toUInt8(orders) as is_order,
        arrayStringConcat(arrayMap(f -> concat(f.1, ' ', toString(f.2)), foreign), ';') as refunded,
        if(orders = 1, lines_place, toInt64(0)) as lines_place, counts_on
    from ({settled(candidates, SO_FAR)}) as entries left join (
        select order_id,
            argMax(toInt64({PLACE}), (source_kind = 2, occurred_at, position, row)) as lines_place
        from {{{{event_details}}}}
        where {SO_FAR} and order_id in ({candidates}) and aspect = 'item' {reported_by(who)}
        group by order_id
    ) as said using (order_id)
    where orders = 1 or ifNull(amount, toDecimal128(0, 4)) != 0
    """


_ORDERS = wide(_sql)


@dataclass(frozen=True, slots=True)
class OrderRows:
    """Entries of settled orders; also of other people where some are asked for.

    `amount` is NOTHING where it is unknown. `refunded` are refunds in other currencies: "USD 3.5;JPY 100".
    `lines_place` is that of the report whose lines count, 0 where none names any. `counts_on` is as in
    settled.py.
    """

    nid: U4
    at: I8
    is_order: U1
    amount: I8
    currency: U4
    currencies: list[str]
    refunded: U4
    refunds: list[str]
    lines_place: I8
    counts_on: I4


async def load_orders(scope: Scope, home: str, rule: CountingRule) -> OrderRows:
    currencies, refunds = Codes(), Codes()
    found = await read(
        scope.at_once,
        _ORDERS,
        Gathered({"currency": currencies, "refunded": refunds}),
        home=home,
        **counting(rule),
    )
    return OrderRows(
        nid=found.column("nid", np.uint32),
        at=found.column("at_ms", np.int64),
        is_order=found.column("is_order", np.uint8),
        amount=found.column("amount", np.int64),
        currency=found.column("currency", np.uint32),
        currencies=currencies.texts,
        refunded=found.column("refunded", np.uint32),
        refunds=refunds.texts,
        lines_place=found.column("lines_place", np.int64),
        counts_on=found.column("counts_on", np.int32),
    )
