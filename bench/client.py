"""A lean HTTP/1.1 client for load: one request in flight a connection, retried as SDKs retry."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Protocol

RETRY_PAUSE_SECONDS = 0.1
# A request without an answer for so long is sent again on a new connection.
TIMEOUT_SECONDS = 15.0


@dataclass(slots=True)
class Request:
    """Bytes to send as they are, until they are answered 200."""

    data: bytes
    # Events in it.
    events: int
    tenant: int = 0
    tries: int = 0
    first_sent: float = 0.0
    # Whatever the sender wants back with the answer.
    tag: object = None


class Answered(Protocol):
    """Hears the final answer of each request: 200, or a refusal that a retry would not change."""

    def __call__(self, client: "Client", request: Request, status: int, seconds: float) -> None: ...


@dataclass(slots=True)
class Troubles:
    """What did not go smoothly, for all clients together."""

    retried: dict[int, int] = field(default_factory=dict)
    broken_connections: int = 0

    def count(self, status: int) -> None:
        """Note an answer that asks for a retry."""
        self.retried[status] = self.retried.get(status, 0) + 1

    @property
    def failed_requests(self) -> int:
        """Answers and connections that made a client try again."""
        return sum(self.retried.values()) + self.broken_connections


class Client(asyncio.Protocol):
    """One keep-alive connection; it comes back by itself and repeats what was not answered."""

    def __init__(self, address: tuple[str, int], answered: Answered, troubles: Troubles) -> None:
        self._loop = asyncio.get_running_loop()
        self._address = address
        self._answered = answered
        self._troubles = troubles
        self._transport: asyncio.Transport | None = None
        self._request: Request | None = None
        self._received = b""
        self._sent_at = 0.0
        self._in_flight = False
        self._closing = False

    async def connect(self) -> None:
        """Raises OSError when nothing listens."""
        await self._loop.create_connection(lambda: self, *self._address)

    def send(self, request: Request) -> None:
        """The client must be idle."""
        self._request = request
        request.first_sent = time.perf_counter()
        self._write()

    def close(self) -> None:
        """Leave; an unanswered request is given up."""
        self._closing = True
        if self._transport is not None:
            self._transport.close()

    def check_time(self) -> None:
        """Start over when the answer is overdue."""
        overdue = time.perf_counter() - self._sent_at > TIMEOUT_SECONDS
        if self._request is not None and self._transport is not None and overdue:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._received = b""
        if self._request is not None:
            self._write()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._closing:
            return
        if self._in_flight:
            self._troubles.broken_connections += 1
        self._in_flight = False
        self._loop.call_later(RETRY_PAUSE_SECONDS, self._start_reconnecting)

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        head = received.find(b"\r\n\r\n")
        if head < 0:
            self._received = received
            return
        headers = received[:head].lower()
        at = headers.find(b"content-length:")
        length = int(headers[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(received) < head + 4 + length:
            self._received = received
            return
        self._received = b""
        self._take(int(received[9:12]), headers)

    def _write(self) -> None:
        if self._transport is not None and self._request is not None:
            self._request.tries += 1
            self._in_flight = True
            self._sent_at = time.perf_counter()
            self._transport.write(self._request.data)

    def _take(self, status: int, headers: bytes) -> None:
        request = self._request
        self._in_flight = False
        if b"connection: close" in headers and self._transport is not None:
            # The server is leaving; the next request goes to whoever takes its place.
            self._transport.close()
            self._transport = None
        if request is None:
            return
        if status == 429 or status >= 500:
            self._troubles.count(status)
            at = headers.find(b"retry-after:")
            pause = float(headers[at + 12 :].split(b"\r\n", 1)[0]) if at >= 0 else RETRY_PAUSE_SECONDS
            self._loop.call_later(pause, self._write)
            return
        self._request = None
        self._answered(self, request, status, time.perf_counter() - request.first_sent)

    def _start_reconnecting(self) -> None:
        self._reconnecting = self._loop.create_task(self._reconnect())

    async def _reconnect(self) -> None:
        while not self._closing:
            try:
                await self.connect()
            except OSError:
                await asyncio.sleep(RETRY_PAUSE_SECONDS)
            else:
                return


@dataclass(slots=True)
class Clients:
    """A set of connections to one gateway; `idle` are those without a request."""

    all: list[Client]
    idle: list[Client]
    troubles: Troubles
    watching: asyncio.Task[None]

    async def close(self) -> None:
        """Leave all connections."""
        self.watching.cancel()
        for client in self.all:
            client.close()
        await asyncio.sleep(0)


async def open_clients(address: tuple[str, int], n_clients: int, answered: Answered) -> Clients:
    """Connect; the answers of all of them go to `answered`."""
    troubles = Troubles()
    clients = [Client(address, answered, troubles) for _ in range(n_clients)]
    for client in clients:
        await client.connect()

    async def watch() -> None:
        while True:
            await asyncio.sleep(1)
            for client in clients:
                client.check_time()

    return Clients(clients, list(clients), troubles, asyncio.create_task(watch()))


def percentile(sorted_values: list[float], share: float) -> float:
    """The value below which `share` of them lie; NaN for none."""
    if not sorted_values:
        return float("nan")
    return sorted_values[min(len(sorted_values) - 1, int(share * len(sorted_values)))]
