"""What an event says about products, searches, topics and sources, read naively from its payload."""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from services.insight.domain.money import UnreadableAmount, amount
from tests.gene_reference.history import Event, mapping_of, text_of

_SEARCH = ("google.", "bing.", "yahoo.", "duckduckgo.", "baidu.", "yandex.", "ecosia.")
_SOCIAL = (
    "facebook.",
    "instagram.",
    "twitter.",
    "linkedin.",
    "youtube.",
    "pinterest.",
    "tiktok.",
    "threads.",
)
_CLICKED = {"email": "email", "e-mail": "email", "line": "line", "sms": "sms", "push": "push"}


@dataclass(frozen=True)
class Line:
    """One product of an event; texts are "" and numbers None where it says nothing."""

    product: str
    category: str
    brand: str
    quantity: Decimal
    price: Decimal | None
    discount: Decimal | None


def lines(event: Event) -> list[Line]:
    """The products an event names; a product_* event without a list is about one product itself."""
    listed = _listed(event.properties)
    if listed:
        return [_line(one) for one in listed]
    return [_line(event.properties)] if event.name.startswith("product_") else []


def _listed(properties: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    for name in ("products", "items"):
        value = properties.get(name)
        found = [mapping_of(one) for one in value if mapping_of(one)] if isinstance(value, list) else []
        if found:
            return found
    return []


def _line(said: Mapping[str, Any]) -> Line:
    quantity = number(said.get("quantity"))
    return Line(
        product=first_text(said, "product_id", "productId", "sku", "item_id", "id"),
        category=_category(said),
        brand=first_text(said, "brand", "item_brand"),
        quantity=Decimal(1) if quantity is None else max(quantity, Decimal(0)),
        price=number(said.get("price")),
        discount=number(said.get("discount")),
    )


def _category(said: Mapping[str, Any]) -> str:
    path = first_text(said, "category")
    if not path:
        names = ["item_category", *(f"item_category{level}" for level in range(2, 6))]
        path = ">".join(first_text(said, name) for name in names)
    return " > ".join(part.strip() for part in path.split(">") if part.strip())


def first_text(said: Mapping[str, Any], *names: str) -> str:
    """The first of these fields that says something."""
    return next((text for name in names if (text := word(said.get(name)))), "")


def word(value: object) -> str:
    """A text or number as text; "" for anything else."""
    return "" if isinstance(value, bool | list | dict) else plain(value)


def plain(value: object) -> str:
    """A JSON text without the spaces around it, of anything else the JSON; "" for null and what is absent."""
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else json.dumps(value)


def number(value: object) -> Decimal | None:
    """None for what nobody can read as an amount, too."""
    try:
        return amount(plain(value))
    except UnreadableAmount:
        return None


def normalised(term: str) -> str:
    """A search term as it is compared: NFKC, casefolded, spaces collapsed."""
    return " ".join(unicodedata.normalize("NFKC", term).casefold().split())


def term(event: Event) -> str:
    """What was searched for; "" for nothing."""
    if event.name != "products_searched":
        return ""
    said = first_text(event.properties, "query", "search_term", "search_query", "q", "keyword")
    return normalised(said)


def topics(event: Event) -> list[str]:
    """What an article that was read is about."""
    if event.name != "article_read":
        return []
    said = event.properties.get("topics")
    told: Sequence[object] = said if isinstance(said, list) else word(said).split(",")
    return [topic for one in told if (topic := word(one))]


def clicked(event: Event) -> str:
    """The channel of a message that was clicked; "" for none that we know."""
    if event.name != "message_clicked":
        return ""
    said = text_of(event.properties.get("channel")) or text_of(event.context.get("channel"))
    return _CLICKED.get(said.strip().lower(), "")


def utm(event: Event) -> str:
    """ "google / cpc", only "google", or "" for none."""
    campaign = mapping_of(event.context.get("campaign"))
    source, medium = text_of(campaign.get("source")).strip(), text_of(campaign.get("medium")).strip()
    if not source:
        return ""
    return f"{source} / {medium}" if medium else source


def referrer_class(event: Event) -> str:
    """search, social or referral; "" for none, and for a page of the same site."""
    page = mapping_of(event.context.get("page"))
    host = _host(text_of(page.get("referrer")))
    if not host or host == _host(text_of(page.get("url"))):
        return ""
    parts = f".{host}"
    if any(f".{site}" in parts for site in _SOCIAL):
        return "social"
    return "search" if any(f".{site}" in parts for site in _SEARCH) else "referral"


def _host(address: str) -> str:
    """Without "www.", which tells no two sites apart."""
    return (urlsplit(address).hostname or "").lower().removeprefix("www.")
