"""The bus: accepted messages in as columns; resolved, remapped and rejected events out as messages."""

import hashlib
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

import numpy as np
from contracts.gateway.v1 import events_pb2 as gateway_events
from contracts.identity.v1 import events_pb2 as identity_events
from google.protobuf.message import DecodeError
from google.protobuf.message import Message as ProtobufMessage

from chassis.bus import Message
from services.identity.domain.arrivals import AddressReport, Arrivals
from services.identity.domain.consent import SOURCES, Said, is_purpose
from services.identity.domain.decisions import (
    REMAPS_A_MESSAGE,
    Decision,
    MessageDecision,
    Moved,
    remap_parts,
)
from services.identity.domain.facts import Fact, ProfileErased, ReachabilityChanged, TenantForgotten
from services.identity.domain.identifiers import Identifier, Kind
from services.identity.domain.reachability import ADDRESS_KINDS
from services.identity.inflows import IMPORTED, LIVE, Inflow
from services.identity.tenants import Unreadable

IDENTITY_STREAM = "IDENTITY"
READER = "identity"
READERS = ("insight", "recommender", "campaign")
REMAPPED_TOPIC = "identity.profile.remapped.v1"
ERASED_TOPIC = "identity.profile.erased.v1"
REACHABILITY_TOPIC = "identity.reachability.changed.v1"
FORGOTTEN_TOPIC = "identity.tenant.forgotten.v1"
REJECTED_TOPIC = "gateway.events.rejected.v1"
# One message a tenant, in a stream of its own: others are purged when everybody has read them.
MARKS_STREAM = "MARKS"
MARK_TOPIC = "identity.mark.v1"
TOPICS = (LIVE.topic, IMPORTED.topic, REMAPPED_TOPIC, ERASED_TOPIC, REACHABILITY_TOPIC, FORGOTTEN_TOPIC)

# What one message may hold; one event alone may be larger.
_MESSAGE_EVENTS = 1_500
_MESSAGE_BYTES = 1_000_000
_REACHED_A_MESSAGE = 2_000
_STAGE = "identity.resolve"
_KINDS = frozenset(map(int, Kind))
_ADDRESS_KINDS = frozenset(map(int, ADDRESS_KINDS))


@dataclass(frozen=True, slots=True)
class Accepted:
    """An accepted message with its events; `events` is None when it could not be read."""

    place: int
    data: bytes
    events: gateway_events.AcceptedEvents | None
    stored_at_ms: int


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to publish; its id is the same whenever the same decision is published."""

    subject: str
    data: bytes
    message_id: str


@dataclass(frozen=True, slots=True)
class Part:
    """One tenant's part of a committed batch, and which of it the bus already has."""

    tenant_id: str
    inflow: Inflow
    # Of its places, for message ids.
    origin: str
    decision: Decision
    published_to: int
    remapped_to: int

    @property
    def missing(self) -> bool:
        """Whether the bus lacks any of its events."""
        last_counted = max(
            (message.place for message in self.decision.messages if message.counted), default=0
        )
        if last_counted:
            return self.published_to < last_counted
        # Nothing counted: the bus cannot be asked for what was set aside, but drops what it has already.
        return any(message.faults for message in self.decision.messages)


def decode(message: Message) -> tuple[Accepted, Arrivals | Unreadable]:
    """The message for publishing, and the columns that decide whom its events belong to."""
    stored_at_ms = int(message.stored_at.timestamp() * 1000)
    try:
        events = gateway_events.AcceptedEvents.FromString(message.data)
        arrivals = _arrivals(message.seq, events)
    except (DecodeError, ValueError) as error:
        return Accepted(message.seq, message.data, None, stored_at_ms), Unreadable(message.seq, str(error))
    return Accepted(message.seq, message.data, events, stored_at_ms), arrivals


def _arrivals(place: int, events: gateway_events.AcceptedEvents) -> Arrivals:
    message_ids = list(events.message_ids)
    sizes = (
        len(events.source_rows),
        len(events.kinds),
        len(events.names),
        len(events.timestamps_ms),
        len(events.received_at_ms),
        len(events.user_ids),
        len(events.anonymous_ids),
        len(events.payloads),
    )
    if any(size != len(message_ids) for size in sizes):
        raise ValueError("Its columns have different lengths.")
    kinds = [source.kind if source.kind in (1, 2) else 0 for source in events.sources]
    rows = list(events.source_rows)
    if rows and max(rows) >= len(kinds):
        raise ValueError("It names a source that it does not have.")
    claims: dict[int, list[Identifier]] = {}
    signed: dict[int, list[Identifier]] = {}
    for claim in events.claims:
        if claim.row >= len(message_ids) or claim.kind not in _KINDS:
            raise ValueError("It claims an identifier for an event that it does not have, or of no kind.")
        claims.setdefault(claim.row, []).append((Kind(claim.kind), claim.value))
        if claim.verified:
            signed.setdefault(claim.row, []).append((Kind(claim.kind), claim.value))
    if any(row >= len(message_ids) for row in events.verified_rows):
        raise ValueError("It says of an event that it does not have that its user_id was signed for.")
    return Arrivals(
        place,
        [kinds[row] for row in rows],
        message_ids,
        list(events.user_ids),
        list(events.anonymous_ids),
        list(events.timestamps_ms),
        claims,
        verified=frozenset(events.verified_rows),
        signed=signed,
        said=_said(events),
        reports=_reports(events),
        received_at_ms=list(events.received_at_ms),
    )


def _said(events: gateway_events.AcceptedEvents) -> dict[int, list[Said]]:
    said: dict[int, list[Said]] = {}
    for one in events.consents:
        if one.row >= len(events.message_ids) or one.basis not in SOURCES or not is_purpose(one.purpose):
            raise ValueError("It states a consent for an event that it does not have, or no consent.")
        said.setdefault(one.row, []).append(Said(one.purpose, one.granted, SOURCES[one.basis]))
    return said


def _reports(events: gateway_events.AcceptedEvents) -> dict[int, list[AddressReport]]:
    reports: dict[int, list[AddressReport]] = {}
    for one in events.address_reports:
        if one.row >= len(events.message_ids) or one.kind not in _ADDRESS_KINDS:
            raise ValueError("It reports of an address for an event that it does not have, or of none.")
        report = AddressReport((Kind(one.kind), one.value), one.deliverable)
        reports.setdefault(one.row, []).append(report)
    return reports


def rejected(part: Part, accepted: Mapping[int, Accepted]) -> Iterator[Outgoing]:
    """The events that were set aside, each with its reason."""
    chunk, size, number = gateway_events.RejectedEvents(), 0, 0
    for message in part.decision.messages:
        for fault in message.faults:
            one = _rejected_event(accepted[message.place], fault.row, fault.reason, fault.detail)
            if chunk.events and (
                size + len(one.payload) > _MESSAGE_BYTES or len(chunk.events) >= _MESSAGE_EVENTS
            ):
                yield _rejected_message(part, chunk, number)
                chunk, size, number = gateway_events.RejectedEvents(), 0, number + 1
            chunk.events.append(one)
            size += len(one.payload)
    if chunk.events:
        yield _rejected_message(part, chunk, number)


def _rejected_message(part: Part, chunk: gateway_events.RejectedEvents, number: int) -> Outgoing:
    message_id = f"identity-{part.origin}-{part.tenant_id}-{part.decision.accepted_to}-{number}"
    return Outgoing(f"{REJECTED_TOPIC}.{part.tenant_id}", chunk.SerializeToString(), message_id)


def _rejected_event(accepted: Accepted, row: int, reason: str, detail: str) -> gateway_events.RejectedEvent:
    one = gateway_events.RejectedEvent(stage=_STAGE, reason=reason, detail=detail)
    events = accepted.events
    if events is None:
        one.payload = accepted.data
        one.received_at_ms = accepted.stored_at_ms
        return one
    one.payload = events.payloads[row]
    one.received_at_ms = events.received_at_ms[row]
    one.message_id = events.message_ids[row]
    one.source.CopyFrom(events.sources[events.source_rows[row]])
    return one


def remapped(
    tenant_id: str, moved: Sequence[Moved], map_version: int, *, accepted_to: int = 0, after: int = 0
) -> Iterator[Outgoing]:
    """The changes of the map up to a version of it, but for those up to version `after`."""
    parts = remap_parts(moved)
    for number in range(parts):
        version = map_version - parts + number + 1
        if version <= after:
            continue
        some = moved[number * REMAPS_A_MESSAGE : (number + 1) * REMAPS_A_MESSAGE]
        message = identity_events.ProfilesRemapped(
            remaps=[
                identity_events.Remap(nid=each.nid, kind=each.kind, profile_id=each.profile_id)  # type: ignore[arg-type]
                for each in some
            ],
            map_version=version,
            accepted_to=accepted_to,
        )
        data = message.SerializeToString()
        # A restored database may give another change the same version.
        digest = hashlib.blake2b(data, digest_size=8).hexdigest()
        message_id = f"remapped-{tenant_id}-{version}-{digest}"
        yield Outgoing(f"{REMAPPED_TOPIC}.{tenant_id}", data, message_id)


def resolved(part: Part, accepted: Mapping[int, Accepted]) -> Iterator[Outgoing]:
    """The events that count, but for those that the bus already has."""
    for packet in _packets(part.decision, accepted):
        missing = [message for message in packet if message.place > part.published_to]
        if missing:
            data = _resolved_bytes(missing, accepted, part.decision.nid_high_water)
            message_id = f"resolved-{part.origin}-{part.tenant_id}-{missing[-1].place}"
            yield Outgoing(f"{part.inflow.topic}.{part.tenant_id}", data, message_id)


def _packets(decision: Decision, accepted: Mapping[int, Accepted]) -> Iterator[list[MessageDecision]]:
    """Neighbours that fit into one message; always cut alike for the same decision."""
    packet: list[MessageDecision] = []
    events = size = 0
    for message in decision.messages:
        if not message.counted:
            continue
        length = len(accepted[message.place].data)
        if packet and (events + message.counted > _MESSAGE_EVENTS or size + length > _MESSAGE_BYTES):
            yield packet
            packet, events, size = [], 0, 0
        packet.append(message)
        events += message.counted
        size += length
    if packet:
        yield packet


def _resolved_bytes(
    packet: Sequence[MessageDecision], accepted: Mapping[int, Accepted], nid_high_water: int
) -> bytes:
    kept = [np.frombuffer(message.nids, dtype="<u4") for message in packet]
    kinds = [np.frombuffer(message.kinds, dtype=np.uint8) for message in packet]
    message = identity_events.ResolvedEvents(
        nids=np.concatenate([nids[nids > 0] for nids in kept]).tolist(),
        nid_kinds=np.concatenate([kind[kind > 0] for kind in kinds]).tolist(),
        accepted_to=packet[-1].place,
        nid_high_water=nid_high_water,
    )
    if len(packet) == 1 and packet[0].counted == len(kept[0]):
        # Nothing was left out, so the events travel on as they came.
        data = accepted[packet[0].place].data
        return b"\x0a" + _varint(len(data)) + data + message.SerializeToString()
    for decision, nids in zip(packet, kept, strict=True):
        events = accepted[decision.place].events
        assert events is not None  # an unreadable message counts nothing
        _add_events(message.events, events, (nids > 0).tolist())
    return message.SerializeToString()


def _add_events(
    into: gateway_events.AcceptedEvents, events: gateway_events.AcceptedEvents, kept: Sequence[bool]
) -> None:
    """Append the kept events; what points into their own message is moved along."""
    first_source, first_row = len(into.sources), len(into.message_ids)
    into.sources.extend(events.sources)
    into.source_rows.extend(first_source + row for row in compress(events.source_rows, kept))
    into.kinds.extend(compress(events.kinds, kept))
    into.names.extend(compress(events.names, kept))
    into.timestamps_ms.extend(compress(events.timestamps_ms, kept))
    into.received_at_ms.extend(compress(events.received_at_ms, kept))
    into.message_ids.extend(compress(events.message_ids, kept))
    into.user_ids.extend(compress(events.user_ids, kept))
    into.anonymous_ids.extend(compress(events.anonymous_ids, kept))
    into.payloads.extend(compress(events.payloads, kept))
    if not (events.claims or events.verified_rows or events.consents or events.address_reports):
        return
    places = (np.cumsum(kept) + (first_row - 1)).tolist()
    into.verified_rows.extend(places[row] for row in events.verified_rows if kept[row])
    _add_sparse(into.claims, events.claims, kept, places)
    _add_sparse(into.consents, events.consents, kept, places)
    _add_sparse(into.address_reports, events.address_reports, kept, places)


def _add_sparse(into: Any, sparse: Any, kept: Sequence[bool], places: Sequence[int]) -> None:
    for one in sparse:
        if kept[one.row]:
            moved = into.add()
            moved.CopyFrom(one)
            moved.row = places[one.row]


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def announced(tenant_id: str, facts: Sequence[Fact]) -> Iterator[Outgoing]:
    """Facts in their order; changes of reachability travel together."""
    reached: list[ReachabilityChanged] = []
    for fact in facts:
        if isinstance(fact, ReachabilityChanged):
            reached.append(fact)
        else:
            topic, message = _fact(fact)
            yield _once(f"{topic}.{tenant_id}", message)
    for start in range(0, len(reached), _REACHED_A_MESSAGE):
        changed = identity_events.ReachabilityChanged(
            profiles=[_reachability(each) for each in reached[start : start + _REACHED_A_MESSAGE]]
        )
        yield _once(f"{REACHABILITY_TOPIC}.{tenant_id}", changed)


def _fact(fact: ProfileErased | TenantForgotten) -> tuple[str, ProtobufMessage]:
    if isinstance(fact, ProfileErased):
        return ERASED_TOPIC, identity_events.ProfileErased(
            erasure_id=fact.erasure_id, profile_id=fact.profile_id, nids=fact.nids
        )
    return FORGOTTEN_TOPIC, identity_events.TenantForgotten(deletion_id=fact.deletion_id)


def _reachability(fact: ReachabilityChanged) -> identity_events.Reachability:
    return identity_events.Reachability(
        profile_id=fact.profile_id,
        channels=[
            identity_events.ChannelReach(channel=each.channel, reachable=each.reachable, reason=each.reason)
            for each in fact.channels
        ],
    )


def _once(subject: str, message: ProtobufMessage) -> Outgoing:
    """Under an id of its own, which is stored with it: what is said twice is two messages."""
    return Outgoing(subject, message.SerializeToString(), uuid.uuid4().hex)


def erasure_of(subject: str, data: bytes) -> str:
    """The erasure that a message announces; "" for any other message."""
    if not subject.startswith(f"{ERASED_TOPIC}."):
        return ""
    return str(identity_events.ProfileErased.FromString(data).erasure_id)


def nid_mark(tenant_id: str, nid: int) -> Outgoing:
    """Numbers up to this one may be in use from now on."""
    data = identity_events.NidMark(nid=nid).SerializeToString()
    return Outgoing(f"{MARK_TOPIC}.{tenant_id}", data, f"mark-{tenant_id}-{nid}")


def marked_nid(last: Message | None) -> int:
    """What a tenant's mark says; 0 without one."""
    return 0 if last is None else int(identity_events.NidMark.FromString(last.data).nid)


def resolved_to(last: Message | None, resolved_from: int) -> tuple[int, int]:
    """(place, highest nid) that a tenant's last resolved message names.

    What was resolved up to `resolved_from` names places of another stream.
    """
    if last is None:
        return 0, 0
    message = identity_events.ResolvedEvents.FromString(last.data)
    return (message.accepted_to if last.seq > resolved_from else 0), message.nid_high_water


def remapped_to(last: Message | None) -> int:
    """The version of the map that is on the bus; 0 for none."""
    if last is None:
        return 0
    return int(identity_events.ProfilesRemapped.FromString(last.data).map_version)


def erasure_id_of(message: Message) -> str:
    """Which erasure a message announces."""
    return str(identity_events.ProfileErased.FromString(message.data).erasure_id)
