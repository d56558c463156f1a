"""Whom a raw event names, readable or not: so that bad rows of somebody who is erased are found."""

import re
from collections.abc import Iterable, Iterator

import msgspec

from services.gateway.domain.claims import normal_email, normal_phone
from services.gateway.domain.events import IdentifierKind
from services.gateway.domain.fingerprints import fingerprint

_USER_ID = 1
_ANYTHING = msgspec.json.Decoder()
# Members whose value names somebody, wherever they stand and whatever they are called in.
_MEMBERS = {
    "userid": _USER_ID,
    "user_id": _USER_ID,
    "anonymousid": IdentifierKind.ANONYMOUS_ID,
    "anonymous_id": IdentifierKind.ANONYMOUS_ID,
    # An alias may replace either.
    "previousid": IdentifierKind.ANONYMOUS_ID,
    "email": IdentifierKind.EMAIL,
    "phone": IdentifierKind.PHONE,
}
_IN_TEXT = re.compile(
    r'"(userId|user_id|anonymousId|anonymous_id|previousId|email|phone)"\s*:\s*(?:"([^"\\]{1,512})"|(\d{1,20}))'
)
_EMAIL = re.compile(r"[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_PHONE = re.compile(r"(?<![\w+])\+?\d[\d ().-]{5,18}\d(?!\w)")
# One event hardly names more; a hostile one must not cost more.
_MOST = 60
_MOST_CHARACTERS = 64 * 1024

Named = tuple[int, str]


def traces(tenant_id: str, payload: bytes) -> set[bytes]:
    """Fingerprints of everybody the event may be about; rather one too many than one too few."""
    found: dict[Named, None] = {}
    text = payload[:_MOST_CHARACTERS].decode("utf-8", "replace")
    try:
        _walk(_ANYTHING.decode(payload), found)
    except (msgspec.DecodeError, RecursionError, ValueError):
        for member, written, number in _IN_TEXT.findall(text):
            _add(found, _MEMBERS[member.lower()], written or number)
    _add_all(found, ((IdentifierKind.EMAIL, match) for match in _EMAIL.findall(text)))
    _add_all(found, ((IdentifierKind.PHONE, match) for match in _PHONE.findall(text)))
    return {fingerprint(tenant_id, kind, value) for kind, value in found}


def _walk(root: object, found: dict[Named, None]) -> None:
    waiting = [root]
    while waiting and len(found) < _MOST:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(value)
        if not isinstance(value, dict):
            continue
        for name, inner in value.items():
            if kind := _MEMBERS.get(name.lower()):
                _add(found, kind, inner)
            elif name == "externalIds" and isinstance(inner, list):
                _add_all(found, _external(inner))
            elif name.lower() == "line_id":
                _add_all(found, _line(inner, value.get("line_provider")))
            waiting.append(inner)


def _external(entries: list[object]) -> Iterator[tuple[int, object]]:
    """Identifiers of context.externalIds, under every kind they may have been stored as."""
    for entry in entries:
        if not isinstance(entry, dict):
            continue
        kind, value, provider = entry.get("type"), entry.get("id"), entry.get("provider")
        if kind == "line_id":
            yield from _line(value, provider)
        elif kind in ("email", "phone", "anonymous_id"):
            yield IdentifierKind[str(kind).upper()], value
        else:
            yield IdentifierKind.EXTERNAL_ID, f"{kind}:{value}"


def _line(value: object, provider: object) -> Iterator[tuple[int, object]]:
    named = value if isinstance(value, dict) else {"id": value, "provider": provider}
    line_id, owner = named.get("id"), named.get("provider")
    yield IdentifierKind.LINE_ID, f"{owner}:{line_id}" if owner else line_id


def _add_all(found: dict[Named, None], named: Iterable[tuple[int, object]]) -> None:
    for kind, value in named:
        _add(found, kind, value)


def _add(found: dict[Named, None], kind: int, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, str | int) or len(found) >= _MOST:
        return
    text = str(value).strip()
    if not text:
        return
    match kind:
        case IdentifierKind.EMAIL:
            if email := normal_email(text):
                found[kind, email] = None
        case IdentifierKind.PHONE:
            if phone := normal_phone(text):
                found[kind, phone] = None
                # As identity stores a number that was dialled at home.
                if phone.startswith("0"):
                    found[kind, "+886" + phone[1:]] = None
        case _:
            found[kind, text] = None
            # The previous id of an alias may have been a member's.
            if kind == IdentifierKind.ANONYMOUS_ID:
                found[_USER_ID, text] = None
