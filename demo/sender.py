"""Sends many events through the public tracking API, as anybody's import would."""

import gzip
import http.client
import time
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import local
from typing import Any
from urllib.parse import urlsplit

import msgspec

# Below the API's 500 KB a batch.
BATCH_BYTES = 400_000
IN_FLIGHT = 4
RETRY_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
TIMEOUT_SECONDS = 60
GIVE_UP_SECONDS = 300

ENCODER = msgspec.json.Encoder(decimal_format="number")


class Refused(Exception):
    """The gateway said no, and would say no again."""


class Connection(local):
    """One keep-alive connection a thread to the gateway."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._connection: http.client.HTTPConnection | None = None

    def post(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes, float | None]:
        """Status, body and Retry-After in seconds."""
        if self._connection is None:
            kind = http.client.HTTPSConnection if self._url.scheme == "https" else http.client.HTTPConnection
            self._connection = kind(self._url.netloc, timeout=TIMEOUT_SECONDS)
        try:
            self._connection.request("POST", path, body, headers)
            answer = self._connection.getresponse()
            after = answer.headers.get("Retry-After", "")
            return answer.status, answer.read(), float(after) if after.isdigit() else None
        except (OSError, http.client.HTTPException):
            self._connection.close()
            self._connection = None
            raise


def post(connection: Connection, path: str, headers: dict[str, str], body: bytes) -> bytes:
    """The answer's body. Tries again while the gateway is away or busy; message ids make that safe."""
    deadline = time.monotonic() + GIVE_UP_SECONDS
    pause = 0.2
    while True:
        try:
            status, answer, after = connection.post(path, headers, body)
        except (OSError, http.client.HTTPException) as error:
            status, answer, after = 503, str(error).encode(), None
        if status < 300:
            return answer
        reason = f"POST {path} answered {status}: {answer[:500].decode(errors='replace')}"
        if status not in RETRY_STATUSES or time.monotonic() > deadline:
            raise Refused(reason)
        time.sleep(after if after is not None else pause)
        pause = min(pause * 2, 5)


def batches(events: Iterable[dict[str, Any]]) -> Iterator[tuple[int, bytes]]:
    """Number of events and request body of each batch, in order."""
    parts: list[bytes] = []
    size = 0
    for event in events:
        part = ENCODER.encode(event)
        if parts and size + len(part) > BATCH_BYTES:
            yield len(parts), _body(parts)
            parts, size = [], 0
        parts.append(part)
        size += len(part) + 1
    if parts:
        yield len(parts), _body(parts)


def _body(parts: list[bytes]) -> bytes:
    return gzip.compress(b'{"batch":[' + b",".join(parts) + b"]}", compresslevel=1)


def send(url: str, secret_key: str, events: Iterable[dict[str, Any]], sent: Callable[[int], None]) -> None:
    """Send all events, a few batches at once; `sent` hears, in order, how many more are stored durably."""
    connection = Connection(url)
    headers = {
        "Authorization": "Basic " + b64encode(f"{secret_key}:".encode()).decode(),
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
    }
    waiting: deque[tuple[int, Future[bytes]]] = deque()
    with ThreadPoolExecutor(IN_FLIGHT, "send") as pool:
        try:
            for count, body in batches(events):
                waiting.append((count, pool.submit(post, connection, "/v1/import", headers, body)))
                if len(waiting) == IN_FLIGHT:
                    _settle(waiting, sent)
            while waiting:
                _settle(waiting, sent)
        except BaseException:
            for _, future in waiting:
                future.cancel()
            raise


def _settle(waiting: deque[tuple[int, Future[bytes]]], sent: Callable[[int], None]) -> None:
    count, future = waiting.popleft()
    future.result()
    sent(count)
