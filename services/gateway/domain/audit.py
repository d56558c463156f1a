"""What the audit log keeps of a change, how entries are chained, and how a broken chain is found.

An entry's hash is SHA-256 over the hash before it (32 bytes) and the entry as canonical JSON: ASCII, keys
sorted, no spaces. The first entry of a chain follows 32 zero bytes.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

# The chain of what belongs to no tenant: the operator's own acts, and the anchors of all chains.
PLATFORM = "00000000-0000-0000-0000-000000000000"
FIRST = bytes(32)
# What is kept of a change is counts and ids, not lists of everything.
MAX_FACTS_BYTES = 8192
# Teammates' addresses may be kept; nobody else's.
_TEAMMATE_EMAIL = "teammate_email"

_EMAIL = re.compile(r"[^@\s\"'<>]+@[^@\s\"'<>]+\.[^@\s\"'<>.]+")
# With a plus, a trunk 0 or Taiwan's country code: bare digits are ids and counts far more often.
_PHONE = re.compile(
    r"(?<![\w.-])(?:\+|00?)[1-9](?:[ ().-]{0,2}\d){7,14}(?![\w-])|(?<!\w)886[ -]?\d{8,9}(?!\w)"
)
_NO_PHONE = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d{4}-\d{2}-\d{2}(?:T[\d:.+Z-]+)?", re.I
)

Facts = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Entry:
    """One act: who did what to what, from where. Small JSON of ids, field names and counts.

    `actor` is "teammate:<id>", "key:<id>", "operator:<id>" or "system"; `action` is "<noun>.<past tense>", as
    in "key.made"; `subject` is "<noun>:<id>".
    """

    tenant_id: str
    actor: str
    action: str
    subject: str
    before: Facts = field(default_factory=dict)
    after: Facts = field(default_factory=dict)
    address: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry as it stands in its chain; `before` and `after` are canonical JSON text."""

    tenant_id: str
    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    before: str
    after: str
    address: str
    hash: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a chain, or of a part of it that was checked; number 0: none yet."""

    number: int = 0
    hash: bytes = FIRST


@dataclass(frozen=True, slots=True)
class Break:
    """The first entry that is not as it was written, or that should be there and is not."""

    number: int
    # "replaced": the chain is whole in itself, but another one than was anchored.
    why: Literal["changed", "missing", "replaced"]


def canonical(value: object) -> str:
    """The one JSON text of a value; ids that are no text are written as text."""
    return json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":"), default=str)


def entry_hash(previous: bytes, entry: Stored) -> bytes:
    """What chains `entry` to the one before it; its own `hash` is not read."""
    told = {
        "tenant": entry.tenant_id,
        "number": entry.number,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "before": entry.before,
        "after": entry.after,
        "address": entry.address,
    }
    return hashlib.sha256(previous + canonical(told).encode("ascii")).digest()


def checked(start: Head, entries: Iterable[Stored]) -> tuple[Head, Break | None]:
    """How far entries that follow `start` are as they were written, and the first that is not."""
    reached = start
    for entry in entries:
        wanted = reached.number + 1
        if entry.number != wanted:
            return reached, Break(wanted, "missing")
        if entry_hash(reached.hash, entry) != entry.hash:
            return reached, Break(wanted, "changed")
        reached = Head(entry.number, entry.hash)
    return reached, None


def personal_place(entry: Entry) -> str | None:
    """Where in an entry a person's e-mail address or phone may stand; None: nowhere."""
    for name in ("actor", "action", "subject", "before", "after"):
        if (found := _personal_below(name, getattr(entry, name))) is not None:
            return found
    return None


def _personal_below(place: str, value: object) -> str | None:
    if isinstance(value, Mapping):
        if any(looks_personal(str(name)) for name in value):
            return place
        members = [(f"{place}.{name}", member) for name, member in value.items() if name != _TEAMMATE_EMAIL]
    elif isinstance(value, list | tuple | set | frozenset):
        members = [(place, member) for member in value]
    else:
        return place if isinstance(value, str) and looks_personal(value) else None
    return next((found for below in members if (found := _personal_below(*below)) is not None), None)


def looks_personal(text: str) -> bool:
    """Whether an e-mail address or a phone number may be in `text`."""
    return bool(_EMAIL.search(text) or _PHONE.search(_NO_PHONE.sub("", text)))
