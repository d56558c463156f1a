"""Which column of a file becomes which part of an event, product or list, and what a mapping must have."""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Dict
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, get_args

ImportKind = Literal["events", "members", "products", "list", "gene", "ad_costs"]
KINDS: tuple[ImportKind, ...] = get_args(ImportKind)
CellType = Literal["text", "number", "boolean", "time", "json"]
CELL_TYPES: tuple[CellType, ...] = get_args(CellType)
MAX_COLUMNS = 1_000
MAX_PATH_CHARS = 120

_PERSON = ("user_id", "anonymous_id", "email", "phone", "line_id")
_FIELDS: dict[ImportKind, tuple[str, ...]] = {
    "events": ("message_id", "type", "event", "name", "timestamp", "line_provider", "order_id", *_PERSON),
    "members": ("message_id", "timestamp", "line_provider", *_PERSON),
    "products": (
        ("product_id", "name", "brand", "category", "price", "currency", "url", "image_url", "in_stock")
    ),
    "list": ("line_provider", *_PERSON),
    "gene": ("value", "gene", "line_provider", *_PERSON),
    "ad_costs": ("date", "source", "medium", "cost", "currency"),
}
# Whatever follows the dot is the tenant's own word for it.
_FAMILIES: dict[ImportKind, tuple[str, ...]] = {
    "events": ("properties", "products", "traits", "context", "external_ids"),
    "members": ("traits", "consent", "context", "external_ids"),
    "products": ("attributes",),
    "list": ("external_ids",),
    "gene": ("external_ids",),
    "ad_costs": (),
}
# What the type of these is, whatever a mapping says.
_FIXED: dict[str, CellType] = {
    **dict.fromkeys((*_PERSON, "message_id", "type", "event", "name", "line_provider", "order_id"), "text"),
    **dict.fromkeys(("product_id", "brand", "category", "currency", "url", "image_url"), "text"),
    **dict.fromkeys(("value", "gene", "source", "medium"), "text"),
    "date": "time",
    "cost": "number",
    "timestamp": "time",
    "price": "number",
    "in_stock": "boolean",
}
_PURPOSE = re.compile(r"[a-z][a-z0-9_]{0,63}")


class MappingNotValid(Exception):
    """The message says what to change."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column and where it goes."""

    column: str
    to: str
    type: CellType = "text"


@dataclass(frozen=True, slots=True)
class Mapping:
    """How the rows of one file are read."""

    columns: tuple[Column, ...] = ()
    # What every row says, as if it were a column.
    constants: dict[str, str] = field(default_factory=dict)
    # Rows that follow each other with one order_id are the lines of one event.
    lines_of_orders: bool = False
    # Every row is an event as the tracking API takes it; JSON lines only.
    whole_events: bool = False
    # Of times without an offset.
    time_zone: str = "UTC"

    @property
    def targets(self) -> Iterator[str]:
        yield from (column.to for column in self.columns)
        yield from self.constants

    def as_facts(self) -> dict[str, Any]:
        """JSON of it."""
        return asdict(self) | {"columns": [asdict(column) for column in self.columns]}

    @classmethod
    def of_facts(cls, facts: Dict[str, Any]) -> "Mapping":
        """What `as_facts` told."""
        return cls(**{**facts, "columns": tuple(Column(**column) for column in facts["columns"])})


def cell_type(to: str, asked: CellType) -> CellType:
    """The type that a target has."""
    if to.startswith("consent."):
        return "boolean"
    return _FIXED.get(to, asked)


def check(mapping: Mapping, kind: ImportKind, known: Sequence[str]) -> None:
    """Raise MappingNotValid unless rows can be read so."""
    if mapping.whole_events:
        if kind != "events" or mapping.columns or mapping.constants:
            raise MappingNotValid("whole_events: is for events alone, and takes no columns beside it.")
        return
    missing = [column.column for column in mapping.columns if column.column not in known]
    if missing:
        raise MappingNotValid(f'columns: the file has no column called "{missing[0][:80]}".')
    targets = list(mapping.targets)
    for target in targets:
        _check_target(target, kind)
    for target in targets:
        if targets.count(target) > 1:
            raise MappingNotValid(f"{target}: is given twice; name one column or constant for it.")
        inside = next((other for other in targets if other.startswith(target + ".")), None)
        if inside:
            raise MappingNotValid(f"{target}: cannot be a value and hold {inside} at once.")
    _check_needs(set(targets), kind, mapping.lines_of_orders)


def _check_target(target: str, kind: ImportKind) -> None:
    if target in _FIELDS[kind]:
        return
    family, _, name = target.partition(".")
    levels = name.split(".")
    if family not in _FAMILIES[kind] or not all(levels) or len(target) > MAX_PATH_CHARS or "\0" in target:
        usable = ", ".join((*_FIELDS[kind], *(f"{each}.<name>" for each in _FAMILIES[kind])))
        raise MappingNotValid(
            f'"{target[:80]}" is nothing that {kind.removesuffix("s")}s have: use one of {usable}.'
        )
    if len(levels) > (5 if family in ("properties", "traits", "context") else 1):
        raise MappingNotValid(f'"{target[:80]}": stands too deep.')
    if family == "consent" and not _PURPOSE.fullmatch(name):
        raise MappingNotValid(f'"{target[:80]}": a purpose has small letters, digits and _.')


def _check_needs(targets: set[str], kind: ImportKind, lines_of_orders: bool) -> None:
    if kind == "products":
        if "product_id" not in targets:
            raise MappingNotValid("product_id: name the column that holds it.")
        return
    if kind == "ad_costs":
        if missing := sorted({"date", "source", "cost"} - targets):
            raise MappingNotValid(
                f"{missing[0]}: name a column for it, or say it of every row, in constants."
            )
        return
    outside = kind in ("list", "gene") and any(target.startswith("external_ids.") for target in targets)
    if not targets & set(_PERSON) and not outside:
        raise MappingNotValid(f"Name a column that says who it was: one of {', '.join(_PERSON)}.")
    if kind == "gene" and not {"value", "gene"} <= targets:
        raise MappingNotValid(
            "value, gene: name the column that holds the values, and in constants the gene that they are of."
        )
    if kind == "events":
        if not targets & {"event", "type"}:
            raise MappingNotValid("event: name a column for it, or say what every row is, in constants.")
        if "timestamp" not in targets:
            raise MappingNotValid("timestamp: name the column that says when it happened.")
    if lines_of_orders and not targets & {"order_id", "properties.order_id"}:
        raise MappingNotValid("lines_of_orders: name the column that holds the order_id.")
    if {"order_id", "properties.order_id"} <= targets:
        raise MappingNotValid("order_id: is given twice; name one column or constant for it.")
