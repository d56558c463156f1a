"""What the tracking API makes of a request: events it accepted, as columns, and events it set aside."""

from dataclasses import dataclass, field
from enum import IntEnum

MAX_EVENT_BYTES = 32 * 1024
MAX_BODY_BYTES = 500 * 1024
# A request never has to be cut in two, so it is stored as a whole or not at all.
MAX_EVENTS = 1_500
MAX_MESSAGE_ID_CHARS = 100
MAX_IDENTIFIER_CHARS = 500
MAX_NAME_CHARS = 200
MAX_DEPTH = 64


class EventKind(IntEnum):
    """The calls of the tracking API; numbers as in contracts.gateway.v1."""

    TRACK = 1
    IDENTIFY = 2
    PAGE = 3
    SCREEN = 4
    GROUP = 5
    ALIAS = 6


class IdentifierKind(IntEnum):
    """What an event may claim beyond its userId and anonymousId; numbers as in contracts.gateway.v1."""

    EMAIL = 2
    PHONE = 3
    LINE_ID = 4
    EXTERNAL_ID = 5
    ANONYMOUS_ID = 6


KIND_BY_TYPE: dict[str | None, EventKind] = {kind.name.lower(): kind for kind in EventKind}


@dataclass(frozen=True, slots=True)
class Claim:
    """One identifier that event number `row` of its request claims for its person."""

    row: int
    kind: IdentifierKind
    value: str
    # Somebody the tenant trusts signed it: it counts although a browser sent it.
    verified: bool = False


@dataclass(frozen=True, slots=True)
class Consent:
    """What event number `row` says of one purpose; `basis` as in contracts.gateway.v1."""

    row: int
    purpose: str
    granted: bool
    basis: int


@dataclass(frozen=True, slots=True)
class Address:
    """An address that messages were sent to, and whether they arrive."""

    kind: IdentifierKind
    value: str
    deliverable: bool


@dataclass(frozen=True, slots=True)
class BadRow:
    """An event that cannot be taken: why, for a machine and for a person, and exactly what was sent."""

    reason: str
    detail: str
    payload: bytes
    message_id: str = ""
    # What the request said beside the event, so that a replay judges the same: the kind its path named
    # (0: none), and the batch's sentAt.
    call: int = 0
    sent_at: str = ""
    # The same for every repetition of the event; empty where a repetition cannot be told from another event.
    copy_key: bytes = b""


@dataclass(slots=True)
class AcceptedRows:
    """Columns with one entry an event; those behind `payloads` are sparse, by row.

    "" stands for an identifier not given.
    """

    kinds: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    timestamps_ms: list[int] = field(default_factory=list)
    message_ids: list[str] = field(default_factory=list)
    user_ids: list[str] = field(default_factory=list)
    anonymous_ids: list[str] = field(default_factory=list)
    payloads: list[bytes] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    # Rows of browsers whose user_id the tenant signed for, rising.
    verified_rows: list[int] = field(default_factory=list)
    consents: list[Consent] = field(default_factory=list)
    address_reports: list[tuple[int, Address]] = field(default_factory=list)
    # Parts of context.consent that say nothing that can be understood.
    unclear_consents: int = 0


@dataclass(frozen=True, slots=True)
class Intake:
    """A judged request; len(accepted.kinds) + len(rejected) is the number of events in it."""

    accepted: AcceptedRows
    rejected: list[BadRow]


class UnreadableBody(Exception):
    """The request as a whole is not what the tracking API takes; `reason` as in problem+json."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


class BodyTooLarge(Exception):
    """The request holds more bytes or events than one request may."""
