"""Whole columns of cells as JSON at once: literals, members, objects. A null stands for what is not there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from services.gateway.domain.importing.mapping import CellType
from services.gateway.domain.importing.values import EMPTY, iso, moment, number, truth

_PLAIN_NUMBER = r"^-?(0|[1-9][0-9]{0,29})(\.[0-9]{1,20})?$"
_TO_ESCAPE = r'["\\\x00-\x1f]'
_ESCAPED = np.zeros(256, np.bool_)
_ESCAPED[:0x20] = True
_ESCAPED[[0x22, 0x5C]] = True
_json = msgspec.json.Encoder()
_any = msgspec.json.Decoder()

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Literals:
    """A column of JSON literals; `bad` are the rows whose cell is not of the type, or None where all are."""

    values: pa.Array
    bad: pa.Array | None = None


def cleaned(cells: pa.Array) -> pa.Array:
    """Without spaces around; null for what exports write where there is nothing."""
    trimmed = pc.utf8_trim_whitespace(cells)
    # Nothing that stands for nothing is longer than four characters.
    short = pc.less_equal(pc.binary_length(trimmed), 4)
    if not pc.any(short).as_py():
        return trimmed
    empty = pc.and_(short, pc.is_in(pc.utf8_lower(trimmed), value_set=pa.array(sorted(EMPTY))))
    return pc.if_else(empty, pa.scalar(None, pa.string()), trimmed)


def literals(cells: pa.Array, kind: CellType, zone: ZoneInfo) -> Literals:
    """JSON literals of cleaned cells."""
    match kind:
        case "number":
            return _numbers(cells)
        case "boolean":
            return _read(cells, lambda text: _TRUTHS[truth(text)])
        case "time":
            return _times(cells, zone)
        case "json":
            return Literals(_each(cells, _as_json))
    return Literals(quoted(cells))


_TRUTHS: dict[bool | None, str | None] = {True: "true", False: "false", None: None}


def quoted(cells: pa.Array) -> pa.Array:
    """JSON strings."""
    wrapped = pc.binary_join_element_wise('"', cells, '"', "")
    if not _holds_what_is_escaped(cells):
        return wrapped
    # A null that stays one: replace_with_mask takes it for a value to leave.
    odd = pc.fill_null(pc.match_substring_regex(cells, _TO_ESCAPE), False)
    encoded = [_json.encode(text).decode() for text in cells.filter(odd).to_pylist()]
    return pc.replace_with_mask(wrapped, odd, pa.array(encoded, pa.string()))


def members(named: Sequence[tuple[str, pa.Array]]) -> pa.Array:
    """JSON objects of the members that are there; null for an object without any."""
    if not named:
        raise ValueError("an object needs members to be made of")
    pieces = [
        pc.binary_join_element_wise(f",{_json.encode(name).decode()}:", value, "") for name, value in named
    ]
    joined = _joined(pieces)
    told = pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), joined)
    return pc.binary_join_element_wise("{", pc.utf8_slice_codeunits(told, 1), "}", "")


def listed(pieces: Sequence[pa.Array]) -> pa.Array:
    """JSON lists of the values that are there; null for a list without any."""
    joined = _joined([pc.binary_join_element_wise(",", piece, "") for piece in pieces])
    told = pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), joined)
    return pc.binary_join_element_wise("[", pc.utf8_slice_codeunits(told, 1), "]", "")


def constant(literal: str, rows: int) -> pa.Array:
    """The same in every row."""
    return pa.repeat(pa.scalar(literal, pa.string()), rows)


def _joined(pieces: Sequence[pa.Array]) -> pa.Array:
    return pc.binary_join_element_wise(*pieces, "", null_handling="replace", null_replacement="")


def _holds_what_is_escaped(cells: pa.Array) -> bool:
    """Quick and never wrong about False: looks at all bytes of the column at once."""
    text = cells.buffers()[2]
    if text is None:
        return False
    return bool(_ESCAPED[np.frombuffer(text, np.uint8)].any())


def _numbers(cells: pa.Array) -> Literals:
    plain = pc.fill_null(pc.match_substring_regex(cells, _PLAIN_NUMBER), True)
    if pc.all(plain).as_py() or not len(cells):
        return Literals(cells)
    return _read(cells, number)


def _times(cells: pa.Array, zone: ZoneInfo) -> Literals:
    try:
        local = pc.cast(cells, pa.timestamp("ms"))
        # As Python reads them: of two moments with one name the earlier. One that was skipped is read below.
        read = pc.assume_timezone(local, zone.key, ambiguous="earliest", nonexistent="raise")
        text = pc.strftime(pc.cast(read, pa.timestamp("ms", "UTC")), "%Y-%m-%dT%H:%M:%S")
        return Literals(pc.binary_join_element_wise('"', text, 'Z"', ""))
    except pa.ArrowInvalid:
        pass  # written in one of the other ways

    def literal(text: str) -> str | None:
        at = moment(text, zone)
        return f'"{iso(at)}"' if at is not None and at.year >= 1000 else None

    return _read(cells, literal)


def _read(cells: pa.Array, literal: Callable[[str], str | None]) -> Literals:
    values = _each(cells, literal)
    bad = pc.and_(pc.is_valid(cells), pc.is_null(values))
    return Literals(values, bad if pc.any(bad).as_py() else None)


def _each(cells: pa.Array, read: Callable[[str], str | None]) -> pa.Array:
    """What `read` makes of each cell; it is asked once for those that are equal."""
    encoded = pc.dictionary_encode(cells)
    made = pa.array([read(text) for text in encoded.dictionary.to_pylist()], pa.string())
    return made.take(encoded.indices)


def _as_json(text: str) -> str:
    return text if _is_json(text) else _json.encode(text).decode()


def _is_json(text: str) -> bool:
    try:
        _any.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return False
    return True
