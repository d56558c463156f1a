"""What an event says of its person's consents, and of addresses that messages were sent to.

Malformed consent never costs an event: what cannot be understood of it is left out and counted. Where an
event says two things of one purpose, the denial counts.
"""

import re
from collections.abc import Iterator, Mapping
from enum import IntEnum

import msgspec

from services.gateway.domain.claims import line_identifier, normal_email, normal_phone
from services.gateway.domain.events import Address, IdentifierKind

ADVERTISING = "advertising"
CHANNELS = ("email", "sms", "line")
_MAX_PURPOSES = 50
_PURPOSE = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
_SEPARATORS = re.compile(r"[^a-z0-9]+")

# Events that speak of consents or addresses, in every spelling of EVENTS.md that a sender may choose.
_UNSUBSCRIBED = "message_unsubscribed"
_BOUNCED = "message_bounced"
_DELIVERED = "message_delivered"
_FOLLOWED = "line_followed"
_UNFOLLOWED = "line_unfollowed"
_SPELLINGS: Mapping[str, tuple[str, str]] = {
    "message_unsubscribed": (_UNSUBSCRIBED, ""),
    "Message Unsubscribed": (_UNSUBSCRIBED, ""),
    "Unsubscribed": (_UNSUBSCRIBED, "email"),
    "Email Unsubscribed": (_UNSUBSCRIBED, "email"),
    "SMS Unsubscribed": (_UNSUBSCRIBED, "sms"),
    "message_bounced": (_BOUNCED, ""),
    "Message Bounced": (_BOUNCED, ""),
    "Email Bounced": (_BOUNCED, "email"),
    "message_delivered": (_DELIVERED, ""),
    "Message Delivered": (_DELIVERED, ""),
    "Email Delivered": (_DELIVERED, "email"),
    "line_followed": (_FOLLOWED, "line"),
    "LINE Followed": (_FOLLOWED, "line"),
    "Line Followed": (_FOLLOWED, "line"),
    "line_unfollowed": (_UNFOLLOWED, "line"),
    "LINE Unfollowed": (_UNFOLLOWED, "line"),
    "Line Unfollowed": (_UNFOLLOWED, "line"),
}
SPEAKING = frozenset(_SPELLINGS)
# What services that send e-mails call a bounce that will not go away.
_HARD = frozenset({"hard", "permanent", "hardbounce", "hard_bounce"})
_CHANNEL_NAMES = {"email": "email", "e-mail": "email", "mail": "email", "sms": "sms", "line": "line"}


class Basis(IntEnum):
    """Why a consent is what an event says; numbers as in contracts.gateway.v1."""

    STATED = 1
    GPC = 2
    UNSUBSCRIBED = 3


# Whether it is granted, and why, by purpose.
Said = dict[str, tuple[bool, Basis]]


class _Spoken(msgspec.Struct, gc=False):
    properties: dict[str, object] | None = None
    context: dict[str, object] | None = None


_spoken = msgspec.json.Decoder(_Spoken)


def said_in_context(consent: object) -> tuple[Said, int]:
    """What context.consent says, and how many parts of it say nothing that can be understood."""
    if not isinstance(consent, dict):
        return {}, 1
    said: Said = {}
    unclear = 0
    preferences = consent.get("categoryPreferences")
    if isinstance(preferences, dict):
        for number, (name, granted) in enumerate(preferences.items()):
            purpose = _SEPARATORS.sub("_", name.lower()).strip("_")
            if number >= _MAX_PURPOSES or not isinstance(granted, bool) or not _PURPOSE.match(purpose):
                unclear += 1
            else:
                add(said, purpose, granted, Basis.STATED)
    elif preferences is not None:
        unclear += 1
    match consent.get("gpc"):
        case True:
            add(said, ADVERTISING, False, Basis.GPC)
        case False | None:
            # No signal says nothing: it is no consent either.
            pass
        case _:
            unclear += 1
    return said, unclear


def add(said: Said, purpose: str, granted: bool, basis: Basis) -> None:
    """Note a statement unless the event denied the same already."""
    known = said.get(purpose)
    if known is None or known[0]:
        said[purpose] = (granted, basis)


def said_by_name(name: str, event: bytes, *, from_server: bool) -> tuple[Said, list[Address]]:
    """What an event whose name is one of SPEAKING says, beside its context.

    Anybody may refuse for themselves; what grants, and what is said of addresses, only a server may say.
    """
    meaning, channel = _SPELLINGS[name]
    try:
        spoken = _spoken.decode(event)
    except msgspec.ValidationError:
        spoken = _Spoken()
    properties = spoken.properties or {}
    told = properties.get("channel")
    channel = channel or (_CHANNEL_NAMES.get(told.strip().lower(), "") if isinstance(told, str) else "")
    said: Said = {}
    if meaning == _UNSUBSCRIBED:
        for one in [channel] if channel else CHANNELS:
            said[one] = (False, Basis.UNSUBSCRIBED)
    elif not from_server:
        return {}, []
    elif meaning in (_FOLLOWED, _UNFOLLOWED):
        said["line"] = (meaning == _FOLLOWED, Basis.STATED)
    else:
        return {}, list(_addresses(meaning, name, channel, spoken))
    return said, []


def _addresses(meaning: str, name: str, channel: str, spoken: _Spoken) -> Iterator[Address]:
    properties, context = spoken.properties or {}, spoken.context or {}
    told = properties.get("bounce_type")
    if meaning == _BOUNCED:
        # Segment's "Email Bounced" stands for a bounce that is final, unless it says otherwise.
        hard = told.strip().lower() in _HARD if isinstance(told, str) else name == "Email Bounced"
        if not hard:
            return
    traits = context.get("traits")
    places: list[Mapping[str, object]] = [properties]
    if isinstance(traits, dict):
        places.append(traits)
    for place in places:
        found = _address(channel, place)
        if found is not None:
            yield Address(*found, deliverable=meaning == _DELIVERED)
            return


def _address(channel: str, place: Mapping[str, object]) -> tuple[IdentifierKind, str] | None:
    match channel:
        case "email":
            email = normal_email(place.get("email"))
            return (IdentifierKind.EMAIL, email) if email else None
        case "sms":
            phone = normal_phone(place.get("phone"))
            return (IdentifierKind.PHONE, phone) if phone else None
        case "line":
            line_id = line_identifier(place.get("line_id"), place.get("line_provider"))
            return (IdentifierKind.LINE_ID, line_id) if line_id else None
    return None
