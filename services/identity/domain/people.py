"""People as they are shown: a profile, its identifiers and the links between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from services.identity.domain.identifiers import Kind
from services.identity.domain.partition import Link


class Whom(Enum):
    """Which profiles a search is about."""

    EVERYBODY = "everybody"
    MEMBERS = "members"
    VISITORS = "visitors"


@dataclass(frozen=True, slots=True)
class ShownIdentifier:
    """One identifier of a profile."""

    nid: int
    kind: Kind
    value: str
    # UTC milliseconds: the time of the event that first named it.
    first_seen_at_ms: int


@dataclass(frozen=True, slots=True)
class Profile:
    """A person; `identifiers` by priority, then nid."""

    profile_id: int
    identifiers: Sequence[ShownIdentifier]

    @property
    def member(self) -> bool:
        return any(identifier.kind is Kind.USER_ID for identifier in self.identifiers)

    @property
    def first_seen_at_ms(self) -> int:
        return min(identifier.first_seen_at_ms for identifier in self.identifiers)


@dataclass(frozen=True, slots=True)
class ExplainedProfile:
    """A person, and every link that joins their identifiers or was refused."""

    profile: Profile
    links: Sequence[Link]


@dataclass(frozen=True, slots=True)
class Intake:
    """A tenant's counts; received = counted + duplicates + set_aside + suppressed."""

    received: int
    counted: int
    duplicates: int
    set_aside: int
    suppressed: int
    accepted_to: int
    # UTC milliseconds; None before the first event.
    as_of_ms: int | None


def after_prefix(prefix: str) -> str | None:
    """The lowest text behind all that begin with `prefix`, in code point order; None when there is none."""
    for end in range(len(prefix), 0, -1):
        point = ord(prefix[end - 1]) + 1
        # Surrogates are no characters.
        point = 0xE000 if 0xD800 <= point <= 0xDFFF else point
        if point <= 0x10FFFF:
            return prefix[: end - 1] + chr(point)
    return None
