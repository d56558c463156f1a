"""One accepted message as columns, and what can be said of its events before any table is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

from services.identity.domain.identifiers import (
    Identifier,
    Kind,
    Rules,
    Unusable,
    normalised,
    usable_identifiers,
)
from services.identity.domain.recent import Recent
from services.identity.domain.seen import Seen, event_keys

# The numbers of the contract's SourceKind.
BROWSER = 1
SERVER = 2
# What a key that anybody may read is believed to claim.
_BROWSER_CLAIMS = frozenset({Kind.USER_ID, Kind.ANONYMOUS_ID})
# Looked up once: members of an enumeration are slow to reach.
_ANONYMOUS_ID = Kind.ANONYMOUS_ID
_PREFIXES = (b"", b"\x01", b"\x02")


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The columns of one message that decide who its events belong to, one entry an event."""

    # Its place in the accepted stream.
    place: int
    # BROWSER, SERVER, or 0 where the message does not say.
    source_kinds: Sequence[int]
    message_ids: Sequence[str]
    user_ids: Sequence[str]
    anonymous_ids: Sequence[str]
    timestamps_ms: Sequence[int]
    # Sparse: further identifiers by row.
    claims: Mapping[int, Sequence[Identifier]]
    # Rows that failed for no known reason, each time they were tried.
    broken: frozenset[int] = frozenset()

    def __len__(self) -> int:
        return len(self.message_ids)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why one event was set aside."""

    row: int
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Sifted:
    """A message after copies and unusable events were told apart."""

    arrivals: Arrivals
    faults: list[Fault]
    # Events that count.
    fresh: list[bool]
    # Their keys, one after another.
    keys: bytes
    # Where the nid of an event's only identifier was at hand; None elsewhere.
    nids: list[int | None]
    # Of all other events that count: row and identifiers, the primary one first.
    named: list[tuple[int, list[Identifier]]]


def sifted(arrivals: Arrivals, anonymous: Recent[str, int], seen: Seen, rules: Rules) -> Sifted:
    """Tell apart what counts, what was counted before and what cannot be used.

    `anonymous` knows nids of anonymous ids. What counts is marked as seen; what cannot be used is not,
    so that it counts when it comes again after a repair.
    """
    nids = anonymous.get_many(arrivals.anonymous_ids)
    faults = _envelope_faults(arrivals)
    faulty = {fault.row for fault in faults}
    named: list[tuple[int, list[Identifier]]] = []
    for row in _rows_to_name(arrivals, nids):
        nids[row] = None
        if row in faulty:
            continue
        try:
            named.append((row, _identifiers(arrivals, row, rules)))
        except Unusable as error:
            faults.append(Fault(row, error.reason, error.detail))
            faulty.add(row)
    keys = event_keys(map(_PREFIXES.__getitem__, arrivals.source_kinds), arrivals.message_ids)
    if not faulty:
        fresh = seen.add_new(keys)
    else:
        usable = [row for row in range(len(keys)) if row not in faulty]
        fresh = [False] * len(keys)
        for row, new in zip(usable, seen.add_new([keys[row] for row in usable]), strict=True):
            fresh[row] = new
    named = [(row, identifiers) for row, identifiers in named if fresh[row]]
    return Sifted(arrivals, faults, fresh, b"".join(compress(keys, fresh)), nids, named)


def _rows_to_name(arrivals: Arrivals, nids: Sequence[int | None]) -> Sequence[int]:
    """Rows that a look-up of the anonymous id alone did not answer."""
    if not any(arrivals.user_ids) and not arrivals.claims and None not in nids:
        return ()
    claims = arrivals.claims
    return [
        row
        for row, (nid, user_id) in enumerate(zip(nids, arrivals.user_ids, strict=True))
        if nid is None or user_id or row in claims
    ]


def _identifiers(arrivals: Arrivals, row: int, rules: Rules) -> list[Identifier]:
    if not arrivals.user_ids[row] and row not in arrivals.claims:
        # Nearly all rows that come here: a browser's first event.
        text = normalised(_ANONYMOUS_ID, arrivals.anonymous_ids[row], rules)
        if text is not None:
            return [(_ANONYMOUS_ID, text)]
    return usable_identifiers(_claimed(arrivals, row), rules)


def _claimed(arrivals: Arrivals, row: int) -> list[Identifier]:
    claimed: list[Identifier] = []
    if arrivals.user_ids[row]:
        claimed.append((Kind.USER_ID, arrivals.user_ids[row]))
    if arrivals.anonymous_ids[row]:
        claimed.append((Kind.ANONYMOUS_ID, arrivals.anonymous_ids[row]))
    further = arrivals.claims.get(row, ())
    if arrivals.source_kinds[row] == SERVER:
        return [*claimed, *further]
    return claimed + [claim for claim in further if claim[0] in _BROWSER_CLAIMS]


def _envelope_faults(arrivals: Arrivals) -> list[Fault]:
    faults = [
        Fault(
            row,
            "RESOLVE_FAILED",
            "Resolving this event fails on our side; it can be replayed after a repair.",
        )
        for row in sorted(arrivals.broken)
    ]
    if 0 in arrivals.source_kinds:
        faults += [
            Fault(row, "SOURCE_UNKNOWN", "The event does not say which kind of key it was sent with.")
            for row, kind in enumerate(arrivals.source_kinds)
            if not kind and row not in arrivals.broken
        ]
    # Both are rare, so the columns are asked as a whole first.
    if "" in arrivals.message_ids or "\0" in "".join(arrivals.message_ids):
        known = {fault.row for fault in faults}
        faults += [
            Fault(row, "MESSAGE_ID_UNUSABLE", "messageId is empty or holds a NUL character.")
            for row, message_id in enumerate(arrivals.message_ids)
            if (not message_id or "\0" in message_id) and row not in known
        ]
    return faults
