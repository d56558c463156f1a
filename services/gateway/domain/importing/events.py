"""Rows of events and members as the events that the tracking API takes, column by column."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from services.gateway.domain.claims import line_identifier, normal_email, normal_phone
from services.gateway.domain.importing.batches import Batch
from services.gateway.domain.importing.cells import (
    cleaned,
    constant,
    listed,
    literals,
    members,
)
from services.gateway.domain.importing.mapping import CellType, ImportKind, Mapping, cell_type
from services.gateway.domain.importing.orders import Faults, Orders
from services.gateway.domain.importing.rejections import Rejected

_CONTACTS = ("email", "phone", "line_id")
_BROKEN = "\ufffd"
WANTED: dict[CellType, tuple[str, str]] = {
    "number": ("INVALID_NUMBER", "a number, such as 1290.50"),
    "boolean": ("INVALID_BOOLEAN", "true or false, yes or no, 1 or 0, 是 or 否"),
    "time": (
        "INVALID_TIME",
        "a time, such as 2026-11-22 18:30, 2026/11/22, 民國115/11/22 or seconds since 1970",
    ),
}
NOBODY = ("NO_PERSON", "The row names nobody: its columns for a person are empty or hold no address.")
UNREADABLE = (
    "BROKEN_TEXT",
    "The row holds �, which stands for what is no character in the file's encoding.",
)
_json = msgspec.json.Encoder()

# JSON literals by target.
Cells = dict[str, pa.Array]


@dataclass(frozen=True, slots=True)
class Shaped:
    """What rows became: event i is made of those from `rows[i][0]` up to, without, `rows[i][1]` of `batch`.

    The events have no messageId yet; `message_ids` are those that the rows name, "" where one names none.
    """

    batch: Batch
    events: list[bytes]
    rows: list[tuple[int, int]]
    message_ids: list[str]
    rejected: list[Rejected]


class EventShaper:
    """Knows one mapping, and the lines of an order that the batch so far has not ended."""

    def __init__(self, kind: ImportKind, mapping: Mapping) -> None:
        self._kind = kind
        self._mapping = mapping
        self._zone = ZoneInfo(mapping.time_zone)
        self._orders = Orders() if mapping.lines_of_orders else None

    def shape(self, batch: Batch, *, last: bool) -> Shaped:
        """Events of all rows that can be read, in the order of the file; `last`: nothing follows."""
        if self._orders is not None:
            order_column = self._order_column()
            batch = self._orders.complete(batch, order_column, last=last)
        rows = len(batch.lines)
        if not rows:
            return Shaped(batch, [], [], [], [])
        cells, faults = self._read(batch)
        groups = [(row, row + 1) for row in range(rows)]
        if self._orders is not None:
            groups = self._orders.groups(batch, self._order_column(), faults)
            _join_lines(cells, groups, rows)
        bodies, named = self._bodies(cells, rows)
        for first, behind in groups:
            if not named[first] and first not in faults:
                faults.update(dict.fromkeys(range(first, behind), NOBODY))
        if faults:
            groups = [group for group in groups if group[0] not in faults]
        texts = bodies.cast(pa.binary()).to_pylist()
        ids = _values(cells, "message_id")
        message_ids = _plain(ids) if ids is not None else [""] * rows
        return Shaped(
            batch,
            [texts[first] for first, _ in groups],
            groups,
            [message_ids[first] for first, _ in groups],
            [Rejected(int(batch.lines[row]), *faults[row], batch.row(row)) for row in sorted(faults)],
        )

    def _order_column(self) -> str:
        return next(
            column.column
            for column in self._mapping.columns
            if column.to in ("order_id", "properties.order_id")
        )

    def _read(self, batch: Batch) -> tuple[Cells, Faults]:
        """JSON literals by target; and the rows whose cells are not what they should be."""
        found: Cells = {}
        faults: Faults = {row: UNREADABLE for row in broken_rows(batch)}
        for column in self._mapping.columns:
            kind = cell_type(column.to, column.type)
            cells = cleaned(batch.columns[column.column])
            read = literals(cells, kind, self._zone)
            found[column.to] = read.values
            if read.bad is not None:
                reason, wanted = WANTED[kind]
                for row in np.flatnonzero(read.bad.to_numpy(zero_copy_only=False)).tolist():
                    shown = (cells[row].as_py() or "")[:60]
                    faults.setdefault(row, (reason, f'{column.column[:80]}: "{shown}" is not {wanted}.'))
        for target, text in self._mapping.constants.items():
            literal = literals(pa.array([text]), cell_type(target, "text"), self._zone).values[0].as_py()
            found[target] = constant(literal or "null", len(batch.lines))
        return found, faults

    def _bodies(self, cells: Cells, rows: int) -> tuple[pa.Array, "np.ndarray[Any, np.dtype[np.bool_]]"]:
        """The events' JSON without messageId, and which of them name somebody."""
        user_id, anonymous_id = _values(cells, "user_id"), _values(cells, "anonymous_id")
        anonymous_id = _known_by_contact(cells, user_id, anonymous_id, rows)
        kind = '"identify"' if self._kind == "members" else '"track"'
        tree = _tree(self._kind, cells)
        parts: list[tuple[str, pa.Array | None]] = [
            ("type", _values(cells, "type") or constant(kind, rows)),
            ("event", _values(cells, "event")),
            ("name", _values(cells, "name")),
            ("userId", user_id),
            ("anonymousId", anonymous_id),
            ("timestamp", _values(cells, "timestamp")),
            *((name, _built(inner, rows)) for name, inner in tree.items() if inner),
        ]
        named = np.zeros(rows, np.bool_)
        for identifier in (user_id, anonymous_id):
            if identifier is not None:
                named |= pc.is_valid(identifier).to_numpy(zero_copy_only=False)
        return members([(name, value) for name, value in parts if value is not None]), named


def whole_events(batch: Batch) -> Shaped:
    """Rows that are events as the tracking API takes them."""
    assert batch.texts is not None
    rows = [(row, row + 1) for row in range(len(batch.lines))]
    return Shaped(batch, batch.texts, rows, [""] * len(rows), [])


def _join_lines(cells: Cells, groups: list[tuple[int, int]], rows: int) -> None:
    """Put all lines of an order into its first row's list of products."""
    items = [
        (target.removeprefix("products."), cells.pop(target))
        for target in sorted(cells)
        if target.startswith("products.")
    ]
    if not items:
        return
    told = members(items).to_pylist()
    lists: list[str | None] = [None] * rows
    for first, behind in groups:
        lists[first] = "[" + ",".join(item for item in told[first:behind] if item is not None) + "]"
    cells["properties.products"] = pa.array(lists, pa.string())


def _values(cells: Cells, target: str) -> "pa.Array | None":
    return cells.get(target)


def _plain(values: pa.Array) -> list[str]:
    """The texts behind JSON strings; "" for none."""
    return [msgspec.json.decode(text) if text is not None else "" for text in values.to_pylist()]


Tree = dict[str, "Tree | pa.Array"]


def _tree(kind: ImportKind, cells: Cells) -> dict[str, Tree]:
    """properties, traits and context, members in alphabetical order: a row has one form in every file."""
    tree: dict[str, Tree] = {"properties": {}, "traits": {}, "context": {}}
    items: list[tuple[str, pa.Array]] = []
    outside: list[pa.Array] = []
    for target in sorted(cells):
        family, _, name = target.partition(".")
        value = cells[target]
        if family in tree:
            _put(tree[family], name.split("."), value)
        elif family == "consent":
            _put(tree["context"], ["consent", "categoryPreferences", name], value)
        elif family == "products":
            items.append((name, value))
        elif family == "external_ids":
            outside.append(_identifier(name, value))
        elif target == "order_id":
            _put(tree["properties"], ["order_id"], value)
        elif target in _CONTACTS or target == "line_provider":
            if kind == "members":
                _put(tree["traits"], [target], value)
            elif target != "line_provider":
                provider = _values(cells, "line_provider") if target == "line_id" else None
                outside.append(_identifier(target, value, provider))
    if items:
        _put(tree["properties"], ["products"], listed([members(items)]))
    if outside:
        _put(tree["context"], ["externalIds"], listed(outside))
    return tree


def _put(tree: Tree, path: Sequence[str], value: pa.Array) -> None:
    *above, last = path
    for level in above:
        inner = tree.setdefault(level, {})
        assert isinstance(inner, dict)
        tree = inner
    tree[last] = value


def _built(tree: Tree, rows: int) -> pa.Array:
    return members(
        [
            (name, _built(part, rows) if isinstance(part, dict) else part)
            for name, part in sorted(tree.items())
        ]
    )


def _identifier(kind: str, value: pa.Array, provider: "pa.Array | None" = None) -> pa.Array:
    """An entry of context.externalIds; null where there is no value."""
    more = [] if provider is None else [("provider", provider)]
    entry = members([("type", constant(_json.encode(kind).decode(), len(value))), ("id", value), *more])
    return pc.if_else(pc.is_valid(value), entry, pa.scalar(None, pa.string()))


def _known_by_contact(
    cells: Cells, user_id: "pa.Array | None", anonymous_id: "pa.Array | None", rows: int
) -> "pa.Array | None":
    """Anonymous ids, with one made of their address for those who are known by nothing else.

    An event needs one of the two ids; whoever has the same address gets the same, in every file.
    """
    contacts = {target: cells[target] for target in _CONTACTS if target in cells}
    nobody = np.ones(rows, np.bool_)
    for identifier in (user_id, anonymous_id):
        if identifier is not None:
            nobody &= pc.is_null(identifier).to_numpy(zero_copy_only=False)
    if not contacts or not nobody.any():
        return anonymous_id
    made: list[str | None] = [None] * rows if anonymous_id is None else anonymous_id.to_pylist()
    provider = _values(cells, "line_provider")
    for row in np.flatnonzero(nobody).tolist():
        given = {target: _text(values[row].as_py()) for target, values in contacts.items()}
        owner = None if provider is None else _text(provider[row].as_py())
        made[row] = _made_of(given, owner)
    return pa.array(made, pa.string())


def _made_of(given: dict[str, str | None], provider: str | None) -> str | None:
    forms = (
        normal_email(given.get("email")),
        normal_phone(given.get("phone")),
        line_identifier(given.get("line_id"), provider),
    )
    for kind, form in zip(_CONTACTS, forms, strict=True):
        if form is not None:
            digest = hashlib.blake2b(f"{kind}\0{form}".encode(), digest_size=16).hexdigest()
            return f'"import:{digest}"'
    return None


def _text(literal: str | None) -> str | None:
    return None if literal is None else str(msgspec.json.decode(literal))


def broken_rows(batch: Batch) -> Iterator[int]:
    """Rows with a character that could not be read in the file's encoding."""
    found: set[int] = set()
    for cells in batch.columns.values():
        text = cells.buffers()[2]
        if text is not None and _BROKEN.encode() in memoryview(text).tobytes():
            hit = pc.fill_null(pc.match_substring(cells, _BROKEN), False)
            found.update(np.flatnonzero(hit.to_numpy(zero_copy_only=False)).tolist())
    return iter(sorted(found))
