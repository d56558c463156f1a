"""A file on its way in: unpacked where it is gzip, refused where it is an archive or a bomb."""

import asyncio
import zlib
from collections.abc import AsyncGenerator, AsyncIterable

from services.gateway.errors.files import FileNotTaken, FileTooLarge

_GZIP = b"\x1f\x8b"
# Excel's files are zip archives too.
_ARCHIVES = {
    b"PK\x03\x04": "a zip archive or an Excel file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bzip2",
    b"\xfd7zX": "xz",
}
_LONGEST_MARK = 4
# Tables pack to a tenth or so; what unpacks to more than this was made to.
_MOST_RATIO = 100
# Below this much nobody is harmed, and a small file of one repeated row is none of theirs.
_RATIO_COUNTS_FROM = 64 * 1024 * 1024
_PIECE_BYTES = 1024 * 1024


async def unpacked(chunks: AsyncIterable[bytes], *, max_bytes: int) -> AsyncGenerator[bytes, None]:
    """The file's own bytes. Raises FileNotTaken, or FileTooLarge beyond `max_bytes` of them."""
    beginning = b""
    rest = aiter(chunks)
    async for chunk in rest:
        beginning += chunk
        if len(beginning) >= _LONGEST_MARK:
            break
    if not beginning:
        raise FileNotTaken("The file is empty.")
    for mark, name in _ARCHIVES.items():
        if beginning.startswith(mark):
            raise FileNotTaken(f"This is {name}: send a CSV, JSON lines or Parquet file, plain or as gzip.")
    if not beginning.startswith(_GZIP):
        yield beginning
        async for chunk in rest:
            yield chunk
        return
    unpacker = _Unpacker(max_bytes)
    async for piece in unpacker.feed(beginning):
        yield piece
    async for chunk in rest:
        async for piece in unpacker.feed(chunk):
            yield piece
    unpacker.finish()


class _Unpacker:
    """Gunzips members one after the other, in pieces that bound memory, off the event loop."""

    def __init__(self, max_bytes: int) -> None:
        self._inflate = zlib.decompressobj(31)
        self._max_bytes = max_bytes
        self._packed = self._unpacked = 0
        self._under_way = False

    async def feed(self, data: bytes) -> AsyncGenerator[bytes, None]:
        self._packed += len(data)
        piece = b""
        # A full piece may have more behind it, though all that was packed has been taken.
        while data or self._inflate.unconsumed_tail or len(piece) == _PIECE_BYTES:
            piece, data = await asyncio.to_thread(self._step, data)
            self._unpacked += len(piece)
            self._refuse_bombs()
            if piece:
                yield piece

    def _step(self, data: bytes) -> tuple[bytes, bytes]:
        """A piece of what is inside, and what is still packed."""
        self._under_way = True
        try:
            piece = self._inflate.decompress(self._inflate.unconsumed_tail + data, _PIECE_BYTES)
        except zlib.error as error:
            raise FileNotTaken("The gzip is damaged: pack and send it again.") from error
        left = self._inflate.unconsumed_tail
        if self._inflate.eof:
            left = self._inflate.unused_data.lstrip(b"\0")
            self._inflate = zlib.decompressobj(31)
            self._under_way = False
            return piece, left
        # Kept by the inflater itself.
        return piece, b""

    def _refuse_bombs(self) -> None:
        if self._unpacked > self._max_bytes:
            raise FileTooLarge(
                f"Unpacked, a file takes at most {self._max_bytes} bytes.", limit=self._max_bytes
            )
        if self._unpacked > max(_RATIO_COUNTS_FROM, self._packed * _MOST_RATIO):
            raise FileNotTaken(f"The gzip unpacks to more than {_MOST_RATIO} times its size: send it plain.")

    def finish(self) -> None:
        """Raise FileNotTaken when the last member has not ended."""
        if self._under_way:
            raise FileNotTaken("The gzip ends too early: send it again.")
