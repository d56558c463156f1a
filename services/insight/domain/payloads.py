"""Reads what counting needs from an event as sent; numbers are read as text, so that money stays exact."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from services.insight.domain.money import UnreadableAmount, amount, currency, rounded
from services.insight.domain.orders import NONE, UNREADABLE
from services.insight.domain.sources import NO_CAMPAIGN, Page

_ABSENT = msgspec.Raw(b"")
_MOBILE_DEVICES = frozenset({"ios", "android"})


class _Named(msgspec.Struct):
    name: str | None = None
    type: str | None = None


class _Context(msgspec.Struct):
    channel: str | None = None
    library: _Named | None = None
    device: _Named | None = None
    page: Page | None = None
    campaign: msgspec.Raw = NO_CAMPAIGN


class _Envelope(msgspec.Struct):
    context: _Context | None = None
    channel: str | None = None


class _Traits(msgspec.Struct):
    traits: msgspec.Raw = _ABSENT
    context: msgspec.Raw = _ABSENT


class _Properties(msgspec.Struct):
    order_id: msgspec.Raw = _ABSENT
    orderId: msgspec.Raw = _ABSENT
    transaction_id: msgspec.Raw = _ABSENT
    status: msgspec.Raw = _ABSENT
    revenue: msgspec.Raw = _ABSENT
    value: msgspec.Raw = _ABSENT
    total: msgspec.Raw = _ABSENT
    tax: msgspec.Raw = _ABSENT
    shipping: msgspec.Raw = _ABSENT
    currency: msgspec.Raw = _ABSENT
    products: msgspec.Raw = _ABSENT
    items: msgspec.Raw = _ABSENT


class _Line(msgspec.Struct):
    price: msgspec.Raw = _ABSENT
    quantity: msgspec.Raw = _ABSENT
    discount: msgspec.Raw = _ABSENT


class _Ordered(msgspec.Struct):
    properties: _Properties | None = None


_envelopes = msgspec.json.Decoder(_Envelope)
_traits = msgspec.json.Decoder(_Traits)
_objects = msgspec.json.Decoder(dict[str, msgspec.Raw])
_orders = msgspec.json.Decoder(_Ordered)
_lines = msgspec.json.Decoder(list[_Line])
_texts = msgspec.json.Decoder(str)
_exact = msgspec.json.Decoder(float_hook=Decimal)
_plain_encoder = msgspec.json.Encoder(decimal_format="number")


class Setting(msgspec.Struct, frozen=True):
    """What the context says about where an event happened; "" where it is silent."""

    channel: str
    library: str
    device: bool
    page: Page | None = None
    campaign: msgspec.Raw = NO_CAMPAIGN


@dataclass(frozen=True, slots=True)
class OrderReport:
    """What one event says about an order; see OrderFact."""

    order_id: str
    status: str
    value: Decimal | None
    basis: str
    currency: str


def setting(payload: bytes) -> Setting:
    """Raises msgspec.DecodeError for what is no JSON object; odd types inside are read as silence."""
    try:
        envelope = _envelopes.decode(payload)
    except msgspec.ValidationError:
        return _odd_setting(payload)
    except UnicodeDecodeError:
        return _odd_setting(payload.decode("utf-8", "replace").encode())
    context = envelope.context
    if context is None:
        return Setting(envelope.channel or "", "", device=False)
    library = (context.library.name or "") if context.library else ""
    device = (context.device.type or "").lower() in _MOBILE_DEVICES if context.device else False
    said = context.channel or envelope.channel or ""
    return Setting(said, library, device, context.page, context.campaign)


def _odd_setting(payload: bytes) -> Setting:
    event = msgspec.json.decode(payload)
    if not isinstance(event, dict):
        raise msgspec.DecodeError("an event is a JSON object")
    context = _object(event.get("context"))
    said = _string(context.get("channel")) or _string(event.get("channel"))
    device = _string(_object(context.get("device")).get("type")).lower() in _MOBILE_DEVICES
    return Setting(said, _string(_object(context.get("library")).get("name")), device)


def _object(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def traits(payload: bytes) -> dict[str, str]:
    """The traits of an identify event as JSON texts by name; none where they are no object.

    RudderStack's SDKs tell them as context.traits; the event's own count where both name one.
    """
    told = _traits.decode(payload)
    in_context = _raw_object(_raw_object(told.context).get("traits", _ABSENT))
    found = in_context | _raw_object(told.traits)
    return {name: _plain(bytes(value)) for name, value in found.items()}


def _raw_object(value: msgspec.Raw) -> dict[str, msgspec.Raw]:
    """Empty for anything but an object."""
    return _objects.decode(value) if bytes(value).startswith(b"{") else {}


def _plain(value: bytes) -> str:
    """JSON without escapes, so that a text is found however its sender wrote it; numbers stay exact."""
    if b"\\" in value:
        value = _plain_encoder.encode(_exact.decode(value))
    return value.decode()


def order_report(payload: bytes) -> OrderReport:
    """What an order event says; `order_id` is "" where it names none."""
    try:
        said = _orders.decode(payload).properties or _Properties()
    except msgspec.ValidationError:
        said = _Properties()
    value, basis = _money(said)
    status = "_".join(_text(said.status).lower().replace("-", " ").replace("_", " ").split())
    return OrderReport(_order_id(said), status, value, basis, currency(_text(said.currency)))


def order_id(payload: bytes) -> str:
    """The order an event is about; "" where it names none."""
    try:
        return _order_id(_orders.decode(payload).properties or _Properties())
    except msgspec.ValidationError:
        return ""


def _order_id(said: _Properties) -> str:
    return _text(said.order_id) or _text(said.transaction_id) or _text(said.orderId)


def _money(said: _Properties) -> tuple[Decimal | None, str]:
    """revenue, else value, else total without tax and shipping, else the lines."""
    try:
        if text := _text(said.revenue):
            return amount(text), "revenue"
        if text := _text(said.value):
            return amount(text), "value"
        if text := _text(said.total):
            return rounded(amount(text) - _optional(said.tax) - _optional(said.shipping)), "total"
        return _lines_value(_text_lines(said.products) or _text_lines(said.items))
    except UnreadableAmount:
        return None, UNREADABLE


def _text_lines(raw: msgspec.Raw) -> Sequence[_Line]:
    if not bytes(raw).startswith(b"["):
        return ()
    try:
        return _lines.decode(raw)
    except msgspec.ValidationError as error:
        raise UnreadableAmount("lines") from error


def _lines_value(lines: Sequence[_Line]) -> tuple[Decimal | None, str]:
    if not any(_text(line.price) for line in lines):
        return None, NONE
    total = Decimal(0)
    for line in lines:
        quantity = _text(line.quantity)
        total += amount(_text(line.price)) * (amount(quantity) if quantity else 1) - _optional(line.discount)
    return rounded(total), "lines"


def _optional(raw: msgspec.Raw) -> Decimal:
    text = _text(raw)
    return amount(text) if text else Decimal(0)


def _text(raw: msgspec.Raw) -> str:
    """A JSON text or number as text; "" for what is absent, null or empty; else the JSON itself."""
    sent = bytes(raw)
    if not sent or sent == b"null":
        return ""
    return _texts.decode(sent).strip() if sent.startswith(b'"') else sent.decode()
