"""The bus: durable publishing, gap-free reading in order, positions and purging, on NATS JetStream.

A reader owns its position: it stores where it is together with its own results and starts from there.
It reports the position to the bus only so that streams can be purged below their slowest reader.
"""

import asyncio
import contextlib
import json
import logging
import signal
import ssl
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import nats
import nats.errors
import nats.js.errors
import zstandard
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, StorageType, StreamConfig
from nats.js.kv import KeyValue

from chassis.bus_ages import last_before
from chassis.bus_reader import BusUnavailable, OrderedReader, StreamTooShort
from chassis.telemetry import inject

__all__ = [
    "MESSAGE_ID",
    "Bus",
    "BusNotDurable",
    "BusUnavailable",
    "Message",
    "MessageTooLarge",
    "StreamState",
    "StreamTooShort",
    "connect_bus",
]

log = logging.getLogger(__name__)

MESSAGE_ID = "Nats-Msg-Id"
_ENCODING = "Content-Encoding"
_POSITIONS = "positions"
_COMPRESS_FROM_BYTES = 1024
MAX_MESSAGE_BYTES = 8 * 1024 * 1024
# Far longer than any publisher retries one message.
_DUPLICATE_WINDOW_SECONDS = 600


# JetStream's own error numbers.
_MESSAGE_EXCEEDS_MAXIMUM = 10054
_STORE_FAILED = 10077


class MessageTooLarge(Exception):
    """No retry will ever store this message; whoever built it must cut it smaller."""


class BusNotDurable(Exception):
    """The bus acknowledges before it has synced to disk, and we promised otherwise."""


@dataclass(frozen=True, slots=True)
class Message:
    """One stored message; `seq` is its place in its stream."""

    subject: str
    seq: int
    data: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    stored_at: datetime = datetime(1970, 1, 1, tzinfo=UTC)

    @property
    def tenant_id(self) -> str:
        """The last token of the subject."""
        return self.subject.rpartition(".")[2]

    @property
    def topic(self) -> str:
        """The subject without its tenant."""
        return self.subject.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class StreamState:
    """Which stream has a name, and its first and last place; last is first - 1 when it is empty."""

    created_at: datetime
    first: int
    last: int


class Bus:
    """A connection; see the module's first lines. Methods raise BusUnavailable while the bus is away."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._jetstream: JetStreamContext = client.jetstream(timeout=5)
        self._bucket: KeyValue | None = None
        # By stream, when the one that we report positions of was made.
        self._created: dict[str, str] = {}
        self._compressor = zstandard.ZstdCompressor(level=1)
        self._decompressor = zstandard.ZstdDecompressor()

    @property
    def connected(self) -> bool:
        return bool(self._client.is_connected)

    async def ensure_stream(
        self, name: str, topics: Sequence[str], *, max_bytes: int, newest_only: bool = False
    ) -> None:
        """Create or update a stream of `topics` (each ends in a tenant) that refuses messages when full.

        Messages have no age limit: what a reader has not passed was promised to it, however long it is away.
        With `newest_only` a message takes the place of the one before it with the same subject.
        """
        config = StreamConfig(
            name=name,
            subjects=[f"{topic}.*" for topic in topics],
            storage=StorageType.FILE,
            discard=DiscardPolicy.NEW,
            max_bytes=max_bytes,
            max_msgs_per_subject=1 if newest_only else -1,
            max_msg_size=MAX_MESSAGE_BYTES,
            duplicate_window=_DUPLICATE_WINDOW_SECONDS,
            allow_direct=True,
        )
        with _unavailable(f"Stream {name} could not be prepared."):
            try:
                await self._jetstream.update_stream(config)
            except nats.js.errors.NotFoundError:
                await self._jetstream.add_stream(config)

    async def publish(
        self,
        subject: str,
        data: bytes,
        *,
        message_id: str,
        headers: Mapping[str, str] | None = None,
        give_up_after_seconds: float = 5,
    ) -> int:
        """Store a message once, however often it must be tried, and return its place in the stream.

        Raises BusUnavailable when it is not known to be stored in time: it may be, so a caller that tries
        again must use the same `message_id`.
        """
        sent = {MESSAGE_ID: message_id, **(headers or {})}
        if len(data) > _COMPRESS_FROM_BYTES:
            data = self._compressor.compress(data)
            sent[_ENCODING] = "zstd"
        inject(sent)
        deadline = time.monotonic() + give_up_after_seconds
        while True:
            try:
                left = max(0.05, deadline - time.monotonic())
                ack = await self._jetstream.publish(subject, data, timeout=min(2.0, left), headers=sent)
                return int(ack.seq)
            except nats.errors.MaxPayloadError as error:
                raise MessageTooLarge(f"{len(data)} bytes for {subject}") from error
            except nats.js.errors.APIError as error:
                if error.err_code == _MESSAGE_EXCEEDS_MAXIMUM:
                    raise MessageTooLarge(f"{len(data)} bytes for {subject}") from error
                # A full stream will not empty while we retry; say so at once.
                if error.err_code == _STORE_FAILED or time.monotonic() >= deadline:
                    raise BusUnavailable("The event stream is full or refuses messages.") from error
            except (nats.errors.Error, OSError) as error:
                if time.monotonic() >= deadline or self._client.is_closed:
                    raise BusUnavailable("The event stream does not answer.") from error
            await asyncio.sleep(0.05)

    async def last_message(self, stream: str, subject: str) -> Message | None:
        """The newest stored message of a subject."""
        with _unavailable(f"Stream {stream} does not answer."):
            try:
                raw = await self._jetstream.get_last_msg(stream, subject)
            except nats.js.errors.NotFoundError:
                return None
        headers = dict(raw.headers or {})
        return Message(subject, int(raw.seq or 0), self._decode(raw.data or b"", headers), headers)

    async def bounds(self, stream: str) -> tuple[int, int]:
        """(first, last) place in a stream; last is first - 1 when it is empty."""
        with _unavailable(f"Stream {stream} does not answer."):
            state = (await self._jetstream.stream_info(stream)).state
        return int(state.first_seq), int(state.last_seq)

    async def state(self, stream: str) -> StreamState | None:
        """None when there is no such stream."""
        with _unavailable(f"Stream {stream} does not answer."):
            try:
                info = await self._jetstream.stream_info(stream)
            except nats.js.errors.NotFoundError:
                return None
        assert info.created is not None  # the server always says
        return StreamState(info.created, int(info.state.first_seq), int(info.state.last_seq))

    async def read(
        self,
        stream: str,
        *,
        after: int,
        max_messages: int = 64,
        max_bytes: int = 4 * 1024 * 1024,
        max_wait_seconds: float = 0.5,
        gather_seconds: float = 0.0,
        idle: bool = False,
    ) -> AsyncGenerator[list[Message], None]:
        """Groups of messages in stream order, none missing and none twice, starting behind `after`.

        A group holds at most `max_messages`, and at most `max_bytes` of data unless one message alone is
        larger; once it has one message, it waits for others for `gather_seconds`. Waits while the bus is
        away. With `idle`, yields an empty group when nothing came for a while, so that the reader can do
        work that depends on time. Raises StreamTooShort when the stream is not the one that `after` was
        read from.
        """
        reader = OrderedReader(self._client, self._jetstream, stream, after, max_messages)
        held: deque[Message] = deque()
        try:
            while True:
                if not held:
                    held.extend(
                        self._message(raw) for raw in await reader.fetch(max_wait_seconds, gather_seconds)
                    )
                group = _take(held, max_bytes)
                if group or idle:
                    yield group
        finally:
            await reader.close()

    def _message(self, raw: Msg) -> Message:
        headers = dict(raw.headers or {})
        place = raw.metadata
        data = self._decode(raw.data, headers)
        return Message(raw.subject, place.sequence.stream, data, headers, place.timestamp)

    def _decode(self, data: bytes, headers: Mapping[str, str]) -> bytes:
        if headers.get(_ENCODING) != "zstd":
            return data
        try:
            return self._decompressor.decompress(data)
        except zstandard.ZstdError:
            # As it is: no reader can make anything of it, and each has a way with such a message.
            log.error("message_not_unpacked", extra={"bytes": len(data)})
            return data

    async def listen(self, subject: str) -> AsyncGenerator[Message, None]:
        """Messages as they pass, from now on; what a slow listener misses is lost to it."""
        subscription = await self._client.subscribe(subject, pending_msgs_limit=256)
        try:
            async for message in subscription.messages:
                headers = dict(message.headers or {})
                yield Message(message.subject, 0, self._decode(message.data, headers), headers)
        finally:
            with contextlib.suppress(nats.errors.Error, OSError):
                await subscription.unsubscribe()

    async def report_position(self, stream: str, reader: str, position: int) -> None:
        """Let the bus know that `reader` will not need messages up to `position` again.

        It is true of the stream as it was when we first reported, and not of another that takes its name.
        """
        with _unavailable("The bus does not store positions."):
            if stream not in self._created:
                state = await self.state(stream)
                self._created[stream] = "" if state is None else state.created_at.isoformat()
            bucket = await self._positions()
            try:
                await bucket.put(f"{stream}.{reader}", f"{position} {self._created[stream]}".encode())
            except nats.js.errors.Error:
                self._bucket = None  # it may be gone; look again next time
                raise

    async def reported_position(self, stream: str, reader: str) -> int:
        """What `reader` reported last of the stream that now has this name; 0 when it never did."""
        state = await self.state(stream)
        with _unavailable("The bus does not know positions."):
            bucket = await self._positions()
            try:
                entry = await bucket.get(f"{stream}.{reader}")
            except nats.js.errors.KeyNotFoundError:
                return 0
        position, _, created = (entry.value or b"0").decode().partition(" ")
        if created and (state is None or created != state.created_at.isoformat()):
            return 0
        return int(position)

    async def purge_read(
        self,
        stream: str,
        readers: Sequence[str],
        *,
        keep: int = 0,
        keep_seconds: float | None = None,
    ) -> int:
        """Drop what every one of `readers` has passed, but for the last `keep`; returns the lowest position.

        What is older than `keep_seconds` is none of those that are kept, and is overwritten. A reader that
        never reported holds everything back.
        """
        positions = [await self.reported_position(stream, reader) for reader in readers]
        lowest = min(positions, default=0)
        with _unavailable(f"Stream {stream} could not be purged."):
            first, last = await self.bounds(stream)
            if lowest > last:
                # Another stream took the name of the one they read: nobody has read this one.
                log.error("positions_beyond_stream", extra={"stream": stream, "lowest": lowest, "last": last})
                return lowest
            unwanted = lowest - keep
            # A stream that never held a message begins at 0, and nothing can be older than nothing.
            if keep_seconds is not None and first:
                limit = datetime.now(UTC) - timedelta(seconds=keep_seconds)
                aged = await last_before(self._jetstream, stream, first, lowest, limit)
                # A block of the stream keeps the bytes of what is purged until most of it is; what goes for
                # its age is overwritten first. There are at most `keep` of those.
                for place in range(max(first, unwanted + 1), aged + 1):
                    with contextlib.suppress(nats.js.errors.NotFoundError):
                        await self._jetstream.delete_msg(stream, place)
                unwanted = max(unwanted, aged)
            # `seq` names the first message to keep.
            if unwanted >= first:
                await self._jetstream.purge_stream(stream, seq=unwanted + 1)
        return lowest

    async def _positions(self) -> KeyValue:
        if self._bucket is None:
            try:
                self._bucket = await self._jetstream.key_value(_POSITIONS)
            except nats.js.errors.BucketNotFoundError:
                self._bucket = await self._jetstream.create_key_value(
                    bucket=_POSITIONS, history=1, storage=StorageType.FILE
                )
        return self._bucket

    async def flush(self) -> None:
        await self._client.flush(timeout=2)


def _take(held: deque[Message], max_bytes: int) -> list[Message]:
    """The first messages that fit, at least one if there is one."""
    group: list[Message] = []
    size = 0
    while held and (not group or size + len(held[0].data) <= max_bytes):
        size += len(held[0].data)
        group.append(held.popleft())
    return group


@contextlib.contextmanager
def _unavailable(text: str) -> Iterator[None]:
    try:
        yield
    except (nats.errors.Error, nats.js.errors.Error, OSError, TimeoutError) as error:
        raise BusUnavailable(text) from error


@asynccontextmanager
async def connect_bus(url: str, *, name: str, tls: ssl.SSLContext | None = None) -> AsyncIterator[Bus]:
    """A connection that survives restarts of the server; entered once the server has answered."""

    leaving = False

    async def on_error(error: Exception) -> None:
        log.warning("bus_error", extra={"kind": type(error).__name__})

    async def on_closed() -> None:
        if not leaving:
            # Some refusals of the server close this client for good; only another process starts afresh.
            log.critical("bus_connection_closed")
            signal.raise_signal(signal.SIGTERM)

    client = await nats.connect(
        url,
        name=name,
        tls=tls,
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.1,
        connect_timeout=2,
        ping_interval=5,
        max_outstanding_pings=2,
        allow_reconnect=True,
        pending_size=64 * 1024 * 1024,
        error_cb=on_error,
        closed_cb=on_closed,
        inbox_prefix=f"_INBOX_{name}".encode(),
    )
    try:
        yield Bus(client)
    finally:
        leaving = True
        with contextlib.suppress(nats.errors.Error, OSError, TimeoutError):
            await asyncio.wait_for(client.drain(), 5)
        # A client that could not drain would go on reconnecting for ever.
        with contextlib.suppress(nats.errors.Error, OSError, TimeoutError):
            await client.close()


async def require_durable(system_url: str) -> None:
    """Raise BusNotDurable unless the server syncs to disk before it acknowledges.

    `system_url` signs in to the server's system account, the only one that may ask.
    """
    client = await nats.connect(system_url, connect_timeout=2, max_reconnect_attempts=3)
    try:
        reply = await client.request("$SYS.REQ.SERVER.PING.JSZ", b'{"config":true}', timeout=5)
    finally:
        await client.close()
    config = json.loads(reply.data).get("data", {}).get("config", {})
    if not config.get("sync_always"):
        raise BusNotDurable(
            "Set jetstream.sync_interval to always: an acknowledged event must survive power loss."
        )
