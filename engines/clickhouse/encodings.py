"""Content encodings of requests and responses: lz4 frames, zstd, gzip, deflate."""

import zlib
from collections.abc import Callable
from typing import Any, Protocol

import zstandard
from lz4 import frame as _lz4_frame

# The package has no types.
lz4_frame: Any = _lz4_frame


class TooLarge(Exception):
    """The body is larger than the endpoint takes."""


class NotDecodable(Exception):
    """The body is not what its Content-Encoding says."""


class Encoder(Protocol):
    """Compresses an answer piece by piece; `flush` ends it."""

    def compress(self, data: bytes) -> bytes: ...
    def flush(self) -> bytes: ...


class _Lz4:
    def __init__(self) -> None:
        self._compressor = lz4_frame.LZ4FrameCompressor()
        self._begun = False

    def compress(self, data: bytes) -> bytes:
        start = b"" if self._begun else self._compressor.begin()
        self._begun = True
        return bytes(start + self._compressor.compress(data))

    def flush(self) -> bytes:
        return bytes(self._compressor.flush())


_ENCODERS: dict[str, Callable[[], Encoder]] = {
    "lz4": _Lz4,
    "zstd": lambda: zstandard.ZstdCompressor(level=1).compressobj(),
    "gzip": lambda: zlib.compressobj(1, wbits=31),
    "deflate": lambda: zlib.compressobj(1),
}


def choose(accepted: str) -> str | None:
    """The first encoding of an Accept-Encoding header that we speak."""
    names = (name.partition(";")[0].strip().lower() for name in accepted.split(","))
    return next((name for name in names if name in _ENCODERS), None)


def encoder(name: str) -> Encoder:
    return _ENCODERS[name]()


def decode(body: bytes, encoding: str, limit: int) -> bytes:
    """The body as it was before its encoding. Raises TooLarge, NotDecodable."""
    try:
        decoded = _decode(body, encoding, limit + 1)
    except (zlib.error, RuntimeError, EOFError, zstandard.ZstdError) as error:
        raise NotDecodable(f"The body is not {encoding}: {error}") from error
    if len(decoded) > limit:
        raise TooLarge
    return decoded


def _decode(body: bytes, encoding: str, limit: int) -> bytes:
    if encoding in ("", "identity"):
        return body
    if encoding == "lz4":
        return _all_frames(lz4_frame.LZ4FrameDecompressor, body, limit)
    if encoding == "zstd":
        reader = zstandard.ZstdDecompressor().stream_reader(body, read_across_frames=True)
        return bytes(reader.read(limit))
    if encoding in ("gzip", "deflate"):
        inflater = zlib.decompressobj(wbits=31 if encoding == "gzip" else 15)
        return inflater.decompress(body, limit)
    raise NotDecodable(f"Content-Encoding {encoding} is not supported")


def _all_frames(decompressor: Callable[[], Any], body: bytes, limit: int) -> bytes:
    pieces, size = [], 0
    while body and size < limit:
        frame = decompressor()
        pieces.append(frame.decompress(body, limit - size))
        size += len(pieces[-1])
        if not frame.eof and size < limit:
            raise EOFError("it ends early")
        body = frame.unused_data or b""
    return b"".join(pieces)
