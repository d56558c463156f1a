"""Turns identity's messages into rows of the event store; an event that cannot be one is set aside alone."""

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from contracts.gateway.v1 import events_pb2 as gateway_pb2
from contracts.identity.v1 import events_pb2 as identity_pb2
from google.protobuf.message import DecodeError
from prometheus_client import Counter

from chassis.bus import Bus, Message
from services.insight.detailing import Whose, add_details
from services.insight.domain.details import DETAILED, reachable_bits
from services.insight.domain.events import ORDER_EVENTS, canonical_name, channel, is_visit
from services.insight.domain.orders import UNREADABLE
from services.insight.domain.payloads import order_report, setting, traits
from services.insight.domain.sources import source
from services.insight.store.rows import Block

log = logging.getLogger(__name__)

STREAM = "IDENTITY"
READER = "insight"
RESOLVED = "identity.events.resolved.v1"
IMPORTED = "identity.events.imported.v1"
REMAPPED = "identity.profile.remapped.v1"
REACHABILITY = "identity.reachability.changed.v1"
ERASED = "identity.profile.erased.v1"
FORGOTTEN = "identity.tenant.forgotten.v1"
REJECTED = "gateway.events.rejected.v1"

_STAGE = "insight.store"
_KIND_NAMES: dict[int, str] = {
    gateway_pb2.EVENT_KIND_TRACK: "track",
    gateway_pb2.EVENT_KIND_IDENTIFY: "identify",
    gateway_pb2.EVENT_KIND_PAGE: "page",
    gateway_pb2.EVENT_KIND_SCREEN: "screen",
    gateway_pb2.EVENT_KIND_GROUP: "group",
    gateway_pb2.EVENT_KIND_ALIAS: "alias",
}
_CACHED_NAMES = 20_000

T = TypeVar("T")

_unknown_money = Counter("insight_unreadable_money", "Order events whose money could not be read")
_set_aside = Counter("insight_events_set_aside", "Events that could not be stored")


@dataclass(frozen=True, slots=True)
class SetAside:
    """A message of bad rows, ready to publish under a key that makes a repetition harmless."""

    subject: str
    message_id: str
    data: bytes
    position: int

    async def publish(self, bus: Bus) -> None:
        await bus.publish(self.subject, self.data, message_id=self.message_id)


class Rows:
    """Adds messages to blocks."""

    def __init__(self) -> None:
        self._names: dict[tuple[int, str], str] = {}
        self._visits: dict[tuple[str, str], bool] = {}
        self._adding: dict[str, Callable[[Message, Block], list[SetAside]]] = {
            RESOLVED: self._add_events,
            IMPORTED: self._add_events,
            REMAPPED: _add_remaps,
            REACHABILITY: _add_reachability,
            ERASED: _add_erasure,
            FORGOTTEN: _add_deletion,
        }

    def add(self, message: Message, block: Block) -> list[SetAside]:
        """The events of a message that are no rows; all others are in the block now."""
        # Any other topic is a fact in the same stream that is not ours to understand.
        add = self._adding.get(message.topic, _add_nothing)
        try:
            # A row's tenant is a UUID; a subject that ends in anything else is nobody's.
            uuid.UUID(message.tenant_id)
            aside = add(message, block)
        except (DecodeError, ValueError) as error:
            aside = [_aside(message, [_rejected("MESSAGE_NOT_READABLE", str(error), message.data)])]
        block.first_position = block.first_position or message.seq
        block.last_position = message.seq
        block.n_messages += 1
        block.n_bytes += len(message.data)
        return aside

    def _add_events(self, message: Message, block: Block) -> list[SetAside]:
        resolved = identity_pb2.ResolvedEvents.FromString(message.data)
        accepted = resolved.events
        rejected: list[gateway_pb2.RejectedEvent] = []
        rows = block.events
        names, channels, visits, good = [], [], [], []
        kinds, sent_names, payloads = list(accepted.kinds), list(accepted.names), list(accepted.payloads)
        for index, (kind, sent, payload) in enumerate(zip(kinds, sent_names, payloads, strict=True)):
            try:
                name = self._name(kind, sent)
                said = setting(payload)
                where = channel(
                    said=said.channel,
                    library=said.library,
                    device=said.device,
                    kind=_kind_name(kind),
                )
                if name in ORDER_EVENTS or kind == gateway_pb2.EVENT_KIND_IDENTIFY:
                    _add_facts(message, index, name, resolved, block)
                visit = self._is_visit(name, where)
                came_from = source(payload, said.campaign, said.page) if visit else None
                if came_from is not None or name in DETAILED:
                    whose = _whose(message, index, name, resolved)
                    add_details(block.event_details, whose, payload, came_from)
            except Exception as error:  # noqa: BLE001 - whatever broke, only this event is set aside
                rejected.append(_rejected_event(accepted, index, error))
                continue
            good.append(index)
            names.append(name)
            channels.append(where)
            visits.append(visit)
        n_rows = len(good)
        if n_rows:
            rows.name += names
            rows.channel += channels
            rows.is_visit += visits
            rows.row += good
            rows.tenant_id += [message.tenant_id] * n_rows
            rows.position += [message.seq] * n_rows
            _add_columns(resolved, good, block)
        return [_aside(message, rejected)] if rejected else []

    def _name(self, kind: int, sent: str) -> str:
        name = self._names.get((kind, sent))
        if name is None:
            if len(self._names) >= _CACHED_NAMES:
                self._names.clear()
            name = self._names[kind, sent] = canonical_name(_kind_name(kind), sent)
        return name

    def _is_visit(self, name: str, where: str) -> bool:
        visit = self._visits.get((name, where))
        if visit is None:
            if len(self._visits) >= _CACHED_NAMES:
                self._visits.clear()
            visit = self._visits[name, where] = is_visit(name, where)
        return visit


def _kind_name(kind: int) -> str:
    return _KIND_NAMES.get(kind, "unknown")


def _add_columns(resolved: identity_pb2.ResolvedEvents, good: list[int], block: Block) -> None:
    """The columns that are stored as they came."""
    accepted, rows = resolved.events, block.events
    sources = [(source.kind, source.key_id) for source in accepted.sources]
    by_row = [sources[index] for index in accepted.source_rows]
    whole = len(good) == len(accepted.kinds)

    def chosen(values: list[T]) -> list[T]:
        return values if whole else [values[index] for index in good]

    received_at = chosen(list(accepted.received_at_ms))
    rows.nid += chosen(list(resolved.nids))
    rows.nid_kind += chosen(list(resolved.nid_kinds))
    rows.occurred_at += chosen(list(accepted.timestamps_ms))
    rows.received_at += received_at
    rows.kind += chosen(list(accepted.kinds))
    rows.source_kind += chosen([kind for kind, _ in by_row])
    rows.source_key += chosen([key for _, key in by_row])
    rows.message_id += chosen(list(accepted.message_ids))
    rows.payload += chosen(list(accepted.payloads))
    block.newest_received_at = max(block.newest_received_at, *received_at)


def _whose(message: Message, index: int, name: str, resolved: identity_pb2.ResolvedEvents) -> Whose:
    accepted = resolved.events
    return Whose(
        tenant_id=message.tenant_id,
        position=message.seq,
        row=index,
        nid=resolved.nids[index],
        occurred_at=accepted.timestamps_ms[index],
        name=name,
        source_kind=accepted.sources[accepted.source_rows[index]].kind,
        message_id=accepted.message_ids[index],
    )


def _add_facts(
    message: Message, index: int, name: str, resolved: identity_pb2.ResolvedEvents, block: Block
) -> None:
    """What an identify event says about its person, or an order event about its order."""
    accepted = resolved.events
    payload, occurred_at = accepted.payloads[index], accepted.timestamps_ms[index]
    nid = resolved.nids[index]
    if name not in ORDER_EVENTS:
        for trait, value in traits(payload).items():
            block.traits.tenant_id.append(message.tenant_id)
            block.traits.position.append(message.seq)
            block.traits.row.append(index)
            block.traits.nid.append(nid)
            block.traits.name.append(trait)
            block.traits.value.append(value)
            block.traits.occurred_at.append(occurred_at)
        return
    report = order_report(payload)
    if report.basis == UNREADABLE:
        _unknown_money.inc()
    if not report.order_id and name == "order_updated":
        # It names no order that it could be newer facts of.
        return
    refund = name in ("order_refunded", "order_cancelled")
    facts = block.order_facts
    facts.tenant_id.append(message.tenant_id)
    facts.position.append(message.seq)
    facts.row.append(index)
    # Without an order_id every report is an order, and every refund a refund, of its own.
    facts.order_id.append(report.order_id or f"~{accepted.message_ids[index]}")
    facts.name.append(name)
    facts.status.append(report.status)
    facts.value.append(abs(report.value) if refund and report.value is not None else report.value)
    facts.basis.append(report.basis)
    facts.currency.append(report.currency)
    facts.nid.append(nid)
    facts.source_kind.append(accepted.sources[accepted.source_rows[index]].kind)
    facts.occurred_at.append(occurred_at)


def _add_remaps(message: Message, block: Block) -> list[SetAside]:
    remapped = identity_pb2.ProfilesRemapped.FromString(message.data)
    # Of several moves of one nid in a message the last counts: a position has one profile a nid.
    last = {remap.nid: index for index, remap in enumerate(remapped.remaps)}
    rows = block.profile_of
    for index in last.values():
        remap = remapped.remaps[index]
        rows.tenant_id.append(message.tenant_id)
        rows.position.append(message.seq)
        rows.row.append(index)
        rows.nid.append(remap.nid)
        rows.kind.append(remap.kind)
        rows.profile_id.append(remap.profile_id)
    return []


def _add_reachability(message: Message, block: Block) -> list[SetAside]:
    changed = identity_pb2.ReachabilityChanged.FromString(message.data)
    rows = block.reachability
    for index, profile in enumerate(changed.profiles):
        rows.tenant_id.append(message.tenant_id)
        rows.position.append(message.seq)
        rows.row.append(index)
        rows.profile_id.append(profile.profile_id)
        rows.channels.append(reachable_bits([each.channel for each in profile.channels if each.reachable]))
    return []


def _add_erasure(message: Message, block: Block) -> list[SetAside]:
    erased = identity_pb2.ProfileErased.FromString(message.data)
    erasure_id = str(uuid.UUID(erased.erasure_id))
    rows = block.erased_nids
    # No nid is 0: without any, the erasure is known to have arrived all the same.
    for index, nid in enumerate(sorted(set(erased.nids)) or [0]):
        rows.tenant_id.append(message.tenant_id)
        rows.position.append(message.seq)
        rows.row.append(index)
        rows.nid.append(nid)
        rows.erasure_id.append(erasure_id)
    return []


def _add_deletion(message: Message, block: Block) -> list[SetAside]:
    forgotten = identity_pb2.TenantForgotten.FromString(message.data)
    rows = block.forgotten_tenants
    rows.deletion_id.append(str(uuid.UUID(forgotten.deletion_id)))
    rows.tenant_id.append(message.tenant_id)
    rows.position.append(message.seq)
    rows.row.append(0)
    return []


def _add_nothing(message: Message, block: Block) -> list[SetAside]:
    return []


def _rejected(reason: str, detail: str, payload: bytes) -> gateway_pb2.RejectedEvent:
    return gateway_pb2.RejectedEvent(stage=_STAGE, reason=reason, detail=detail, payload=payload)


def _rejected_event(
    accepted: gateway_pb2.AcceptedEvents, index: int, error: Exception
) -> gateway_pb2.RejectedEvent:
    rejected = _rejected("EVENT_NOT_READABLE", f"{type(error).__name__}: {error}", accepted.payloads[index])
    rejected.received_at_ms = accepted.received_at_ms[index]
    rejected.source.CopyFrom(accepted.sources[accepted.source_rows[index]])
    rejected.message_id = accepted.message_ids[index]
    return rejected


def _aside(message: Message, rejected: list[gateway_pb2.RejectedEvent]) -> SetAside:
    _set_aside.inc(len(rejected))
    log.warning("events_set_aside", extra={"position": message.seq, "events": len(rejected)})
    return SetAside(
        f"{REJECTED}.{message.tenant_id}",
        f"insight:{message.seq}",
        gateway_pb2.RejectedEvents(events=rejected).SerializeToString(),
        message.seq,
    )
