"""A history as identity's messages, for whoever writes it into a store."""

import itertools
from collections.abc import Sequence
from typing import Any

from contracts.gateway.v1 import events_pb2 as gateway_pb2
from contracts.identity.v1 import events_pb2 as identity_pb2

from chassis.bus import Message
from tests.gene_reference.history import KINDS, Announced, Event, History, Remap

_CHANNELS = ("email", "sms", "line")


def messages(history: History, tenant_id: str) -> list[Message]:
    """In the order of their places; neither erasures nor kept first moments are among them."""
    found = []
    for position, events in itertools.groupby(
        sorted(history.events, key=lambda event: (event.position, event.row)), lambda event: event.position
    ):
        found.append(_message("identity.events.resolved.v1", tenant_id, position, resolved(list(events))))
    for position, remaps in itertools.groupby(
        sorted(history.remaps, key=lambda remap: remap.position), lambda remap: remap.position
    ):
        found.append(_message("identity.profile.remapped.v1", tenant_id, position, _remapped(list(remaps))))
    for position, said in itertools.groupby(
        sorted(history.reachability, key=lambda one: one.position), lambda one: one.position
    ):
        topic = "identity.reachability.changed.v1"
        found.append(_message(topic, tenant_id, position, _reachability(list(said))))
    return sorted(found, key=lambda message: message.seq)


def _message(topic: str, tenant_id: str, position: int, data: bytes) -> Message:
    return Message(f"{topic}.{tenant_id}", position, data)


def resolved(events: Sequence[Event]) -> bytes:
    """The rows of one message count from 0, as the events' rows must."""
    columns = gateway_pb2.AcceptedEvents(
        sources=[
            gateway_pb2.Source(key_id="pk", kind=gateway_pb2.SOURCE_KIND_BROWSER),
            gateway_pb2.Source(key_id="sk", kind=gateway_pb2.SOURCE_KIND_SERVER),
        ]
    )
    for row, event in enumerate(events):
        assert event.row == row, "the rows of a message count from 0"
        received_ms = event.happened_ms if event.received_ms is None else event.received_ms
        columns.source_rows.append(event.source - 1)
        columns.kinds.append(KINDS[event.kind])  # type: ignore[arg-type]
        columns.names.append(str(event.payload.get("event", "")))
        columns.timestamps_ms.append(event.happened_ms)
        columns.received_at_ms.append(received_ms)
        columns.message_ids.append(event.message_id or f"{event.position}-{event.row}")
        columns.user_ids.append("")
        columns.anonymous_ids.append("")
        columns.payloads.append(event.body)
    message = identity_pb2.ResolvedEvents(events=columns)
    message.nids.extend(event.nid for event in events)
    kinds: Any = [event.nid_kind for event in events]
    message.nid_kinds.extend(kinds)
    return message.SerializeToString()


def _remapped(remaps: Sequence[Remap]) -> bytes:
    message = identity_pb2.ProfilesRemapped()
    for remap in remaps:
        kind: Any = remap.kind
        message.remaps.add(nid=remap.nid, kind=kind, profile_id=remap.profile_id)
    return message.SerializeToString()


def _reachability(said: Sequence[Announced]) -> bytes:
    return identity_pb2.ReachabilityChanged(
        profiles=[
            identity_pb2.Reachability(
                profile_id=one.profile_id,
                channels=[
                    identity_pb2.ChannelReach(channel=name, reachable=name in one.channels)
                    for name in _CHANNELS
                ],
            )
            for one in said
        ]
    ).SerializeToString()
