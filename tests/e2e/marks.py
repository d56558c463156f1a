"""Finds a text in the files of an installation, however an engine packed it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import zstandard
from lz4 import block as _lz4_block

# The package has no types.
lz4_block: Any = _lz4_block

# PostgreSQL's own compression puts a byte between every eight of what it could not shorten.
_RUN = 8
_ZSTD = re.compile(re.escape(b"\x28\xb5\x2f\xfd"))
_LZ4, _HEADER, _CHECKSUM = 0x82, 9, 16
_MOST_BYTES = 64 * 1024 * 1024


def files_with(mark: str, folder: Path) -> list[str]:
    """Files below a folder that hold the mark, or eight bytes of it in a row, packed or not."""
    runs = [mark[at : at + _RUN].encode() for at in range(len(mark) - _RUN + 1)]
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            try:
                data = path.read_bytes()
            except FileNotFoundError:
                continue
            if any(run in text for text in _texts(path, data) for run in runs):
                found.append(str(path.relative_to(folder)))
    return found


def _texts(path: Path, data: bytes) -> Iterator[bytes]:
    """The file as it is, and whatever can be unpacked in it."""
    yield data
    for match in _ZSTD.finditer(data):
        try:
            yield zstandard.ZstdDecompressor().decompressobj().decompress(data[match.start() :])
        except zstandard.ZstdError:
            continue
    if path.suffix == ".bin":
        yield from _blocks(data)


def _blocks(data: bytes) -> Iterator[bytes]:
    """Blocks of a ClickHouse column: checksum, method, sizes, data. ZSTD is found by its magic."""
    at = 0
    while at + _CHECKSUM + _HEADER <= len(data):
        head = data[at + _CHECKSUM :]
        packed, plain = int.from_bytes(head[1:5], "little"), int.from_bytes(head[5:9], "little")
        if not _HEADER < packed <= len(head) or plain > _MOST_BYTES:
            return
        if head[0] == _LZ4:
            yield lz4_block.decompress(head[_HEADER:packed], uncompressed_size=plain)
        at += _CHECKSUM + packed
