"""What the shop tells the tracking API: in the browser by the snippet's calls, from its server by reports."""

import asyncio
import logging
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx

from demo.storefront.catalogue import Product
from demo.storefront.memory import Member, Memory

log = logging.getLogger("demo.storefront")
CURRENCY = "GBP"
_RETRY_SECONDS = 2.0
_MOST_RETRY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Line:
    """So many of a product."""

    product: Product
    quantity: int

    @property
    def amount(self) -> Decimal:
        return self.product.price * self.quantity


def total(lines: Iterable[Line]) -> Decimal:
    """Delivery is free."""
    return sum((line.amount for line in lines), Decimal(0))


def product_facts(product: Product, quantity: int | None = None) -> dict[str, Any]:
    """A product as every event names it; `product_id` is the history's stock code."""
    facts = {
        "product_id": product.code,
        "name": product.name,
        "category": product.category_path,
        "price": product.price,
        "currency": CURRENCY,
    }
    return facts if quantity is None else {**facts, "quantity": quantity}


def cart_facts(lines: list[Line]) -> dict[str, Any]:
    """Lines with their sum."""
    products = [product_facts(line.product, line.quantity) for line in lines]
    return {"value": total(lines), "currency": CURRENCY, "products": products}


def order_facts(order_id: str, lines: list[Line], delivery: str) -> dict[str, Any]:
    """The same for the browser's and the server's report, so that both are one order."""
    facts = cart_facts(lines)
    return {"order_id": order_id, "revenue": facts.pop("value"), "shipping_method": delivery, **facts}


def order_message(order_id: str) -> str:
    """The message id of an order: a thank-you page that is opened again counts once."""
    return f"storefront-{order_id}"


def joined_report(member: Member, letters: bool) -> list[dict[str, Any]]:
    """What only a server may say: the address that joins, and what it may be used for."""
    return [
        {
            "type": "identify",
            "messageId": f"storefront-joined-{member.number}",
            "userId": member.number,
            "timestamp": datetime.now(UTC),
            "traits": {"email": member.email, "name": member.name, "createdAt": datetime.now(UTC)},
            "context": {"channel": "web", "consent": {"categoryPreferences": {"email": letters}}},
        }
    ]


def order_report(order_id: str, facts: dict[str, Any], who: dict[str, str]) -> list[dict[str, Any]]:
    """The server's own word on an order, which counts before the browser's."""
    return [
        {
            "type": "track",
            "event": "Order Completed",
            "messageId": order_message(order_id),
            **who,
            "timestamp": datetime.now(UTC),
            "properties": facts,
            "context": {"channel": "web"},
        }
    ]


class Reports:
    """Sends what the memory holds, in order, until it is stored; a gateway that is away loses nothing."""

    def __init__(self, memory: Memory, gateway: str, secret_key: str) -> None:
        self._memory = memory
        basic = b64encode(f"{secret_key}:".encode()).decode()
        self._client = httpx.AsyncClient(
            base_url=gateway, headers={"authorization": f"Basic {basic}", "content-type": "application/json"}
        )
        self._news = asyncio.Event()
        self._news.set()

    def wake(self) -> None:
        """There is something new."""
        self._news.set()

    async def run(self) -> None:
        """Until cancelled."""
        pause = _RETRY_SECONDS
        async with self._client:
            while True:
                await self._news.wait()
                self._news.clear()
                while untold := self._memory.untold():
                    if await self._tell(untold):
                        pause = _RETRY_SECONDS
                        continue
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, _MOST_RETRY_SECONDS)

    async def _tell(self, untold: list[tuple[int, bytes]]) -> bool:
        for report, body in untold:
            try:
                answer = await self._client.post("/v1/batch", content=body)
            except httpx.TransportError as error:
                log.warning("report_waits", extra={"because": type(error).__name__})
                return False
            if answer.status_code != httpx.codes.OK:
                # Also a key that was revoked: a new one may be given, and then everything is told.
                log.warning("report_waits", extra={"because": answer.status_code})
                return False
            self._memory.told(report)
        return True
