"""HTTP requests of threads that others may end: whoever serves them learns that nobody waits any more."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from weakref import WeakKeyDictionary

from clickhouse_connect.driver.httputil import get_pool_manager
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection


class HungUp(ConnectionError):
    """The request was ended from outside; it is not sent again."""


class Line:
    """What one thread asks for, request by request, until somebody hangs up."""

    def __init__(self) -> None:
        self.ended = False


class Lines:
    """Of one client: which thread asks on which line, and whose request each connection has."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_thread: dict[int, Line] = {}
        self._owners: WeakKeyDictionary[HTTPConnection, Line | None] = WeakKeyDictionary()

    @contextmanager
    def on(self, line: Line) -> Iterator[None]:
        """What this thread asks for meanwhile may be ended."""
        thread = threading.get_ident()
        self._by_thread[thread] = line
        try:
            yield
        finally:
            del self._by_thread[thread]

    def begins(self, connection: HTTPConnection) -> None:
        """A connection takes a request of the thread that calls; whoever had it before is answered.

        Raises HungUp once the line has ended: drivers and pools try again by themselves.
        """
        line = self._by_thread.get(threading.get_ident())
        with self._lock:
            if line is not None and line.ended:
                raise HungUp("Nobody waits for this answer any more.")
            self._owners[connection] = line

    def hang_up(self, line: Line) -> None:
        """End the request in hand and all that would follow, from any thread."""
        with self._lock:
            line.ended = True
            for connection, owner in list(self._owners.items()):
                if owner is line and connection.sock is not None:
                    # Not closed: the thread that reads from it does that, and sees its end now.
                    with suppress(OSError):
                        connection.sock.shutdown(socket.SHUT_RDWR)

    def pools(self, size: int) -> PoolManager:
        """Pools whose requests are on these lines."""
        lines = self

        class Plain(HTTPConnection):
            def request(self, *args: Any, **named: Any) -> None:
                if self.sock is None:
                    self.connect()
                lines.begins(self)
                super().request(*args, **named)

        class Secure(HTTPSConnection):
            def request(self, *args: Any, **named: Any) -> None:
                if self.sock is None:
                    self.connect()
                lines.begins(self)
                super().request(*args, **named)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        manager: PoolManager = get_pool_manager(maxsize=size)
        manager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
        return manager
