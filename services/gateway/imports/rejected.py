"""Rows that were not taken: kept in parts as the job goes, shown in pages, downloaded as one CSV.

Those of a dry run (`tried_by` names its job) are kept apart, until the next dry run or the import's end.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import Any

import msgspec

from services.gateway.domain.importing.rejections import Rejected
from services.gateway.domain.spreadsheets import MARK, csv_line
from services.gateway.files import Files

KIND = "imports"
_MAX_PART_BYTES = 1024**3
_ROWS_AT_ONCE = 1_000
_HEAD = ("line", "reason", "detail", "row")
_encoder = msgspec.json.Encoder()
_rows = msgspec.json.Decoder(Rejected)


def file_name(import_id: str) -> str:
    return f"{import_id}.data"


def _place(import_id: str, part: int, tried_by: str) -> tuple[str, str]:
    """Kind and name of a part's file."""
    if tried_by:
        return _tried(import_id), f"{tried_by}.{part:08d}"
    return KIND, f"{import_id}.rejected.{part:08d}"


def _tried(import_id: str) -> str:
    return f"tried-{import_id}"


async def write_part(
    files: Files, tenant_id: str, import_id: str, part: int, rejected: Sequence[Rejected], *, tried_by: str
) -> None:
    """The same in every attempt, so that writing it again changes nothing."""

    async def chunks() -> AsyncIterator[bytes]:
        for first in range(0, len(rejected), _ROWS_AT_ONCE):
            rows = rejected[first : first + _ROWS_AT_ONCE]
            yield b"".join(_encoder.encode(row) + b"\n" for row in rows)

    kind, name = _place(import_id, part, tried_by)
    await files.write(tenant_id, kind, name, chunks(), max_bytes=_MAX_PART_BYTES)


async def read_part(
    files: Files, tenant_id: str, import_id: str, part: int, *, tried_by: str = ""
) -> AsyncGenerator[Rejected, None]:
    held = b""
    async for chunk in files.read(tenant_id, *_place(import_id, part, tried_by)):
        *lines, held = (held + chunk).split(b"\n")
        for line in lines:
            yield _rows.decode(line)


async def page(
    files: Files, tenant_id: str, import_id: str, *, parts: int, after: tuple[int, int], size: int
) -> tuple[list[Rejected], tuple[int, int] | None]:
    """Up to `size` rows from place `after` (part, row) on, and the place behind them; None at the end."""
    part, skipped = after
    found: list[Rejected] = []
    while part < parts:
        place = 0
        async for row in read_part(files, tenant_id, import_id, part):
            if place >= skipped:
                if len(found) == size:
                    return found, (part, place)
                found.append(row)
            place += 1
        part, skipped = part + 1, 0
    return found, None


async def csv_of(
    files: Files, tenant_id: str, import_id: str, *, parts: int, columns: Sequence[str], tried_by: str = ""
) -> AsyncGenerator[bytes, None]:
    """Line, reason, detail and the row as it was, for a spreadsheet: with a mark, without formulas.

    A row that has the file's columns stands in columns of its own, so that it can be corrected and imported
    again; one that has not stands in `row`.
    """
    yield MARK.encode() + _line([*_HEAD, *columns])
    for part in range(parts):
        lines: list[bytes] = []
        async for row in read_part(files, tenant_id, import_id, part, tried_by=tried_by):
            whole = isinstance(row.row, str)
            cells: list[Any] = [""] * len(columns) if whole else [row.row.get(name) for name in columns]  # type: ignore[union-attr]
            lines.append(_line([row.line, row.reason, row.detail, row.row if whole else "", *cells]))
            if len(lines) == _ROWS_AT_ONCE:
                yield b"".join(lines)
                lines = []
        yield b"".join(lines)


def _line(cells: Sequence[Any]) -> bytes:
    return csv_line(cells).encode()


async def delete(files: Files, tenant_id: str, import_id: str, parts: int) -> None:
    """The file, and the rows of it that were not taken."""
    await files.delete(tenant_id, KIND, file_name(import_id))
    for part in range(parts):
        await files.delete(tenant_id, *_place(import_id, part, ""))
    await delete_tried(files, tenant_id, import_id)


async def delete_tried(files: Files, tenant_id: str, import_id: str) -> None:
    """What its dry runs did not take."""
    await files.delete_kind(tenant_id, _tried(import_id))
