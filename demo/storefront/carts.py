"""Carts that members of the history left behind: synthetic, and every event of them says so."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zlib import crc32

from demo.gift_shop import invoices
from demo.storefront.catalogue import Catalogue
from demo.storefront.telling import product_facts

# One member in so many left a cart, on one of the last days.
_ONE_IN = 12
_DAYS = 12
_LOOKED_SECONDS = 90


def left_carts(history: Path, catalogue: Catalogue, now: datetime) -> Iterator[dict[str, Any]]:
    """The history has orders only: who left what, and when, follows from a member's number and orders."""
    bought: dict[int, Counter[str]] = {}
    for invoice in invoices(history):
        if invoice.customer is not None and crc32(b"%d" % invoice.customer) % _ONE_IN == 0:
            codes = (line.stock_code for line in invoice.lines if line.stock_code in catalogue.products)
            bought.setdefault(invoice.customer, Counter()).update(codes)
    for customer, often in sorted(bought.items()):
        for code, _ in often.most_common(1 + customer % 3):
            # Two hours at least: a cart counts as left an hour after it was touched.
            minutes = 120 + crc32(f"{customer} {code}".encode()) % (_DAYS * 24 * 60)
            at = now - timedelta(minutes=minutes)
            yield _event("Product Viewed", customer, code, catalogue, at)
            yield _event("Product Added", customer, code, catalogue, at + timedelta(seconds=_LOOKED_SECONDS))


def _event(name: str, customer: int, code: str, catalogue: Catalogue, at: datetime) -> dict[str, Any]:
    quantity = 1 if name == "Product Added" else None
    return {
        "type": "track",
        "event": name,
        "messageId": f"left-cart-{customer}-{code}-{'added' if quantity else 'viewed'}",
        "userId": str(customer),
        "timestamp": at,
        "properties": {**product_facts(catalogue.products[code], quantity), "synthetic": True},
        "context": {"channel": "web"},
    }
