"""Identifiers: their kinds, what a tenant's rules make of a value, and which of an event's count."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

# Two bytes below what a PostgreSQL index entry holds even when every character takes four.
MAX_VALUE_CHARACTERS = 512

_ONLY_ZEROS = re.compile(r"[0\-]*0[0\-]*\Z")
_PHONE_PUNCTUATION = re.compile(r"[\s().\-/]+")
_PHONE = re.compile(r"\+?[0-9]{5,15}\Z")


class Kind(IntEnum):
    """By falling priority; the numbers are those of the contract."""

    # Enum's own goes through the name, in Python, at every look-up of an identifier.
    __hash__ = int.__hash__

    USER_ID = 1
    EMAIL = 2
    PHONE = 3
    LINE_ID = 4
    EXTERNAL_ID = 5
    ANONYMOUS_ID = 6


Identifier = tuple[Kind, str]

# What broken clients send where an identifier belongs; compared without regard to case.
ALWAYS_BLOCKED = frozenset(
    {"", "-1", "null", "nil", "none", "nan", "undefined", "void", "false", "true", "()", "[]", "{}"}
    | {"n/a", "na", "unknown", "anonymous", "anon", "guest", "visitor", "[object object]"}
    | {"not set", "(not set)", "not_set", "(not_set)", "not available", "not_available"}
)


@dataclass(frozen=True, slots=True)
class Rules:
    """A tenant's rules for joining, as data."""

    # Most identifiers of a kind that one profile may have.
    limits: Mapping[Kind, int] = field(
        default_factory=lambda: {
            Kind.USER_ID: 1,
            Kind.EMAIL: 5,
            Kind.PHONE: 5,
            Kind.LINE_ID: 5,
            Kind.EXTERNAL_ID: 5,
            Kind.ANONYMOUS_ID: 100,
        }
    )
    # Lower case.
    blocked: frozenset[str] = ALWAYS_BLOCKED
    # Stands for the leading 0 of a national phone number.
    phone_country_code: str = "886"
    # A group of connected identifiers never grows beyond this: it would cost too much to judge again.
    max_cluster: int = 1_000


class Unusable(Exception):
    """The event cannot be resolved; `reason` is for machines and never renamed."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def normalised(kind: Kind, value: str, rules: Rules) -> str | None:
    """The value as it is compared and stored; None when it names nobody.

    Raises Unusable for what cannot be stored.
    """
    if len(value) > MAX_VALUE_CHARACTERS:
        raise Unusable(
            "IDENTIFIER_TOO_LONG", f"{kind.name.lower()} has more than {MAX_VALUE_CHARACTERS} characters."
        )
    if "\0" in value:
        raise Unusable("IDENTIFIER_NOT_TEXT", f"{kind.name.lower()} holds a NUL character.")
    trimmed = value.strip()
    if names_nobody(kind, trimmed, rules):
        return None
    if kind is Kind.EMAIL:
        text = _email(trimmed)
    elif kind is Kind.PHONE:
        text = phone_number(trimmed, rules.phone_country_code)
    else:
        return trimmed
    # Rules block a value in whatever form it is written.
    return None if text is None or names_nobody(kind, text, rules) else text


def names_nobody(kind: Kind, value: str, rules: Rules) -> bool:
    """Whether the rules block a value."""
    # "provider:id" and "type:id" name nobody when the id does not.
    bare = value.partition(":")[2] if kind in (Kind.LINE_ID, Kind.EXTERNAL_ID) else value
    bare = bare.strip().casefold()
    return bare in rules.blocked or _ONLY_ZEROS.match(bare) is not None


def _email(value: str) -> str | None:
    # Full-width letters, as an input method for Chinese leaves them, are the letters. Folded twice, because
    # what the first pass composes may have another case.
    text = value
    for _ in range(2):
        text = unicodedata.normalize("NFKC", text.casefold())
    text = text.strip()
    return text if "@" in text and len(text) <= MAX_VALUE_CHARACTERS else None


def phone_number(value: str, country_code: str) -> str | None:
    """Digits behind "+" where the country is known or follows from a leading 0; None when it is no number."""
    digits = _PHONE_PUNCTUATION.sub("", unicodedata.normalize("NFKC", value))
    if not _PHONE.match(digits):
        return None
    if digits.startswith("00"):
        return "+" + digits[2:]
    if digits.startswith("0"):
        return f"+{country_code}{digits[1:]}"
    return digits


def usable_identifiers(claimed: Iterable[Identifier], rules: Rules) -> list[Identifier]:
    """An event's identifiers without blocked ones and repetitions, highest priority first.

    The first is the primary one, to which the event belongs. Raises Unusable when none is left.
    """
    found: dict[Identifier, None] = {}
    for kind, value in sorted(claimed, key=lambda claim: claim[0]):
        text = normalised(kind, value, rules)
        if text is not None:
            found[kind, text] = None
    if not found:
        raise Unusable(
            "NO_USABLE_IDENTIFIER", "userId and anonymousId are missing or values that name nobody."
        )
    return list(found)
