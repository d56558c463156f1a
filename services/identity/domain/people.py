"""People as they are shown: a profile, its identifiers and the links between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from services.identity.domain.identifiers import Kind


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
    def nids(self) -> list[int]:
        return [identifier.nid for identifier in self.identifiers]

    @property
    def member(self) -> bool:
        return any(identifier.kind is Kind.USER_ID for identifier in self.identifiers)

    @property
    def first_seen_at_ms(self) -> int:
        return min(identifier.first_seen_at_ms for identifier in self.identifiers)


class LinkState(Enum):
    """What became of a link."""

    JOINING = "joining"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class ShownLink:
    """Two identifiers seen together, the profiles they belong to, and the first event that said so."""

    a: ShownIdentifier
    b: ShownIdentifier
    a_profile_id: int
    b_profile_id: int
    verified: bool
    # UTC milliseconds.
    occurred_at_ms: int
    message_id: str
    # "" unless refused.
    refused_reason: str
    # UTC milliseconds; None unless withdrawn.
    withdrawn_at_ms: int | None
    withdrawn_by: str

    @property
    def state(self) -> LinkState:
        if self.withdrawn_at_ms is not None:
            return LinkState.WITHDRAWN
        return LinkState.REFUSED if self.refused_reason else LinkState.JOINING

    @property
    def place(self) -> int:
        """Where it stands in lists: the younger its ends, the higher."""
        return (self.b.nid << 31) + self.a.nid


@dataclass(frozen=True, slots=True)
class LinkCounts:
    """Links with an end in a profile, by what became of them."""

    joining: int
    refused: int
    withdrawn: int


@dataclass(frozen=True, slots=True)
class ExplainedProfile:
    """A person, how many links end in them, and the newest of those."""

    profile: Profile
    links: Sequence[ShownLink]
    counts: LinkCounts


@dataclass(frozen=True, slots=True)
class RecordedEntry:
    """One change of who belongs together."""

    entry: int
    # UTC milliseconds.
    recorded_at_ms: int
    # "events", "link", "unlink", "restore", "rules".
    cause: str
    # "" for events.
    actor: str
    # (a, b, message id); the message id of a teammate's link begins with "link:".
    links: Sequence[tuple[int, int, str]]
    # (nid, from profile, to profile)
    moves: Sequence[tuple[int, int, int]]

    @property
    def nids(self) -> set[int]:
        """Every identifier that the entry names."""
        return {nid for a, b, _ in self.links for nid in (a, b)} | {nid for nid, _, _ in self.moves}


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
