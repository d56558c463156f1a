"""Reads a request's body within bounds of size and time, and unpacks it without ever holding more."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from services.gateway.domain.events import MAX_BODY_BYTES
from services.gateway.errors.requests import (
    BodyNotGzip,
    EncodingNotSupported,
    RequestTooLarge,
    RequestTooSlow,
)

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

_BODY_SECONDS = 10.0
_GZIP_MAGIC = b"\x1f\x8b"
# gzip with its header; several members behind each other are one stream (RFC 1952, 2.2).
_GZIP_WINDOW = 31


class ClientGone(Exception):
    """The sender hung up before its request was complete: there is nobody to answer."""


async def read_body(receive: Receive, take: Callable[[int], None]) -> bytes:
    """The body as sent; raises RequestTooLarge, RequestTooSlow, ClientGone, and whatever `take` raises.

    `take` is told of each piece how many bytes it has.
    """
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        body: bytes = message["body"]
        if len(body) > MAX_BODY_BYTES:
            raise _too_large()
        take(len(body))
        return body
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            return await _read_rest(message, receive, take)
    except TimeoutError:
        raise RequestTooSlow(f"The body did not arrive within {_BODY_SECONDS:.0f} seconds.") from None


async def _read_rest(
    message: MutableMapping[str, Any], receive: Receive, take: Callable[[int], None]
) -> bytes:
    chunks, size_bytes = [], 0
    while True:
        if message["type"] != "http.request":
            raise ClientGone
        chunks.append(message["body"])
        size_bytes += len(message["body"])
        if size_bytes > MAX_BODY_BYTES:
            raise _too_large()
        take(len(message["body"]))
        if not message.get("more_body"):
            return b"".join(chunks)
        message = await receive()


def unpacked(body: bytes, encoding: bytes | None) -> bytes:
    """The body without its Content-Encoding; raises RequestTooLarge, BodyNotGzip, EncodingNotSupported."""
    # Some senders pack and forget to say so; no JSON begins with these two bytes.
    if body.startswith(_GZIP_MAGIC) or encoding in (b"gzip", b"x-gzip"):
        return _gunzipped(body)
    if encoding not in (None, b"", b"identity"):
        raise EncodingNotSupported("The body must be plain or gzip.", encoding=encoding.decode("latin-1"))
    return body


def _gunzipped(packed: bytes) -> bytes:
    chunks, room = [], MAX_BODY_BYTES
    while packed:
        member = zlib.decompressobj(_GZIP_WINDOW)
        try:
            # One byte more than there is room for tells "full" from "too much".
            chunk = member.decompress(packed, room + 1)
        except zlib.error as error:
            raise BodyNotGzip("The body is not gzip.") from error
        if len(chunk) > room:
            raise _too_large()
        if not member.eof:
            raise BodyNotGzip("The gzip body ends too early.")
        chunks.append(chunk)
        room -= len(chunk)
        # Zeros behind the last member are padding.
        packed = member.unused_data.lstrip(b"\0")
    return b"".join(chunks)


def _too_large() -> RequestTooLarge:
    return RequestTooLarge(f"A request takes at most {MAX_BODY_BYTES} bytes, unpacked.", limit=MAX_BODY_BYTES)
