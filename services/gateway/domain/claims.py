"""The identifiers a secret key may claim for an event's person, in the one form each is compared in."""

import re
import unicodedata
from collections.abc import Iterator

from services.gateway.domain.events import MAX_IDENTIFIER_CHARS, IdentifierKind

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_PHONE_NOISE = re.compile(r"[\s().\-/]+")
_PHONE = re.compile(r"\+?[0-9]{6,15}")

Found = tuple[IdentifierKind, str]


def claims_of_traits(traits: object) -> Iterator[Found]:
    """E-mail, phone and LINE id of a person's traits; what is not usable as one claims nothing."""
    if not isinstance(traits, dict):
        return
    if email := normal_email(traits.get("email")):
        yield IdentifierKind.EMAIL, email
    if phone := normal_phone(traits.get("phone")):
        yield IdentifierKind.PHONE, phone
    if line_id := line_identifier(traits.get("line_id"), traits.get("line_provider")):
        yield IdentifierKind.LINE_ID, line_id


def claims_of_external_ids(external_ids: object) -> Iterator[Found]:
    """Identifiers of context.externalIds: objects with `type` and `id`; a LINE id also names its `provider`.

    Raises ValueError, naming the place, when the list is not made of such objects.
    """
    if external_ids is None:
        return
    if not isinstance(external_ids, list):
        raise ValueError("context.externalIds: expected a list of objects with type and id")
    for number, entry in enumerate(external_ids):
        place = f"context.externalIds[{number}]"
        if not isinstance(entry, dict):
            raise ValueError(f"{place}: expected an object with type and id")
        kind, value = entry.get("type"), _text(entry.get("id"))
        if not isinstance(kind, str) or not kind or not value:
            raise ValueError(f"{place}: type and id must be text that is not empty")
        if found := _claim(kind, value, entry.get("provider")):
            if len(found[1]) > MAX_IDENTIFIER_CHARS:
                raise ValueError(f"{place}: longer than {MAX_IDENTIFIER_CHARS} characters")
            yield found


def _claim(kind: str, value: str, provider: object) -> Found | None:
    match kind:
        case "email":
            email = normal_email(value)
            return (IdentifierKind.EMAIL, email) if email else None
        case "phone":
            phone = normal_phone(value)
            return (IdentifierKind.PHONE, phone) if phone else None
        case "line_id":
            line_id = line_identifier(value, provider)
            return (IdentifierKind.LINE_ID, line_id) if line_id else None
        case "anonymous_id":
            return IdentifierKind.ANONYMOUS_ID, value
    return IdentifierKind.EXTERNAL_ID, f"{kind}:{value}"


def normal_email(value: object) -> str | None:
    """Trimmed, case-folded, full-width letters made narrow, as identity compares it; None for no address."""
    if not isinstance(value, str) or len(value) > 320:
        return None
    folded = value
    for _ in range(2):
        folded = unicodedata.normalize("NFKC", folded.casefold())
    folded = folded.strip()
    return folded if _EMAIL.fullmatch(folded) and "\0" not in folded else None


def normal_phone(value: object) -> str | None:
    """Digits, with "+" where the number names its country; None when it is no number.

    What is dialled at home (0…) stays so: identity knows the tenant's country.
    """
    text = _text(value)
    if text is None or len(text) > 64:
        return None
    digits = _PHONE_NOISE.sub("", unicodedata.normalize("NFKC", text))
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    if not _PHONE.fullmatch(digits):
        return None
    return digits


def line_identifier(value: object, provider: object) -> str | None:
    """ "<provider>:<id>"; None without a provider, because a LINE id alone names nobody."""
    named: object = value
    if isinstance(value, dict):
        named, provider = value.get("id"), value.get("provider")
    line_id, owner = _text(named), _text(provider)
    if line_id and ":" in line_id and not owner:
        owner, _, line_id = line_id.partition(":")
    if not line_id or not owner:
        return None
    joined = f"{owner}:{line_id}"
    return joined if len(joined) <= MAX_IDENTIFIER_CHARS and "\0" not in joined else None


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return str(value) if abs(value) < 10**20 else None
    return value.strip() if isinstance(value, str) else None
