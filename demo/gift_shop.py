"""Turns the Online Retail invoices into the gift shop's events; README.md states the rules."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from demo.dates import instant
from demo.rows import rows

# The tracking API takes 32 KB an event; the rest is room for the envelope.
PRODUCTS_LIMIT = 31_000

# A bad debt was booked with the wrong sign (A563185), taken back a minute later (A563186) and booked
# again (A563187).
REVERSALS = {"A563186": "A563185"}

ENCODER = msgspec.json.Encoder(decimal_format="number")


@dataclass(slots=True)
class Line:
    """One line of an invoice as the file has it; a cancelled line has a negative quantity."""

    stock_code: str
    description: str | None
    quantity: int
    price: Decimal


@dataclass(slots=True)
class Invoice:
    """All lines of one invoice number."""

    number: str
    # The earliest line's minute: 38 invoices were typed over two minutes.
    at: datetime
    customer: int | None
    country: str
    lines: list[Line] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        """Sum of quantity × price; below zero for cancellations."""
        return sum((line.quantity * line.price for line in self.lines), Decimal(0))


def invoices(path: Path) -> list[Invoice]:
    """Every invoice of the file, oldest first."""
    by_number: dict[str, Invoice] = {}
    for number, code, text, quantity, at, price, customer, country in rows(path, COLUMNS):
        invoice = by_number.get(number)
        if invoice is None:
            invoice = by_number[number] = Invoice(number, at, customer, country)
        invoice.at = min(invoice.at, at)
        # The file stores pence as doubles; their shortest text is the price that was typed.
        invoice.lines.append(Line(code, text, quantity, Decimal(repr(price))))
    return sorted(by_number.values(), key=lambda invoice: (invoice.at, invoice.number))


COLUMNS = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)


def events(path: Path, weeks: int, zone: ZoneInfo) -> Iterator[dict[str, Any]]:
    """The shop's events, oldest first: one an invoice, and an identify when a member's country is news."""
    countries: dict[int, str] = {}
    named: set[str] = set()
    for invoice in invoices(path):
        if invoice.customer is None and not invoice.total:
            continue  # goods found, broken or lost in the warehouse: nobody's act
        at = instant(invoice.at, weeks, zone)
        if invoice.customer is not None and countries.get(invoice.customer) != invoice.country:
            countries[invoice.customer] = invoice.country
            yield {
                "type": "identify",
                "messageId": f"gift-country-{invoice.number}",
                "userId": str(invoice.customer),
                "timestamp": at,
                "traits": {"country": invoice.country},
                "context": {"channel": "web"},
            }
        yield _invoice_event(invoice, at, named)


def _invoice_event(invoice: Invoice, at: str, named: set[str]) -> dict[str, Any]:
    cancelled = invoice.total < 0
    sign = -1 if cancelled else 1
    person = (
        {"anonymousId": f"invoice-{invoice.number}"}
        if invoice.customer is None
        else {"userId": str(invoice.customer)}
    )
    return {
        "type": "track",
        "event": "Order Cancelled" if cancelled else "Order Completed",
        "messageId": f"gift-{invoice.number}",
        **person,
        "timestamp": at,
        "properties": {
            "order_id": REVERSALS.get(invoice.number, invoice.number),
            "revenue": sign * invoice.total,
            "currency": "GBP",
            "country": invoice.country,
            "products": _products(invoice, sign, named),
        },
        "context": {"channel": "web"},
    }


def _products(invoice: Invoice, sign: int, named: set[str]) -> list[dict[str, Any]]:
    """Every line. The longest invoices (from about 340 lines) name only products never named before, and
    say `sku`, to fit one event; `named` learns the names that went out.
    """
    products = [
        {"product_id": line.stock_code, **_name(line), **_amounts(line, sign)} for line in invoice.lines
    ]
    if len(ENCODER.encode(products)) > PRODUCTS_LIMIT:
        products = [
            {
                "sku": line.stock_code,
                **({} if line.stock_code in named else _name(line)),
                **_amounts(line, sign),
            }
            for line in invoice.lines
        ]
    named.update(line.stock_code for line in invoice.lines if line.description)
    return products


def _name(line: Line) -> dict[str, Any]:
    return {"name": line.description} if line.description else {}


def _amounts(line: Line, sign: int) -> dict[str, Any]:
    # The bad debt's own lines are the file's only negative prices: the sign moves to the amount taken back.
    if line.price < 0:
        return {"price": sign * line.price, "quantity": line.quantity}
    return {"price": line.price, "quantity": sign * line.quantity}
