"""One accepted message as columns, and what can be said of its events before any table is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress

from services.identity.domain.consent import Said
from services.identity.domain.erased import Erased
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
from services.identity.domain.suppression import Suppressed

# The numbers of the contract's SourceKind.
BROWSER = 1
SERVER = 2
# What a key that anybody may read is believed to claim.
_BROWSER_CLAIMS = frozenset({Kind.USER_ID, Kind.ANONYMOUS_ID})
# Looked up once: members of an enumeration are slow to reach.
_ANONYMOUS_ID = Kind.ANONYMOUS_ID
_PREFIXES = (b"", b"\x01", b"\x02")


@dataclass(frozen=True, slots=True)
class AddressReport:
    """What an event says of an address that messages were sent to."""

    identifier: Identifier
    deliverable: bool


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
    # Rows of browsers whose user_id the tenant itself signed for.
    verified: frozenset[int] = frozenset()
    # Sparse: of `claims`, those of browsers that the tenant, or a provider it trusts, signed for.
    signed: Mapping[int, Sequence[Identifier]] = field(default_factory=dict)
    # Sparse: consents and addresses by row.
    said: Mapping[int, Sequence[Said]] = field(default_factory=dict)
    reports: Mapping[int, Sequence[AddressReport]] = field(default_factory=dict)
    # When each was received by the gateway's clock; without, when they happened is all that is known.
    received_at_ms: Sequence[int] = ()

    def __len__(self) -> int:
        return len(self.message_ids)

    def known_at_ms(self) -> Sequence[int]:
        """The time by which each had certainly happened: a clock that is fast does not make it later."""
        if not self.received_at_ms:
            return self.timestamps_ms
        return list(map(min, self.timestamps_ms, self.received_at_ms))


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
    # Dropped because somebody they name is suppressed, or was erased.
    suppressed: int
    # By row of a browser, the identifiers that somebody signed for, and its own.
    trusted: Mapping[int, frozenset[Identifier]] = field(default_factory=dict)


def sifted(
    arrivals: Arrivals,
    anonymous: Recent[str, int],
    seen: Seen,
    rules: Rules,
    *,
    suppressed: Suppressed,
    erased: Erased,
) -> Sifted:
    """Tell apart what counts, what was counted before, what is dropped and what cannot be used.

    `anonymous` knows nids of anonymous ids, none of which is suppressed. What counts is marked as seen;
    the others are not, so that they count when they come again after a repair or for somebody else.
    """
    nids = anonymous.get_many(arrivals.anonymous_ids)
    times = arrivals.known_at_ms() if erased else ()
    to_name = _rows_to_name(arrivals, nids, times, erased.newest_ms)
    dropped = _dropped(arrivals, to_name, times, rules=rules, suppressed=suppressed, erased=erased)
    faults = [fault for fault in _envelope_faults(arrivals) if fault.row not in dropped]
    faulty = {fault.row for fault in faults} | dropped
    named: list[tuple[int, list[Identifier]]] = []
    for row in to_name:
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
    # Of those that count, because only those need be usable.
    signed_for = {
        row: trusted(arrivals, row, rules) for row in arrivals.verified | arrivals.signed.keys() if fresh[row]
    }
    return Sifted(
        arrivals, faults, fresh, b"".join(compress(keys, fresh)), nids, named, len(dropped), signed_for
    )


def _rows_to_name(
    arrivals: Arrivals, nids: Sequence[int | None], times: Sequence[int], erased_until_ms: int
) -> Sequence[int]:
    """Rows that a look-up of the anonymous id alone did not answer, or that may be of somebody erased."""
    if times and min(times) <= erased_until_ms:
        old = {row for row, at_ms in enumerate(times) if at_ms <= erased_until_ms}
    else:
        old = set()
    if not old and not any(arrivals.user_ids) and not arrivals.claims and None not in nids:
        return ()
    claims = arrivals.claims
    return [
        row
        for row, (nid, user_id) in enumerate(zip(nids, arrivals.user_ids, strict=True))
        if nid is None or user_id or row in claims or row in old
    ]


def _dropped(
    arrivals: Arrivals,
    rows: Sequence[int],
    times: Sequence[int],
    *,
    rules: Rules,
    suppressed: Suppressed,
    erased: Erased,
) -> frozenset[int]:
    """Rows that name somebody who is suppressed, or was erased after they happened or were received."""
    if not suppressed and not erased:
        return frozenset()
    found = set()
    for row in rows:
        claimed = _claimed(arrivals, row)
        if suppressed.names_one(claimed, rules) or (erased and erased.names_one(claimed, times[row], rules)):
            found.add(row)
    return frozenset(found)


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
    signed = arrivals.signed.get(row, ())
    return claimed + [claim for claim in further if claim[0] in _BROWSER_CLAIMS or claim in signed]


def trusted(arrivals: Arrivals, row: int, rules: Rules) -> frozenset[Identifier]:
    """Of a browser's event, the identifiers as they are stored whose links count like a secret key's.

    The browser speaks for itself; somebody else has signed for the others.
    """
    sure = list(arrivals.signed.get(row, ()))
    if row in arrivals.verified:
        sure.append((Kind.USER_ID, arrivals.user_ids[row]))
    if not sure:
        return frozenset()
    sure.append((Kind.ANONYMOUS_ID, arrivals.anonymous_ids[row]))
    texts = ((kind, normalised(kind, value, rules)) for kind, value in sure)
    return frozenset((kind, text) for kind, text in texts if text is not None)


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
