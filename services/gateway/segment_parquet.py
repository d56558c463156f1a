"""People of a segment as a Parquet file, with the types that their genes have."""

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from services.gateway.domain.segment_sheets import Value

_NUMBER = pa.decimal128(38, 6)
# By the type of a gene; all others are text.
_TYPES = {
    "number": _NUMBER,
    "money": _NUMBER,
    "ratio": _NUMBER,
    "date": pa.date32(),
    "list": pa.list_(pa.string()),
    "keywords": pa.list_(pa.string()),
    "products": pa.list_(pa.string()),
    "map": pa.map_(pa.string(), _NUMBER),
}


class ParquetSheet:
    """A file that is taken away while it is written. `columns` are names and types of genes."""

    def __init__(self, columns: Sequence[tuple[str, str]]) -> None:
        types = [(name, _TYPES.get(kind, pa.string())) for name, kind in columns]
        self._schema = pa.schema([("profile_id", pa.uint32()), *types])
        self._sink = _Sink()
        self._writer = parquet.ParquetWriter(pa.PythonFile(self._sink, mode="w"), self._schema)

    def written(self, rows: Sequence[tuple[int, Sequence[Value]]]) -> bytes:
        """The part of the file that these people are."""
        columns = [pa.array([profile_id for profile_id, _ in rows], pa.uint32())]
        for index, field in enumerate(list(self._schema)[1:]):
            columns.append(pa.array([_typed(values[index], field.type) for _, values in rows], field.type))
        self._writer.write_table(pa.table(columns, schema=self._schema))
        return self._sink.take()

    def end(self) -> bytes:
        """The last part, without which the file cannot be read."""
        self._writer.close()
        return self._sink.take()


def _typed(value: Value, kind: pa.DataType) -> Any:
    match value:
        case None:
            return None
        case str() if kind == _NUMBER:
            return _number(value)
        case str() if kind == pa.date32():
            return date.fromisoformat(value)
        case dict():
            return [(key, _number(number)) for key, number in value.items()]
    return value


def _number(text: str) -> Decimal:
    return Decimal(text).quantize(Decimal("0.000001"))


class _Sink(io.RawIOBase):
    """Bytes to be sent on, never looked at again."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        chunk = bytes(data)
        self._chunks.append(chunk)
        return len(chunk)

    def take(self) -> bytes:
        """What was written since."""
        chunk = b"".join(self._chunks)
        self._chunks = []
        return chunk
