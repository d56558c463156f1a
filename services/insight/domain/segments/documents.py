"""A segment's tree as the one JSON document that is stored, and back."""

import json
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Context, Decimal, InvalidOperation
from enum import Enum
from functools import lru_cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from services.insight.domain.segments import tree
from services.insight.domain.segments.tree import Node

# Of the form below; a stored document says which one it has.
VERSION = 1

# A promise to what is stored: a class may be renamed, its word may not. The names of fields are promised too.
_WORDS: dict[type, str] = {
    tree.DaysAgo: "days_ago",
    tree.Dates: "dates",
    tree.AllTime: "all_time",
    tree.Compare: "compare",
    tree.Between: "between",
    tree.AgainstYardstick: "against_yardstick",
    tree.Share: "share",
    tree.OneOf: "one_of",
    tree.Contains: "contains",
    tree.ValueOf: "value_of",
    tree.Trend: "trend",
    tree.OnDate: "on_date",
    tree.DaysSince: "days_since",
    tree.AnniversaryWithin: "anniversary_within",
    tree.InMonth: "in_month",
    tree.Known: "known",
    tree.Changed: "changed",
    tree.GeneCondition: "gene",
    tree.AttributeCondition: "attribute",
    tree.ExternalCondition: "external",
    tree.PropertyTest: "property",
    tree.EventStep: "step",
    tree.EventCondition: "event",
    tree.SequenceCondition: "sequence",
    tree.GoalCondition: "goal",
    tree.InSegment: "in_segment",
    tree.InSnapshot: "in_snapshot",
    tree.InList: "in_list",
    tree.All: "all",
    tree.AnyOf: "any",
    tree.Not: "not",
    tree.Difference: "difference",
}
_CLASSES = {word: kind for kind, word in _WORDS.items()}
# Fields that came after trees were stored: left out where they say nothing, so that equal trees stay equal.
_LATER = frozenset({"as_of"})
_DIGITS = Context(prec=100)
_PLAIN_EXPONENTS = range(-30, 31)


class DocumentNotReadable(ValueError):
    """Not a document of this version."""


def document(root: Node) -> dict[str, Any]:
    """Equal trees have equal documents."""
    return {"version": VERSION, "root": _written(root)}


def tree_of(stored: Any) -> Node:
    """What `document` was given; raises DocumentNotReadable."""
    if not isinstance(stored, dict) or stored.get("version") != VERSION:
        raise DocumentNotReadable("no document of a known version")
    try:
        root: Node = _read(stored.get("root"), tree.Node)
    except (TypeError, ValueError, InvalidOperation) as error:
        raise DocumentNotReadable(str(error)) from error
    return root


def text_of(root: Node) -> str:
    """The document as text, the same for equal trees."""
    return json.dumps(document(root), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def tree_from(text: str) -> Node:
    """What `text_of` was given; raises DocumentNotReadable."""
    try:
        return tree_of(json.loads(text))
    except json.JSONDecodeError as error:
        raise DocumentNotReadable("not JSON") from error


def _written(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        said = {
            field.name: _written(getattr(value, field.name))
            for field in fields(value)
            if field.name not in _LATER or getattr(value, field.name) is not None
        }
        return {"is": _WORDS[type(value)], **said}
    match value:
        case Decimal():
            return _digits(value)
        case tuple():
            return [_written(one) for one in value]
        case Enum():
            return value.value
        case date():
            return value.isoformat()
    return value


def _digits(value: Decimal) -> str:
    """Equal numbers have equal digits: 10, 10.0 and 1E+1 are all 10."""
    short = value.normalize(_DIGITS) if value else Decimal(0)
    return format(short, "f") if short.adjusted() in _PLAIN_EXPONENTS else str(short)


@lru_cache(256)
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(said: Any, kind: Any) -> Any:
    """`said` as a value of the type `kind`."""
    if isinstance(kind, UnionType):
        return _read_one_of(said, get_args(kind))
    if get_origin(kind) is tuple:
        if not isinstance(said, list):
            raise DocumentNotReadable("a list is missing")
        return tuple(_read(one, get_args(kind)[0]) for one in said)
    if is_dataclass(kind):
        return _read_object(said, (kind,))
    if kind is Decimal and isinstance(said, str):
        return Decimal(said)
    if kind is date and isinstance(said, str):
        return date.fromisoformat(said)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(said)
    if kind not in (str, int, bool) or type(said) is not kind:
        raise DocumentNotReadable(f"{said!r} is no {kind}")
    return said


def _read_one_of(said: Any, kinds: tuple[Any, ...]) -> Any:
    if said is None and type(None) in kinds:
        return None
    others = tuple(kind for kind in kinds if kind is not type(None))
    return _read_object(said, others) if is_dataclass(others[0]) else _read(said, others[0])


def _read_object(said: Any, kinds: tuple[Any, ...]) -> Any:
    kind = _CLASSES.get(str(said.get("is"))) if isinstance(said, dict) else None
    if kind is None or kind not in kinds:
        raise DocumentNotReadable("something else belongs here")
    hints = _hints(kind)
    given = {}
    for field in fields(kind):
        if field.name in said:
            given[field.name] = _read(said[field.name], hints[field.name])
        elif field.default is MISSING:
            raise DocumentNotReadable(f"{field.name} is missing")
    return kind(**given)
