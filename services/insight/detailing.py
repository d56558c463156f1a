"""Adds the details of one event to a block, whether it just arrived or was stored before there were any."""

from dataclasses import dataclass

from services.insight.domain.details import DETAILED, Aspect, Detail, details
from services.insight.domain.events import ORDER_EVENTS
from services.insight.domain.payloads import order_id
from services.insight.domain.sources import Source
from services.insight.store.rows import DetailRows


@dataclass(slots=True)
class Whose:
    """What a detail has of its event."""

    tenant_id: str
    position: int
    row: int
    nid: int
    occurred_at: int
    name: str
    source_kind: int
    message_id: str


def add_details(rows: DetailRows, whose: Whose, payload: bytes, came_from: Source | None) -> None:
    """All of one event; `came_from` is of visits only."""
    if came_from is not None:
        kind = "utm" if came_from.utm else "referrer"
        _add(rows, whose, 0, "", Detail(Aspect.SOURCE, value=came_from.value, category=kind))
    if whose.name not in DETAILED:
        return
    order = ""
    if whose.name in ORDER_EVENTS:
        order = order_id(payload)
        if not order and whose.name == "order_updated":
            # It names no order that it could be newer lines of.
            return
        # The same as in order_facts.
        order = order or f"~{whose.message_id}"
    aspect, line = None, 0
    for detail in details(whose.name, payload):
        line = line + 1 if detail.aspect is aspect else 0
        aspect = detail.aspect
        _add(rows, whose, line, order, detail)


def _add(rows: DetailRows, whose: Whose, line: int, order: str, detail: Detail) -> None:
    rows.tenant_id.append(whose.tenant_id)
    rows.position.append(whose.position)
    rows.row.append(whose.row)
    rows.nid.append(whose.nid)
    rows.occurred_at.append(whose.occurred_at)
    rows.name.append(whose.name)
    rows.aspect.append(detail.aspect)
    rows.order_id.append(order)
    rows.source_kind.append(whose.source_kind)
    rows.product.append(detail.product)
    rows.category.append(detail.category)
    rows.brand.append(detail.brand)
    rows.value.append(detail.value)
    rows.quantity.append(detail.quantity)
    rows.price.append(detail.price)
    rows.discount.append(detail.discount)
    rows.currency.append(detail.currency)
    rows.results.append(detail.results)
    rows.line.append(line)
