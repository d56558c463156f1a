"""Stores judged requests durably: what comes while a tenant's message is on its way is its next message."""

import asyncio
import itertools
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from contracts.gateway.v1 import events_pb2
from opentelemetry.context import Context
from prometheus_client import Counter, Histogram

from chassis.bus import Bus
from chassis.telemetry import tracer
from services.gateway.domain.events import AcceptedRows, BadRow, Intake
from services.gateway.domain.keys import WriteKey
from services.gateway.errors.requests import StreamBusy

ACCEPTED_TOPIC = "gateway.events.accepted.v1"
REJECTED_TOPIC = "gateway.events.rejected.v1"
STAGE = "gateway.validate"

MAX_MESSAGE_EVENTS = 1_500
MAX_MESSAGE_BYTES = 1_000_000
_MAX_WAITING_BYTES = 64 * 1024 * 1024
# One tenant's flood leaves room for the others.
_MAX_WAITING_BYTES_A_TENANT = 16 * 1024 * 1024
# Columns, lists and the protobuf beside the payload itself.
_OVERHEAD_BYTES_AN_EVENT = 512

_ACCEPTED = Counter("gateway_events_accepted", "Events stored durably.", ["tenant_id"])
_REJECTED = Counter("gateway_events_rejected", "Events set aside.", ["tenant_id", "reason"])
_UNCLEAR_CONSENTS = Counter(
    "gateway_consents_unclear", "Parts of context.consent that could not be understood.", ["tenant_id"]
)
_STORED = Histogram(
    "gateway_store_seconds",
    "From the sending of a message to the stream's acknowledgement.",
    ["topic"],
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5),
)
_WAITING = Histogram(
    "gateway_message_events", "Events in one message.", ["topic"], buckets=(1, 5, 20, 50, 200, 500, 1500)
)

_SOURCE_KIND = {
    "browser": events_pb2.SOURCE_KIND_BROWSER,
    "server": events_pb2.SOURCE_KIND_SERVER,
}

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class _Part(Generic[R]):
    """One request's share of a message; `stored` is resolved by the stream's acknowledgement."""

    rows: R
    key: WriteKey
    received_at_ms: int
    events: int
    size_bytes: int
    trace: Context | None
    stored: asyncio.Future[None]


@dataclass(slots=True)
class _Lane(Generic[R]):
    """One tenant's waiting parts of one topic."""

    topic: str
    tenant_id: str
    encode: Callable[[Sequence[_Part[R]]], bytes]
    waiting: deque[_Part[R]] = field(default_factory=deque)
    waiting_bytes: int = 0

    def next_message(self) -> list[_Part[R]]:
        """As many of the oldest parts as one message takes, at least one."""
        parts = [self.waiting.popleft()]
        events, size_bytes = parts[0].events, parts[0].size_bytes
        while self.waiting:
            events += self.waiting[0].events
            size_bytes += self.waiting[0].size_bytes
            if events > MAX_MESSAGE_EVENTS or size_bytes > MAX_MESSAGE_BYTES:
                break
            parts.append(self.waiting.popleft())
        return parts


class Publisher:
    """Bounded in memory: raises StreamBusy when more waits than the stream takes."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._accepted: dict[str, _Lane[AcceptedRows]] = {}
        self._rejected: dict[str, _Lane[list[BadRow]]] = {}
        self._senders: set[asyncio.Task[None]] = set()
        self._waiting_bytes = 0
        # Unlike any other process' ids, this one's earlier lives included.
        self._boot = secrets.token_hex(8)
        self._numbers = itertools.count()

    async def store(
        self, key: WriteKey, intake: Intake, received_at_ms: int, trace: Context | None = None
    ) -> None:
        """Return once every event of the request is on disk, the set aside ones first.

        Raises BusUnavailable or StreamBusy; then the sender has to send the whole request again.
        """
        if intake.rejected:
            size_bytes = sum(len(row.payload) for row in intake.rejected)
            await self._enqueue(
                self._lane(self._rejected, REJECTED_TOPIC, key.tenant_id, _rejected_message),
                intake.rejected,
                (key, received_at_ms, trace),
                (len(intake.rejected), size_bytes),
            )
            for row in intake.rejected:
                _REJECTED.labels(key.tenant_id, row.reason).inc()
        accepted = len(intake.accepted.kinds)
        if accepted:
            size_bytes = sum(map(len, intake.accepted.payloads))
            await self._enqueue(
                self._lane(self._accepted, ACCEPTED_TOPIC, key.tenant_id, _accepted_message),
                intake.accepted,
                (key, received_at_ms, trace),
                (accepted, size_bytes),
            )
            _ACCEPTED.labels(key.tenant_id).inc(accepted)
        if intake.accepted.unclear_consents:
            _UNCLEAR_CONSENTS.labels(key.tenant_id).inc(intake.accepted.unclear_consents)

    def _lane(
        self,
        lanes: dict[str, _Lane[R]],
        topic: str,
        tenant_id: str,
        encode: Callable[[Sequence[_Part[R]]], bytes],
    ) -> _Lane[R]:
        """The tenant's lane; made on demand and gone when it is empty, however many tenants come by."""
        lane = lanes.get(tenant_id)
        if lane is None:
            lane = lanes[tenant_id] = _Lane(topic, tenant_id, encode)
            sender = asyncio.create_task(self._send_all(lanes, lane))
            self._senders.add(sender)
            sender.add_done_callback(self._senders.discard)
        return lane

    async def _enqueue(
        self,
        lane: _Lane[R],
        rows: R,
        origin: tuple[WriteKey, int, Context | None],
        amount: tuple[int, int],
    ) -> None:
        key, received_at_ms, trace = origin
        events, size_bytes = amount
        size_bytes += events * _OVERHEAD_BYTES_AN_EVENT
        if (
            self._waiting_bytes + size_bytes > _MAX_WAITING_BYTES
            or lane.waiting_bytes + size_bytes > _MAX_WAITING_BYTES_A_TENANT
        ):
            raise StreamBusy("More events are waiting to be stored than memory allows.")
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        lane.waiting.append(_Part(rows, key, received_at_ms, events, size_bytes, trace, stored))
        lane.waiting_bytes += size_bytes
        self._waiting_bytes += size_bytes
        await stored

    async def _send_all(self, lanes: dict[str, _Lane[R]], lane: _Lane[R]) -> None:
        while lane.waiting:
            parts = lane.next_message()
            try:
                await self._send(lane, parts)
            except BaseException as error:
                failure = error if isinstance(error, Exception) else StreamBusy("The gateway is stopping.")
                for part in parts:
                    if not part.stored.done():
                        part.stored.set_exception(failure)
                if not isinstance(error, Exception):
                    raise
            else:
                for part in parts:
                    if not part.stored.done():
                        part.stored.set_result(None)
            finally:
                size_bytes = sum(part.size_bytes for part in parts)
                lane.waiting_bytes -= size_bytes
                self._waiting_bytes -= size_bytes
        del lanes[lane.tenant_id]

    async def _send(self, lane: _Lane[R], parts: list[_Part[R]]) -> None:
        trace = next((part.trace for part in parts if part.trace is not None), None)
        started = time.perf_counter()
        with tracer().start_as_current_span(f"publish {lane.topic}", context=trace):
            await self._bus.publish(
                f"{lane.topic}.{lane.tenant_id}",
                lane.encode(parts),
                message_id=f"{self._boot}-{next(self._numbers)}",
            )
        _STORED.labels(lane.topic).observe(time.perf_counter() - started)
        _WAITING.labels(lane.topic).observe(sum(part.events for part in parts))

    async def flush(self) -> None:
        """Return when nothing waits any more; what comes after that is the caller's to prevent."""
        while self._senders:
            await asyncio.wait(self._senders)


@asynccontextmanager
async def open_publisher(bus: Bus) -> AsyncIterator[Publisher]:
    """A publisher; everything it was given is stored, or refused to its sender, before this is left."""
    publisher = Publisher(bus)
    try:
        yield publisher
    finally:
        await publisher.flush()


def _source(key: WriteKey) -> events_pb2.Source:
    return events_pb2.Source(key_id=key.key_id, kind=_SOURCE_KIND[key.source])


def _accepted_message(parts: Sequence[_Part[AcceptedRows]]) -> bytes:
    message = events_pb2.AcceptedEvents()
    sources: dict[str, int] = {}
    for part in parts:
        rows = part.rows
        source_row = sources.get(part.key.key_id)
        if source_row is None:
            source_row = sources[part.key.key_id] = len(sources)
            message.sources.append(_source(part.key))
        first = len(message.kinds)
        add_sparse(message, rows, first)
        message.source_rows.extend([source_row] * part.events)
        message.kinds.extend(rows.kinds)  # type: ignore[arg-type]
        message.names.extend(rows.names)
        message.timestamps_ms.extend(rows.timestamps_ms)
        message.received_at_ms.extend([part.received_at_ms] * part.events)
        message.message_ids.extend(rows.message_ids)
        message.user_ids.extend(rows.user_ids)
        message.anonymous_ids.extend(rows.anonymous_ids)
        message.payloads.extend(rows.payloads)
    return message.SerializeToString()


def add_sparse(message: events_pb2.AcceptedEvents, rows: AcceptedRows, first: int) -> None:
    """The columns that few rows have, for rows that begin at `first` in the message."""
    for claim in rows.claims:
        message.claims.add(
            row=first + claim.row, kind=claim.kind.value, value=claim.value, verified=claim.verified
        )
    message.verified_rows.extend(first + row for row in rows.verified_rows)
    for consent in rows.consents:
        message.consents.add(
            row=first + consent.row,
            purpose=consent.purpose,
            granted=consent.granted,
            basis=events_pb2.ConsentBasis.ValueType(consent.basis),
        )
    for row, address in rows.address_reports:
        message.address_reports.add(
            row=first + row,
            kind=events_pb2.IdentifierKind.ValueType(address.kind),
            value=address.value,
            deliverable=address.deliverable,
        )


def _rejected_message(parts: Sequence[_Part[list[BadRow]]]) -> bytes:
    message = events_pb2.RejectedEvents()
    for part in parts:
        source = _source(part.key)
        for row in part.rows:
            message.events.add(
                stage=STAGE,
                reason=row.reason,
                detail=row.detail,
                payload=row.payload,
                received_at_ms=part.received_at_ms,
                source=source,
                message_id=row.message_id,
                call=row.call,
                sent_at=row.sent_at,
                copy_key=row.copy_key,
            )
    return message.SerializeToString()
