"""Parquet files as batches, after a look at what they claim: a small file may claim to be endless."""

from collections.abc import Callable, Iterator
from typing import IO, Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from services.gateway.domain.importing.batches import Batch
from services.gateway.domain.importing.forms import Form
from services.gateway.domain.importing.mapping import MAX_COLUMNS
from services.gateway.errors.files import FileNotReadable

_ROWS = 10_000
_MOST_ROWS = 200_000_000
_MOST_FOOTER_BYTES = 16 * 1024 * 1024
_MOST_UNPACKED_BYTES = 20 * 1024**3
# A column of a row group is unpacked page by page, but its dictionary at once.
_MOST_GROUP_BYTES = 1024**3
_FOOTER_BYTES = 8
_MAGIC = b"PAR1"
_json = msgspec.json.Encoder(decimal_format="number", enc_hook=str)


def open_parquet(file: IO[bytes], size: int) -> parquet.ParquetFile:
    """Raises FileNotReadable for what is none, is damaged, or claims more than can be."""
    _check_footer(file, size)
    try:
        opened = parquet.ParquetFile(
            pa.PythonFile(file, mode="r"),
            buffer_size=1024 * 1024,
            pre_buffer=False,
            thrift_string_size_limit=_MOST_FOOTER_BYTES,
            thrift_container_size_limit=_MOST_FOOTER_BYTES // 8,
        )
        _check_claims(opened)
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise _damaged(error) from error
    return opened


def parquet_batches(opened: parquet.ParquetFile, form: Form) -> Iterator[Batch]:
    """A row's line is its number, the first being 1."""
    line = 1
    try:
        for read in opened.iter_batches(batch_size=_ROWS, columns=list(form.columns), use_threads=False):
            rows = read.num_rows
            cells = {name: _texts(read.column(name)) for name in form.columns}
            yield Batch(cells, np.arange(line, line + rows, dtype=np.int64))
            line += rows
    except (pa.ArrowException, OSError, ValueError, OverflowError) as error:
        raise _damaged(error) from error


def _check_footer(file: IO[bytes], size: int) -> None:
    if size < 2 * len(_MAGIC) + _FOOTER_BYTES:
        raise FileNotReadable("The file is too short for Parquet.")
    file.seek(size - _FOOTER_BYTES)
    footer = bytes(file.read(_FOOTER_BYTES))
    length = int.from_bytes(footer[:4], "little")
    if footer[4:] != _MAGIC or length > size - 12:
        raise FileNotReadable("The Parquet file is cut off or damaged: its end is not where it should be.")
    if length > _MOST_FOOTER_BYTES:
        raise FileNotReadable("The Parquet file's footer is larger than 16 MB.")
    file.seek(0)


def _check_claims(opened: parquet.ParquetFile) -> None:
    claims = opened.metadata
    if claims.num_columns > MAX_COLUMNS:
        raise FileNotReadable(f"The file has more than {MAX_COLUMNS} columns.")
    groups = [claims.row_group(number) for number in range(claims.num_row_groups)]
    sizes = [group.total_byte_size for group in groups]
    if not 0 <= claims.num_rows <= _MOST_ROWS or sum(group.num_rows for group in groups) != claims.num_rows:
        raise FileNotReadable("The Parquet file claims an impossible number of rows.")
    if any(not 0 <= size <= _MOST_GROUP_BYTES for size in sizes) or sum(sizes) > _MOST_UNPACKED_BYTES:
        raise FileNotReadable(
            "A row group unpacks to more than 1 GB, or the file to 20 GB: write smaller ones."
        )


def _texts(cells: pa.Array) -> pa.Array:
    """Every value as text: times in ISO 8601, decimals exactly, lists and objects as JSON."""
    kind = cells.type
    if pa.types.is_dictionary(kind):
        return _texts(cells.dictionary_decode())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return pa.array([_decoded(value) for value in cells.to_pylist()], pa.string())
    if pa.types.is_nested(kind):
        return _each(cells, lambda value: _json.encode(value).decode())
    if pa.types.is_floating(kind):
        # Whole numbers that a data frame made floats of, because one was missing, are whole again.
        return _each(cells, _number)
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        naive = pc.cast(pc.cast(cells, pa.timestamp("us", "UTC")), pa.timestamp("us"))
        return pc.binary_join_element_wise(pc.cast(naive, pa.string()), "Z", "")
    return pc.cast(cells, pa.string())


def _each(cells: pa.Array, text: Callable[[Any], str]) -> pa.Array:
    values = cells.to_pylist()
    return pa.array([None if value is None else text(value) for value in values], pa.string())


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def _decoded(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "replace")


def _damaged(error: Exception) -> FileNotReadable:
    return FileNotReadable(f"The Parquet file is damaged: {str(error)[:200]}")
