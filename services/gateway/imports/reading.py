"""A stored file, opened as what it is; and a first look at one that nobody has read yet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Any

import msgspec

from services.gateway.domain.envelope import Unreadable
from services.gateway.domain.importing.batches import Batch
from services.gateway.domain.importing.encodings import (
    CODECS,
    DELIMITERS,
    EncodingNotKnown,
    delimiter_of,
    encoding_of,
    first_rows,
    text_of,
)
from services.gateway.domain.importing.forms import FORMATS, FileFormat, Form
from services.gateway.domain.importing.headers import type_of
from services.gateway.domain.importing.mapping import MAX_COLUMNS
from services.gateway.errors.files import FileNotReadable
from services.gateway.imports.json_lines import flattened, inner_names, json_line_batches
from services.gateway.imports.parquet import open_parquet, parquet_batches
from services.gateway.imports.sources import Utf8, csv_batches

_LOOKED_AT_BYTES = 512 * 1024
_SAMPLED_ROWS = 200
_SHOWN_SAMPLES = 5
_SHOWN_CHARS = 200
_NAME_CHARS = 100


@dataclass(frozen=True, slots=True)
class Look:
    """What a file holds, told from its beginning: samples are those of the first rows."""

    form: Form
    samples: dict[str, list[str]]
    # JSON lines whose objects have a type, as the tracking API's events do.
    whole_events: bool = False

    def shown(self) -> list[dict[str, Any]]:
        """Columns with their types and a few samples."""
        return [
            {
                "column": column,
                "type": type_of(self.samples[column]),
                "samples": [text[:_SHOWN_CHARS] for text in _distinct(self.samples[column])[:_SHOWN_SAMPLES]],
            }
            for column in self.form.columns
        ]


@dataclass(slots=True)
class OpenFile:
    """A file under way: how far it was read, in bytes; 0 for Parquet until its end."""

    batches: Iterator[Batch]
    text: Utf8 | None = field(default=None)

    @property
    def bytes_read(self) -> int:
        return 0 if self.text is None else self.text.bytes_read


def open_batches(file: IO[bytes], size: int, form: Form, *, whole: bool) -> OpenFile:
    """The rows of a file; raises FileNotReadable here or on the way."""
    if form.format == "parquet":
        return OpenFile(parquet_batches(open_parquet(file, size), form))
    text = Utf8(file, form.encoding)
    if form.format == "jsonl":
        return OpenFile(json_line_batches(text, form, whole=whole), text)
    return OpenFile(csv_batches(text, form), text)


def look(file: IO[bytes], size: int, asked: Mapping[str, Any]) -> Look:
    """`asked` says what not to guess: format, encoding, delimiter, header. Raises FileNotReadable."""
    beginning = bytes(file.read(min(size, _LOOKED_AT_BYTES)))
    kind: FileFormat = asked.get("format") or _format_of(beginning)
    assert kind in FORMATS
    if kind == "parquet":
        return _look_at_parquet(file, size)
    try:
        encoding = asked.get("encoding") or encoding_of(beginning)
    except EncodingNotKnown as unknown:
        raise FileNotReadable(str(unknown), encodings=", ".join(CODECS)) from unknown
    text = text_of(beginning, encoding)
    if not text.strip():
        raise FileNotReadable("The file holds nothing but spaces.")
    complete = len(beginning) == size
    if kind == "jsonl":
        return _look_at_json_lines(text, encoding, complete)
    delimiter = asked.get("delimiter") or delimiter_of(text)
    assert delimiter in DELIMITERS
    return _look_at_csv(text, encoding, delimiter, asked.get("header", True))


def _format_of(beginning: bytes) -> FileFormat:
    if beginning.startswith(b"PAR1"):
        return "parquet"
    start = beginning.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").lstrip(b"\xff\xfe \t\r\n")
    return "jsonl" if start.startswith(b"{") else "csv"


def _look_at_csv(text: str, encoding: str, delimiter: str, header: bool) -> Look:
    rows = first_rows(text, delimiter, _SAMPLED_ROWS + 1)
    if not rows or not any(rows[0]):
        raise FileNotReadable("The first row is empty: it should hold the names of the columns.")
    width = len(rows[0])
    if width > MAX_COLUMNS:
        raise FileNotReadable(f"The file has {width} columns, at most {MAX_COLUMNS} are read.")
    columns = _names(rows[0] if header else [""] * width)
    samples: dict[str, list[str]] = {column: [] for column in columns}
    for row in rows[int(header) :]:
        # The last row may be cut off.
        if len(row) == width:
            for column, cell in zip(columns, row, strict=True):
                samples[column].append(cell)
    return Look(Form("csv", tuple(columns), encoding, delimiter, header), samples)


def _look_at_json_lines(text: str, encoding: str, complete: bool) -> Look:
    samples: dict[str, list[str]] = {}
    lines = text.split("\n")
    events = rows = 0
    for line in (lines if complete else lines[:-1])[:_SAMPLED_ROWS]:
        if not line.strip():
            continue
        try:
            members = flattened(line.encode())
            cells = dict(inner_names(members))
        except (Unreadable, msgspec.DecodeError, RecursionError):
            continue
        rows += 1
        events += "type" in members and bool({"userId", "anonymousId"} & set(members))
        for name, cell in cells.items():
            if len(samples) < MAX_COLUMNS or name in samples:
                samples.setdefault(name, []).append(cell or "")
    if not rows:
        raise FileNotReadable("None of the first lines is a JSON object.")
    named = {name: cells for name, cells in samples.items() if "\0" not in name and len(name) <= _NAME_CHARS}
    return Look(Form("jsonl", tuple(named), encoding), named, whole_events=events == rows)


def _look_at_parquet(file: IO[bytes], size: int) -> Look:
    opened = open_parquet(file, size)
    columns = tuple(name for name in opened.schema_arrow.names if "\0" not in name)
    form = Form("parquet", columns)
    samples: dict[str, list[str]] = {column: [] for column in columns}
    for batch in parquet_batches(opened, form):
        head = batch.slice(0, min(_SAMPLED_ROWS, len(batch.lines)))
        samples = {name: [text or "" for text in cells.to_pylist()] for name, cells in head.columns.items()}
        break
    return Look(form, samples)


def _names(header: Sequence[str]) -> list[str]:
    """A name of its own for each column, without what could not be shown."""
    names: list[str] = []
    for number, name in enumerate(header, start=1):
        shown = "".join(char for char in name if char.isprintable()).strip()[:_NAME_CHARS]
        shown = shown or f"column {number}"
        unique, copy = shown, 2
        while unique in names:
            unique, copy = f"{shown} ({copy})", copy + 1
        names.append(unique)
    return names


def _distinct(cells: Sequence[str]) -> list[str]:
    return [text for text in dict.fromkeys(cells) if text]
