"""Reads one JetStream stream in order, gap-checked, through consumers it replaces as they are lost."""

import asyncio
import contextlib
import json
import logging

import nats.errors
import nats.js.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from chassis.errors import Unavailable

log = logging.getLogger(__name__)

# One request stays open this long; the server answers with messages as they come and says when it is over.
_EXPIRES_SECONDS = 10.0
_HEARTBEAT_SECONDS = 1.0
# Twice a heartbeat without a word: the consumer, or the server, is gone.
_SILENCE_SECONDS = 2.5
# The server forgets a consumer nobody asks for so long; we then make another.
_FORGOTTEN_SECONDS = 30.0
# Compressed bytes under way to us at once; any single message is smaller.
_MAX_BYTES_UNDER_WAY = 16 * 1024 * 1024
_HEARTBEAT = "100"
_ENDED = {"404", "408", "409"}  # no messages, time is up, a limit was reached


class BusUnavailable(Unavailable):
    """The bus is away for a moment, and nothing was stored: wait for `Retry-After`, send the same again."""

    reason = "BUS_UNAVAILABLE"


class StreamTooShort(Exception):
    """The stream ends before what was already read from it: it was lost, or restored from an old copy.

    Going on would skip whatever is stored under the places that were read before.
    """


class _ConsumerLost(Exception):
    """This consumer will not deliver the next message; another must."""


class OrderedReader:
    """The messages behind `position`, each once and in order.

    The consumer keeps no state that matters: its own numbering (1, 2, 3 …) only proves that nothing was
    lost on the way, and a new one starts behind the last message handed out.
    """

    def __init__(
        self, client: Client, jetstream: JetStreamContext, stream: str, position: int, max_messages: int
    ) -> None:
        self._client = client
        self._jetstream = jetstream
        self._stream = stream
        self._position = position
        self._max_messages = max_messages
        self._subscription: Subscription | None = None
        self._next_request = ""
        self._inbox = ""
        self._delivered = 0  # messages of the present consumer so far
        self._owed = 0  # messages the open request may still bring
        self._heard_at = 0.0
        self._waiting = False  # whether the log already says that we cannot read

    async def fetch(self, max_wait_seconds: float, gather_seconds: float) -> list[Msg]:
        """The next messages; none when none came in time or the bus is away.

        Once one is there, others are waited for no longer than `gather_seconds`.
        """
        deadline = _now() + max_wait_seconds
        try:
            if self._subscription is None:
                await self._open()
            return await self._collect(deadline, gather_seconds)
        except (_ConsumerLost, nats.errors.Error, OSError) as error:
            if self._client.is_closed:
                raise BusUnavailable("The bus connection is closed.") from error
            if not self._waiting:
                log.warning("reader_waits", extra={"stream": self._stream, "cause": type(error).__name__})
            self._waiting = True
            await self.close()
            await asyncio.sleep(min(0.2, max_wait_seconds))
            return []

    async def close(self) -> None:
        """Give the present consumer up; the server forgets it by itself."""
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            with contextlib.suppress(nats.errors.Error, OSError):
                await subscription.unsubscribe()

    async def _open(self) -> None:
        state = (await self._jetstream.stream_info(self._stream)).state
        if state.last_seq < self._position:
            raise StreamTooShort(f"{self._stream} ends at {state.last_seq}, but {self._position} was read")
        if 0 < self._position < state.first_seq - 1:
            lost = state.first_seq - 1 - self._position
            log.error("reader_missed_messages", extra={"stream": self._stream, "messages": lost})
        info = await self._jetstream.add_consumer(
            self._stream,
            ConsumerConfig(
                ack_policy=AckPolicy.NONE,
                deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
                opt_start_seq=self._position + 1,
                inactive_threshold=_FORGOTTEN_SECONDS,
                mem_storage=True,
                num_replicas=1,
            ),
        )
        self._next_request = f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{info.name}"
        self._inbox = self._client.new_inbox()
        self._subscription = await self._client.subscribe(self._inbox)
        self._delivered = self._owed = 0

    async def _collect(self, deadline: float, gather_seconds: float) -> list[Msg]:
        """Wait for one message, then take what else is here or comes within the time to gather."""
        assert self._subscription is not None
        group: list[Msg] = []
        while len(group) < self._max_messages:
            if not self._owed:
                if group:
                    break
                await self._request()
            if group and not self._subscription.pending_msgs and _now() >= deadline:
                break
            try:
                message = await self._next(deadline, patient=bool(group))
                if message is None:
                    break
                if self._accept(message):
                    group.append(message)
                    if len(group) == 1:
                        deadline = _now() + gather_seconds
            except (_ConsumerLost, nats.errors.Error, OSError):
                # What came before is good, and our position is behind it.
                if not group:
                    raise
                await self.close()
                break
        return group

    async def _next(self, deadline: float, *, patient: bool) -> Msg | None:
        """The next word from the server; None when none came in time. Silence is a loss unless `patient`."""
        assert self._subscription is not None
        try:
            message = await self._subscription.next_msg(timeout=max(0.001, deadline - _now()))
        except nats.errors.TimeoutError:
            if not patient and _now() - self._heard_at > _SILENCE_SECONDS:
                raise _ConsumerLost from None
            return None
        self._heard_at = _now()
        return message

    async def _request(self) -> None:
        ask = {
            "batch": self._max_messages,
            "max_bytes": _MAX_BYTES_UNDER_WAY,
            "expires": int(_EXPIRES_SECONDS * 1e9),
            "idle_heartbeat": int(_HEARTBEAT_SECONDS * 1e9),
        }
        await self._client.publish(self._next_request, json.dumps(ask).encode(), reply=self._inbox)
        self._owed = self._max_messages
        self._heard_at = _now()

    def _accept(self, message: Msg) -> bool:
        """Whether it is the next message; a word of the server about the request is not."""
        status = (message.headers or {}).get("Status") if not message.reply else None
        if status == _HEARTBEAT:
            return False
        if status in _ENDED:
            self._owed = 0
            return False
        if status is not None:
            raise _ConsumerLost(status)
        place = message.metadata.sequence
        if place.consumer != self._delivered + 1 or place.stream <= self._position:
            log.warning("reader_out_of_order", extra={"stream": self._stream, "position": self._position})
            raise _ConsumerLost
        self._delivered = place.consumer
        self._waiting = False
        self._position = place.stream
        self._owed -= 1
        return True


def _now() -> float:
    return asyncio.get_running_loop().time()
