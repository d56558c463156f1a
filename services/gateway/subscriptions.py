"""Bus in: rejected events become bad rows; and what every reader has passed is purged."""

import asyncio
import contextlib
import hashlib
import logging
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from contracts.gateway.v1 import events_pb2
from google.protobuf.message import DecodeError
from prometheus_client import Counter

from chassis.bus import MESSAGE_ID, Bus, BusUnavailable, Message, StreamTooShort
from chassis.database import DatabaseUnavailable, Engine
from services.gateway.domain.traces import traces
from services.gateway.store import bad_rows, repeats, requests, sessions
from services.gateway.store.attempts import delete_old_attempts
from services.gateway.store.bad_rows import Arrived, BadRow, Position
from services.gateway.store.tickets import delete_old_tickets

log = logging.getLogger(__name__)

ACCEPTED, IMPORTED, REJECTED = "ACCEPTED", "IMPORTED", "REJECTED"
IMPORTED_TOPIC = "gateway.events.imported.v1"

_PAUSE_SECONDS = 0.5
_PURGE_SECONDS = 3.0
_TIDY_SECONDS = 600.0
_KEY_KINDS = {events_pb2.SOURCE_KIND_BROWSER: "browser", events_pb2.SOURCE_KIND_SERVER: "server"}
_CALLS = frozenset(events_pb2.EventKind.values())
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The year 9999.
_LATEST_MS = 253_402_214_400_000

_stored = Counter("gateway_bad_rows_total", "Events that were set aside", ["stage", "reason"])


async def store_rejected(engine: Engine, bus: Bus) -> None:
    """Read rejected events for ever; pause while the database or the bus is away."""
    while True:
        try:
            position = await bad_rows.load_position(engine, REJECTED)
            async for group in bus.read(REJECTED, after=position.position, max_messages=64):
                position = Position(position.base, group[-1].seq)
                await _store(engine, position, group)
                with contextlib.suppress(BusUnavailable):
                    await bus.report_position(REJECTED, "gateway", position.position)
        except StreamTooShort:
            # What is stored from now on gets places behind all we have seen.
            log.error("rejected_stream_was_replaced", extra={"position": position.position})
            await _start_over(engine, position)
        except (DatabaseUnavailable, BusUnavailable) as error:
            log.warning("rejected_waiting", extra={"reason": error.reason})
        await asyncio.sleep(_PAUSE_SECONDS)


async def _store(engine: Engine, position: Position, group: list[Message]) -> None:
    rows = await asyncio.to_thread(_arrived, group, position.base)
    await bad_rows.save_bad_rows(engine, REJECTED, position, rows)
    for arrived in rows:
        _stored.labels(arrived.row.stage, arrived.row.reason).inc()


def _arrived(group: list[Message], base: int) -> list[Arrived]:
    """In a thread: looking for names takes a while where an event is large and broken."""
    return [
        Arrived(message.tenant_id, row, traces(message.tenant_id, row.payload))
        for message in group
        for row in rows_of(message, base)
    ]


async def _start_over(engine: Engine, position: Position) -> None:
    fresh = Position(position.base + position.position, 0)
    with contextlib.suppress(DatabaseUnavailable):
        await bad_rows.save_bad_rows(engine, REJECTED, fresh, [])


def rows_of(message: Message, base: int) -> Iterator[BadRow]:
    """The bad rows of one message; of one that nobody can read or place, none."""
    try:
        uuid.UUID(message.tenant_id)
        events = events_pb2.RejectedEvents.FromString(message.data).events
    except (ValueError, DecodeError):
        log.error("rejected_message_unreadable", extra={"seq": message.seq})
        return
    for number, event in enumerate(events):
        yield BadRow(
            seq=base + message.seq,
            row=number,
            stage=_text(event.stage),
            reason=_text(event.reason),
            detail=_text(event.detail),
            payload=event.payload,
            message_id=_text(event.message_id),
            key_id=_text(event.source.key_id),
            key_kind=_KEY_KINDS.get(event.source.kind, ""),
            copy_key=event.copy_key or _place_key(message, number, event.payload),
            # Another service's slip in a number must not stop the door.
            received_at=_EPOCH + timedelta(milliseconds=min(max(event.received_at_ms, 0), _LATEST_MS)),
            call=event.call if event.call in _CALLS else 0,
            sent_at=_text(event.sent_at),
        )


def _place_key(message: Message, row: int, payload: bytes) -> bytes:
    """The same when a service publishes the message again, however late: its id is then the same too."""
    place = f"{message.headers.get(MESSAGE_ID, message.seq)} {row} ".encode()
    return hashlib.blake2b(place + payload, digest_size=16).digest()


def _text(text: str) -> str:
    # PostgreSQL has no NUL in text; the payload keeps what was sent.
    return text.replace("\0", "�")


async def purge_passed(bus: Bus) -> None:
    """Drop for ever what all readers have passed: streams that refuse when full must not fill up."""
    while True:
        try:
            await bus.purge_read(ACCEPTED, ["identity"])
            await bus.purge_read(IMPORTED, ["identity"])
            await bus.purge_read(REJECTED, ["gateway"])
        except BusUnavailable:
            log.warning("purge_waiting")
        await asyncio.sleep(_PURGE_SECONDS)


async def tidy(engine: Engine, idle: timedelta) -> None:
    """Forget, for ever, sessions, tickets and tries that have ended, and what is too old to be repeated."""
    while True:
        try:
            await sessions.delete_ended_sessions(engine, idle)
            await delete_old_tickets(engine)
            await delete_old_attempts(engine)
            await requests.forget_salts(engine)
            await repeats.forget_old(engine)
        except DatabaseUnavailable:
            log.warning("tidy_waiting")
        await asyncio.sleep(_TIDY_SECONDS)
