"""JSON lines as batches: one object a line, members of objects inside named with a dot."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from services.gateway.domain.envelope import Unreadable, fault
from services.gateway.domain.events import MAX_EVENT_BYTES
from services.gateway.domain.importing.batches import Batch
from services.gateway.domain.importing.forms import Form
from services.gateway.domain.importing.rejections import Rejected
from services.gateway.errors.files import FileNotReadable
from services.gateway.imports.sources import Utf8

_ROWS = 10_000
_READ_BYTES = 1024 * 1024
# A line beyond an event's size is no event; beyond this the file is not made of lines.
_MOST_LINE_BYTES = 2 * 1024 * 1024
_SHOWN = 2_000
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_text = msgspec.json.Decoder(str)


def json_line_batches(text: Utf8, form: Form, *, whole: bool) -> Iterator[Batch]:
    """`whole`: rows are kept as they stand, without columns. Raises FileNotReadable."""
    columns: dict[str, list[str | None]] = {} if whole else {name: [] for name in form.columns}
    paths = [name.split(".") for name in columns]
    lines: list[int] = []
    texts: list[bytes] = []
    rejected: list[Rejected] = []
    for number, line in _lines(text):
        try:
            if not whole:
                members = flattened(line)
                for (name, cells), path in zip(columns.items(), paths, strict=True):
                    cells.append(_cell(members, name, path))
            elif len(line) > MAX_EVENT_BYTES:
                raise Unreadable(
                    "EVENT_TOO_LARGE", f"The line has {len(line)} bytes, {MAX_EVENT_BYTES} are taken."
                )
            lines.append(number)
            texts.append(line)
        except Unreadable as unfit:
            row = line[:_SHOWN].decode("utf-8", "replace")
            rejected.append(Rejected(number, unfit.reason, unfit.detail, row))
        if len(lines) + len(rejected) >= _ROWS:
            yield _batch(columns, lines, texts, rejected)
            columns = {name: [] for name in columns}
            lines, texts, rejected = [], [], []
    if lines or rejected:
        yield _batch(columns, lines, texts, rejected)


def flattened(line: bytes) -> Mapping[str, msgspec.Raw]:
    """The members of a line's object; raises Unreadable."""
    try:
        return _members.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if isinstance(error, msgspec.ValidationError):
            raise Unreadable("NOT_AN_OBJECT", "The line is JSON and no object.") from error
        raise fault(line) from error


def inner_names(members: Mapping[str, msgspec.Raw], levels: int = 3) -> Iterator[tuple[str, str | None]]:
    """Every name and cell of an object, those of objects inside it with a dot between."""
    for name, raw in members.items():
        if levels > 1 and bytes(raw)[:1] == b"{" and len(bytes(raw)) > 2:
            for inner, cell in inner_names(_members.decode(raw), levels - 1):
                yield f"{name}.{inner}", cell
        else:
            yield name, cell_of(raw)


def cell_of(raw: msgspec.Raw | bytes) -> str | None:
    """A JSON text as a cell: what a string says, or the literal as it stands."""
    literal = bytes(raw)
    if literal[:1] == b'"':
        return _text.decode(literal)
    return None if literal == b"null" else literal.decode()


def _cell(members: Mapping[str, msgspec.Raw], name: str, path: list[str]) -> str | None:
    raw: Any = members.get(name)
    if raw is None and len(path) > 1:
        inner: Mapping[str, msgspec.Raw] = members
        for level, key in enumerate(path, start=1):
            raw = inner.get(key)
            if raw is None or level == len(path):
                break
            if bytes(raw)[:1] != b"{":
                return None
            inner = _members.decode(raw)
    try:
        return None if raw is None else cell_of(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable("INVALID_JSON", f"{name[:80]}: is no text that can be read.") from error


def _lines(text: Utf8) -> Iterator[tuple[int, bytes]]:
    """Lines that hold something, with their number."""
    number, held = 0, b""
    while piece := text.read(_READ_BYTES):
        *complete, held = (held + piece).split(b"\n")
        for line in complete:
            number += 1
            if stripped := line.strip():
                yield number, stripped
        if len(held) > _MOST_LINE_BYTES:
            raise FileNotReadable(f"Line {number + 1} does not end within 2 MB.", line=number + 1)
    if stripped := held.strip():
        yield number + 1, stripped


def _batch(
    columns: dict[str, list[str | None]], lines: list[int], texts: list[bytes], rejected: list[Rejected]
) -> Batch:
    cells = {name: pa.array(values, pa.string()) for name, values in columns.items()}
    return Batch(cells, np.array(lines, np.int64), rejected, texts)
