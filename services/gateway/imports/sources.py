"""Opens a stored file as batches of rows, whatever its format and encoding; the rest sees columns of text."""

import codecs
import io
from collections.abc import Iterator
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv

from services.gateway.domain.importing.batches import Batch
from services.gateway.domain.importing.encodings import CODECS
from services.gateway.domain.importing.forms import Form
from services.gateway.domain.importing.rejections import Rejected
from services.gateway.errors.files import FileNotReadable

# A row has to fit into one of these; no event may be longer than 32 KB.
_BLOCK_BYTES = 1024 * 1024


class Utf8(io.RawIOBase):
    """A stored file as UTF-8 without a mark, what cannot be read as �."""

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(CODECS[encoding])("replace")
        self._held = b""
        self._begun = self._ended = False
        self.bytes_read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """As io says; blocks while the store does."""
        while not self._held and not self._ended:
            self._held = self._next()
        size = min(len(buffer), len(self._held))
        buffer[:size] = self._held[:size]
        self._held = self._held[size:]
        return size

    def _next(self) -> bytes:
        raw = bytes(self._file.read(_BLOCK_BYTES // 2))
        self.bytes_read += len(raw)
        self._ended = not raw
        text = self._decoder.decode(raw, final=not raw)
        if not self._begun and text:
            self._begun = True
            text = text.removeprefix("\ufeff")
        return text.encode()


def csv_batches(text: Utf8, form: Form) -> Iterator[Batch]:
    """Raises FileNotReadable for a row that no end is found of."""
    broken: list[csv.InvalidRow] = []

    def keep(row: csv.InvalidRow) -> str:
        broken.append(row)
        return "skip"

    names = list(form.columns)
    try:
        reader = csv.open_csv(
            pa.PythonFile(text, mode="r"),
            csv.ReadOptions(
                use_threads=False,
                block_size=_BLOCK_BYTES,
                column_names=names,
                skip_rows_after_names=int(form.header),
            ),
            csv.ParseOptions(
                delimiter=form.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=keep,
            ),
            csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
            ),
        )
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):
            return
        raise _unreadable(error, 1) from error
    lines = _LineCounter(form.header)
    while True:
        try:
            read = reader.read_next_batch()
        except StopIteration:
            if broken:
                yield lines.batch({name: pa.array([], pa.string()) for name in names}, _taken(broken))
            return
        except pa.ArrowInvalid as error:
            raise _unreadable(error, lines.line) from error
        yield lines.batch({name: read.column(at) for at, name in enumerate(names)}, _taken(broken))


def _taken(broken: "list[csv.InvalidRow]") -> "list[csv.InvalidRow]":
    taken = list(broken)
    broken.clear()
    return taken


class _LineCounter:
    """Knows on which line each row begins, though fields may hold line ends and some rows are no rows."""

    def __init__(self, header: bool) -> None:
        # Rows that the reader has numbered so far; it counts the header.
        self._rows = int(header)
        self.line = 1 + int(header)

    def batch(self, columns: dict[str, pa.Array], broken: "list[csv.InvalidRow]") -> Batch:
        rows = len(next(iter(columns.values())))
        # The reader numbers rows from 1, those that it could not cut included.
        places = np.array([row.number - 1 - self._rows for row in broken], np.int64)
        total = rows + len(broken)
        whole = np.ones(total, np.bool_)
        whole[places[places < total]] = False
        heights = np.ones(total, np.int64)
        heights[whole] += _line_ends(columns, rows)
        heights[~whole] += np.array([row.text.count("\n") for row in broken], np.int64)
        begins = self.line + np.r_[0, np.cumsum(heights)[:-1]] if total else np.empty(0, np.int64)
        rejected = [
            _wrong_width(row, int(line))
            for row, line in zip(broken, begins[~whole], strict=True)
            if row.text.strip()
        ]
        self._rows += total
        self.line += int(heights.sum())
        return _without_blanks(Batch(columns, begins[whole], rejected))


def _wrong_width(row: "csv.InvalidRow", line: int) -> Rejected:
    detail = f"The row has {row.actual_columns} columns, the file has {row.expected_columns}."
    return Rejected(line, "WRONG_COLUMN_COUNT", detail, row.text[:32_768])


def _line_ends(columns: dict[str, pa.Array], rows: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    ends = np.zeros(rows, np.int64)
    for cells in columns.values():
        text = cells.buffers()[2]
        if text is not None and b"\n" in memoryview(text).tobytes():
            ends += pc.count_substring(cells, "\n").to_numpy(zero_copy_only=False)
    return ends


def _without_blanks(batch: Batch) -> Batch:
    """Rows without anything are lines between rows, not rows."""
    blank: pa.Array | None = None
    for cells in batch.columns.values():
        empty = pc.equal(pc.binary_length(cells), 0)
        blank = empty if blank is None else pc.and_(blank, empty)
        if not pc.any(blank).as_py():
            return batch
    keep = pc.invert(blank)
    return Batch(
        {name: cells.filter(keep) for name, cells in batch.columns.items()},
        batch.lines[keep.to_numpy(zero_copy_only=False)],
        batch.rejected,
    )


def _unreadable(error: Exception, line: int) -> FileNotReadable:
    if "straddling" in str(error):
        return FileNotReadable(
            f"From line {line} on a row does not end within 1 MB: a quote was opened and never closed.",
            line=line,
        )
    return FileNotReadable(f"From line {line} on the file is no CSV: {str(error)[:200]}", line=line)
