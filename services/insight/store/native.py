"""Blocks in ClickHouse's Native format, column by column.

The driver's own writer costs five times as much an event: it looks at every value's type, and makes UUID
and datetime objects of what we have as bytes and integers.
"""

import uuid
from collections.abc import Iterable, Sequence
from decimal import Decimal

import numpy as np

# (name, type, encoded values). LowCardinality columns are sent as String and converted by the engine.
Column = tuple[str, str, bytes]

_SHORT = [bytes((length,)) for length in range(128)]


def block(columns: Sequence[Column], n_rows: int) -> bytes:
    """One Native block."""
    parts = [_varint(len(columns)), _varint(n_rows)]
    for name, kind, values in columns:
        parts += [_prefixed(name.encode()), _prefixed(kind.encode()), values]
    return b"".join(parts)


def strings(values: Iterable[str]) -> bytes:
    return texts([value.encode() for value in values])


def texts(values: Iterable[bytes]) -> bytes:
    """Byte strings, each behind its length."""
    parts: list[bytes] = []
    for value in values:
        length = len(value)
        parts.append(_SHORT[length] if length < 128 else _varint(length))
        parts.append(value)
    return b"".join(parts)


def integers(values: Sequence[int], kind: str) -> bytes:
    """`kind` is a numpy type of the column's width, little-endian."""
    return np.array(values, dtype=kind).tobytes()


def identifiers(values: Iterable[str]) -> bytes:
    """UUIDs: two little-endian halves each."""
    known: dict[str, bytes] = {}
    parts: list[bytes] = []
    for value in values:
        encoded = known.get(value)
        if encoded is None:
            big = uuid.UUID(value).bytes
            encoded = known[value] = big[7::-1] + big[:7:-1]
        parts.append(encoded)
    return b"".join(parts)


def optional_decimals(values: Sequence[Decimal | None], scale: int) -> bytes:
    """Nullable(Decimal(38, scale)): which are null, then 128-bit integers."""
    nulls = bytes(value is None for value in values)
    units = (0 if value is None else int(value.scaleb(scale)) for value in values)
    return nulls + b"".join(unit.to_bytes(16, "little", signed=True) for unit in units)


def decimals(values: Iterable[Decimal], scale: int) -> bytes:
    """Decimal(18, scale): 64-bit integers."""
    return b"".join(int(value.scaleb(scale)).to_bytes(8, "little", signed=True) for value in values)


def _prefixed(value: bytes) -> bytes:
    return _varint(len(value)) + value


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number >= 128:
        parts.append(number & 127 | 128)
        number >>= 7
    parts.append(number)
    return bytes(parts)
