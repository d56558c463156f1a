"""What a product may say of itself, and when two products are the same."""

import hashlib
import re
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

import msgspec

MAX_ID_CHARS = 200
MAX_NAME_CHARS = 500
MAX_URL_CHARS = 2_000
MAX_LEVELS = 10
MAX_LEVEL_CHARS = 200
MAX_ATTRIBUTES_BYTES = 32 * 1024
# Far beyond any price, and well inside what PostgreSQL's numeric and every reader of ours can hold.
_MAX_PRICE = Decimal(10) ** 15
_MAX_DECIMALS = 10
_CURRENCY = re.compile(r"[A-Z]{3}")
_attributes = msgspec.json.Decoder(dict[str, object])
_canonical = msgspec.json.Encoder(decimal_format="string", order="deterministic")


class ProductNotValid(Exception):
    """This product cannot be kept: `reason` for a machine, the message for a person."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Product:
    """One thing that can be bought; "" and None stand for what the shop did not say."""

    product_id: str
    name: str = ""
    brand: str = ""
    category: tuple[str, ...] = ()
    price: Decimal | None = None
    currency: str = ""
    url: str = ""
    image_url: str = ""
    in_stock: bool | None = None
    # A JSON object.
    attributes: str = "{}"

    @property
    def content(self) -> bytes:
        """The same for products that say the same: 290 and 290.00 are one price, members have no order."""
        price = None if self.price is None else f"{self.price.normalize():f}"
        told = [self.name, self.brand, self.category, price, self.currency, self.url, self.image_url]
        stated = _canonical.encode([*told, self.in_stock, _attributes.decode(self.attributes)])
        return hashlib.blake2b(stated, digest_size=16).digest()


def checked(product: Product, price: str) -> Product:
    """The product with the price of `price`; raises ProductNotValid."""
    if not product.product_id.strip():
        raise ProductNotValid("MISSING_PRODUCT_ID", "product_id: every product needs one.")
    _check_text("product_id", product.product_id, MAX_ID_CHARS)
    for field, most in (("name", MAX_NAME_CHARS), ("brand", MAX_NAME_CHARS)):
        _check_text(field, getattr(product, field), most)
    for field in ("url", "image_url"):
        _check_text(field, getattr(product, field), MAX_URL_CHARS)
        if (value := getattr(product, field)) and not value.startswith(("https://", "http://", "/")):
            raise ProductNotValid("INVALID_URL", f"{field}: begin it with https://, http:// or /.")
    if len(product.category) > MAX_LEVELS:
        raise ProductNotValid("CATEGORY_TOO_DEEP", f"category: at most {MAX_LEVELS} levels are kept.")
    for level in product.category:
        _check_text("category", level, MAX_LEVEL_CHARS)
    if product.currency and not _CURRENCY.fullmatch(product.currency):
        raise ProductNotValid("INVALID_CURRENCY", "currency: three capital letters, such as TWD.")
    _check_attributes(product.attributes)
    return _priced(product, price)


def _priced(product: Product, text: str) -> Product:
    if not text:
        return product
    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal("NaN")
    if (
        not price.is_finite()
        or not 0 <= price < _MAX_PRICE
        or -int(price.as_tuple().exponent) > _MAX_DECIMALS
    ):
        raise ProductNotValid(
            "INVALID_PRICE", f'price: "{text[:40]}" is no price from 0 on, such as 1290.50.'
        )
    return replace(product, price=price)


def _decimals(price: Decimal) -> int:
    return -int(price.as_tuple().exponent)


def _check_text(field: str, text: str, most: int) -> None:
    if len(text) > most:
        raise ProductNotValid(
            "TEXT_TOO_LONG", f"{field}: has {len(text)} characters, at most {most} are kept."
        )
    if "\0" in text:
        raise ProductNotValid("NUL_CHARACTER", f"{field}: holds the character NUL.")


def _check_attributes(text: str) -> None:
    if len(text.encode()) > MAX_ATTRIBUTES_BYTES:
        raise ProductNotValid("ATTRIBUTES_TOO_LARGE", f"attributes: at most {MAX_ATTRIBUTES_BYTES} bytes.")
    try:
        _attributes.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ProductNotValid("INVALID_ATTRIBUTES", "attributes: must be a JSON object.") from error
    if "\\u0000" in text:
        raise ProductNotValid("NUL_CHARACTER", "attributes: holds the character NUL.")
