"""The gateway's public HTTP server: uvicorn with limits on what clients hold open, and a loss-free drain.

Its socket may be inherited, so that a restart refuses no connection.
"""

import asyncio
import logging
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from chassis.process import QuietServer, serve_asgi
from chassis.settings import host_and_port

log = logging.getLogger(__name__)

# Longer than load balancers keep theirs, so that they close first and never write into a closed one.
_KEEP_ALIVE_SECONDS = 75
_HEADER_SECONDS = 10.0
_SILENT_BODY_SECONDS = 20.0
# A body may take so long, and a second for each so many bytes: one that drips would stay for ever.
_BODY_SECONDS = 30.0
_SLOWEST_BYTES_PER_SECOND = 1024
_MAX_HEADER_BYTES = 64 * 1024
_MAX_DISCARDED_BYTES = 8 * 1024 * 1024
_MAX_CONNECTIONS = 4096
_BACKLOG = 2048
# How long idle connections may still bring a request, whose answer then tells the client to go elsewhere.
_LINGER_SECONDS = 3.0
_LAST_REQUEST_SECONDS = 0.5


class Protocol(HttpToolsProtocol):
    """One connection."""

    server_state: "State"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.access_log = False
        self._header_bytes = 0
        self._discarded_bytes = 0
        self._body_bytes = 0
        self._body_began_at = 0.0
        # When the peer has to have gone on; None while it owes us nothing.
        self.due_at: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        self.due_at = time.monotonic() + _HEADER_SECONDS
        if len(self.connections) > _MAX_CONNECTIONS:
            transport.abort()  # type: ignore[attr-defined]

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._header_bytes = self._discarded_bytes = 0
        self.due_at = time.monotonic() + _HEADER_SECONDS

    def on_url(self, url: bytes) -> None:
        self._count_header(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count_header(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        if self.server_state.draining:
            self.cycle.keep_alive = False
        self._body_bytes = 0
        self._body_began_at = time.monotonic()
        self.due_at = self._body_began_at + _SILENT_BODY_SECONDS

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self._body_bytes += len(body)
        whole_by = self._body_began_at + _BODY_SECONDS + self._body_bytes / _SLOWEST_BYTES_PER_SECOND
        self.due_at = min(time.monotonic() + _SILENT_BODY_SECONDS, whole_by)
        if self.cycle.response_complete:
            # A client reads its refusal only after it has sent everything, unless that never ends.
            self._discarded_bytes += len(body)
            if self._discarded_bytes > _MAX_DISCARDED_BYTES:
                self.transport.abort()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.due_at = None

    def _count_header(self, size_bytes: int) -> None:
        self._header_bytes += size_bytes
        if self._header_bytes > _MAX_HEADER_BYTES:
            self.transport.write(b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n\r\n")
            self.transport.close()
            raise ValueError("headers too large")


class State(ServerState):
    """What all connections of a server share."""

    draining = False


class Server(QuietServer):
    """uvicorn that closes silent connections, and on leaving lets clients move before it closes idle ones."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.server_state: State = State()

    async def on_tick(self, counter: int) -> bool:
        if counter % 10 == 0:
            now = time.monotonic()
            for connection in self._connections():
                if (connection.due_at or now) < now:
                    connection.transport.abort()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Have every client close its connection, while new ones are still answered; then stop accepting.

        Clients that stay idle all the time are cut off at the end.
        """
        self.server_state.draining = True
        before = self._connections()
        for connection in before:
            if connection.cycle is not None:
                connection.cycle.keep_alive = False
        await self._until_gone(before, _LINGER_SECONDS)
        for server in self.servers:
            server.close()
        # Connections of the last moment still bring their request.
        await asyncio.sleep(0.05)
        await self._until_gone(self._connections(), _LAST_REQUEST_SECONDS)
        log.info("connections_left", extra={"connections": len(self.server_state.connections)})
        await super().shutdown(sockets)

    def _connections(self) -> list[Protocol]:
        return [one for one in self.server_state.connections if isinstance(one, Protocol)]

    async def _until_gone(self, connections: list[Protocol], seconds: float) -> None:
        ends_at = time.monotonic() + seconds
        while time.monotonic() < ends_at and not self.server_state.connections.isdisjoint(connections):
            await asyncio.sleep(0.02)


@asynccontextmanager
async def serve_http(
    app: Any, *, listen: str, listen_fd: int | None, drain_seconds: float
) -> AsyncIterator[Server]:
    """Serve an ASGI app until left; then answer what is under way, for at most `drain_seconds`.

    `listen_fd` is a listening socket that somebody else keeps open: requests that arrive while this process
    is replaced wait there for the next one.
    """
    if listen_fd is None:
        listener = socket.create_server(host_and_port(listen), backlog=_BACKLOG)
    else:
        listener = socket.socket(fileno=listen_fd)
    listener.setblocking(False)
    config = uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        proxy_headers=False,
        server_header=False,
        backlog=_BACKLOG,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=max(1, int(drain_seconds)),
    )
    async with serve_asgi(config, Server, [listener]) as server:
        assert isinstance(server, Server)
        yield server
