"""Reads what the tracking API must know of one event and steps over the rest.

Well-formed events take the fast way: one typed decode that builds nothing for properties, traits and context.
An event with a field of another type is read again by member: numbers are coerced, what is wrong is named.
"""

import re

import msgspec

from services.gateway.domain.events import MAX_DEPTH
from services.gateway.domain.timestamps import text_of_number

_CREDENTIALS = ("writeKey", "sentAt")
_TOKENS = ("identityToken", "lineIdToken")
_TEXT_FIELDS = (
    "type",
    "messageId",
    "anonymousId",
    "userId",
    "previousId",
    "event",
    "name",
    "writeKey",
)
_TIME_FIELDS = ("timestamp", "originalTimestamp", "sentAt")
_OBJECT_FIELDS = ("properties", "traits", "context")
_INTEGER = re.compile(rb"-?[0-9]+")
_STRUCTURE = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{}"]', re.DOTALL)
_LONE_SURROGATE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
)


class Unreadable(Exception):
    """This event cannot be taken: `reason` for a machine, the message for a person."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class _Skipped(msgspec.Struct, gc=False):
    """Any object; its members are checked to be JSON and not built."""


class Context(msgspec.Struct, rename="camel", gc=False):
    """What in a browser's context concerns the tracking API; nearly always nothing."""

    consent: object = None
    identity_token: object = None
    line_id_token: object = None


class ServerContext(Context):
    """A server's context may also claim identifiers."""

    external_ids: object = None
    traits: object = None


class Envelope(msgspec.Struct, rename="camel", gc=False):
    """An event from a browser key: nothing inside traits concerns the tracking API."""

    type: str | None = None
    message_id: str | None = None
    anonymous_id: str | None = None
    user_id: str | None = None
    previous_id: str | None = None
    event: str | None = None
    name: str | None = None
    timestamp: str | None = None
    original_timestamp: str | None = None
    sent_at: str | None = None
    write_key: str | None = None
    properties: _Skipped | None = None
    traits: _Skipped | None = None
    context: Context | None = None


class ServerEnvelope(Envelope):
    """An event from a secret key, whose traits and context may claim identifiers."""

    traits: dict[str, object] | None = None  # type: ignore[assignment]
    context: ServerContext | None = None


_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_anything = msgspec.json.Decoder()
_text = msgspec.json.Decoder(str)
_encoder = msgspec.json.Encoder()


def without_credentials(event: bytes) -> bytes:
    """The event without writeKey and sentAt, every other member byte for byte as sent."""
    members = _members.decode(event)
    for name in _CREDENTIALS:
        members.pop(name, None)
    return _encoder.encode(members)


def without_tokens(event: bytes) -> bytes:
    """The event without the signed tokens of its context, everything else byte for byte as sent."""
    members = _members.decode(event)
    context = _members.decode(members["context"])
    for name in _TOKENS:
        context.pop(name, None)
    members["context"] = msgspec.Raw(_encoder.encode(context))
    return _encoder.encode(members)


def too_deep(event: bytes) -> bool:
    """Whether arrays and objects stand more than MAX_DEPTH deep in each other."""
    # Counting is cheap, and almost every event has fewer brackets than could stand too deep.
    if event.count(b"{") + event.count(b"[") <= MAX_DEPTH:
        return False
    depth = 0
    for match in _STRUCTURE.finditer(event):
        token = event[match.start()]
        if token in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif token in b"]}":
            depth -= 1
        elif match.end() == match.start() + 1:
            # A quote that nothing closes: what follows is no structure, and would be read at every quote.
            return False
    return False


def coerced(event: bytes) -> bytes:
    """The same event with numbers as texts where texts are wanted; raises Unreadable for any other type.

    Only the members that the envelope reads remain.
    """
    if not event.startswith(b"{"):
        raise Unreadable("NOT_AN_OBJECT", f"The event must be an object, this is {_kind(event)}.")
    members = _members.decode(event)
    known: dict[str, object] = {}
    for name in _TEXT_FIELDS:
        known[name] = _coerced_text(name, members.get(name))
    for name in _TIME_FIELDS:
        known[name] = _coerced_time(name, members.get(name))
    for name in _OBJECT_FIELDS:
        value = members.get(name)
        if value is not None:
            if _kind(bytes(value)) not in ("an object", "null"):
                raise Unreadable("WRONG_TYPE", f"{name}: expected an object, found {_kind(bytes(value))}.")
            known[name] = value
    return _encoder.encode(known)


def fault(event: bytes) -> Unreadable:
    """Why an event is no JSON that can be kept; for events that a decoder has refused."""
    try:
        event.decode()
    except UnicodeDecodeError as error:
        return Unreadable("BROKEN_TEXT", f"Byte {error.start} of the event is not UTF-8.")
    if too_deep(event):
        return deep_fault()
    if match := _LONE_SURROGATE.search(event):
        return Unreadable(
            "LONE_SURROGATE", f"Byte {match.start()} of the event begins half a character (\\uD800–\\uDFFF)."
        )
    try:
        _anything.decode(event)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        return Unreadable("INVALID_JSON", f"The event is not JSON: {error}.")
    return Unreadable("INVALID_JSON", "The event is not JSON.")


def deep_fault() -> Unreadable:
    """The fault of an event that is nested too deep."""
    return Unreadable("TOO_DEEP", f"Arrays and objects stand more than {MAX_DEPTH} deep in each other.")


def _coerced_text(name: str, value: msgspec.Raw | None) -> str | None:
    if value is None:
        return None
    raw = bytes(value)
    match _kind(raw):
        case "text":
            return _text.decode(raw)
        case "null":
            return None
        case "a number":
            if _INTEGER.fullmatch(raw):
                return raw.decode()
            number = float(raw)
            # Data frames turn whole ids into floats as soon as one is missing: 12345.0 is member 12345.
            return str(int(number)) if number.is_integer() and abs(number) < 2**53 else raw.decode()
    raise Unreadable("WRONG_TYPE", f"{name}: expected text, found {_kind(raw)}.")


def _coerced_time(name: str, value: msgspec.Raw | None) -> str | None:
    if value is not None and _kind(bytes(value)) == "a number":
        return text_of_number(float(bytes(value)))
    return _coerced_text(name, value)


def _kind(raw: bytes) -> str:
    match raw[:1]:
        case b'"':
            return "text"
        case b"{":
            return "an object"
        case b"[":
            return "a list"
        case b"n":
            return "null"
        case b"t" | b"f":
            return "true or false"
    return "a number"
