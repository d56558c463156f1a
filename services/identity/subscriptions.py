"""The bus: accepted messages in as columns; resolved, remapped and rejected events out as messages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np
from contracts.gateway.v1 import events_pb2 as gateway_events
from contracts.identity.v1 import events_pb2 as identity_events
from google.protobuf.message import DecodeError

from chassis.bus import Message
from services.identity.domain.arrivals import Arrivals
from services.identity.domain.decisions import Decision, MessageDecision
from services.identity.domain.identifiers import Identifier, Kind
from services.identity.tenants import OnBus, Unreadable

ACCEPTED_STREAM = "ACCEPTED"
IDENTITY_STREAM = "IDENTITY"
READER = "identity"
READERS = ("insight", "recommender", "campaign")
RESOLVED_TOPIC = "identity.events.resolved.v1"
REMAPPED_TOPIC = "identity.profile.remapped.v1"
REJECTED_TOPIC = "gateway.events.rejected.v1"

# What one message may hold; one event alone may be larger.
_MESSAGE_EVENTS = 1_500
_MESSAGE_BYTES = 1_000_000
_STAGE = "identity.resolve"
_KINDS = frozenset(map(int, Kind))


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
    for claim in events.claims:
        if claim.row >= len(message_ids) or claim.kind not in _KINDS:
            raise ValueError("It claims an identifier for an event that it does not have, or of no kind.")
        claims.setdefault(claim.row, []).append((Kind(claim.kind), claim.value))
    return Arrivals(
        place,
        [kinds[row] for row in rows],
        message_ids,
        list(events.user_ids),
        list(events.anonymous_ids),
        list(events.timestamps_ms),
        claims,
    )


def rejected(tenant_id: str, decision: Decision, accepted: Mapping[int, Accepted]) -> Iterator[Outgoing]:
    """The events that were set aside, each with its reason."""
    chunk, size, number = gateway_events.RejectedEvents(), 0, 0
    for message in decision.messages:
        for fault in message.faults:
            one = _rejected_event(accepted[message.place], fault.row, fault.reason, fault.detail)
            if chunk.events and (
                size + len(one.payload) > _MESSAGE_BYTES or len(chunk.events) >= _MESSAGE_EVENTS
            ):
                yield _rejected_message(tenant_id, decision, chunk, number)
                chunk, size, number = gateway_events.RejectedEvents(), 0, number + 1
            chunk.events.append(one)
            size += len(one.payload)
    if chunk.events:
        yield _rejected_message(tenant_id, decision, chunk, number)


def _rejected_message(
    tenant_id: str, decision: Decision, chunk: gateway_events.RejectedEvents, number: int
) -> Outgoing:
    message_id = f"identity-{tenant_id}-{decision.accepted_to}-{number}"
    return Outgoing(f"{REJECTED_TOPIC}.{tenant_id}", chunk.SerializeToString(), message_id)


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


def remapped(tenant_id: str, decision: Decision) -> Outgoing | None:
    """The changes of the map; None when there are none."""
    if not decision.moved:
        return None
    message = identity_events.ProfilesRemapped(
        remaps=[
            identity_events.Remap(nid=moved.nid, kind=moved.kind, profile_id=moved.profile_id)  # type: ignore[arg-type]
            for moved in decision.moved
        ],
        map_version=decision.map_version,
        accepted_to=decision.accepted_to,
    )
    message_id = f"remapped-{tenant_id}-{decision.accepted_to}"
    return Outgoing(f"{REMAPPED_TOPIC}.{tenant_id}", message.SerializeToString(), message_id)


def resolved(
    tenant_id: str, decision: Decision, accepted: Mapping[int, Accepted], published_to: int
) -> Iterator[Outgoing]:
    """The events that count, but for those up to `published_to`, which the bus already has."""
    for packet in _packets(decision, accepted):
        missing = [message for message in packet if message.place > published_to]
        if missing:
            place = missing[-1].place
            data = _resolved_bytes(missing, accepted, decision.nid_high_water)
            yield Outgoing(f"{RESOLVED_TOPIC}.{tenant_id}", data, f"resolved-{tenant_id}-{place}")


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
    """Append the kept events; sources and claims point into their own message and are moved along."""
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
    if events.claims:
        places = np.cumsum(kept).tolist()
        for claim in events.claims:
            if kept[claim.row]:
                moved = into.claims.add(kind=claim.kind, value=claim.value)
                moved.row = first_row + places[claim.row] - 1


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)


def on_bus(last: Message | None) -> OnBus:
    """What a tenant's last resolved message says of what the bus has."""
    if last is None:
        return OnBus()
    message = identity_events.ResolvedEvents.FromString(last.data)
    return OnBus(message.accepted_to, message.nid_high_water)


def remapped_to(last: Message | None) -> int:
    """The last accepted place whose map changes are on the bus; 0 for none."""
    if last is None:
        return 0
    return int(identity_events.ProfilesRemapped.FromString(last.data).accepted_to)
