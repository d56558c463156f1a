"""How the parts of a tree are put together, whatever the language."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from services.insight.domain.catalogue import ValueType, Words
from services.insight.domain.segments.tree import (
    All,
    AnyOf,
    Condition,
    Dates,
    DaysAgo,
    Difference,
    GeneCondition,
    Node,
    Not,
    SequenceCondition,
)

# More values than this are told as their number.
_MAX_TOLD = 5
_TOLD_OF_MANY = 3


@dataclass(frozen=True, slots=True)
class Names:
    """What saved segments, snapshots and lists are called, by id, and the currency of money."""

    segments: Mapping[str, str] = field(default_factory=dict)
    snapshots: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, str] = field(default_factory=dict)
    goals: Mapping[str, str] = field(default_factory=dict)
    external: Mapping[str, "External"] = field(default_factory=dict)
    currency: str = "TWD"


@dataclass(frozen=True, slots=True)
class External:
    """What a gene is called whose values were brought, and how they are written."""

    name: Words
    type: ValueType
    unit: str = ""


NO_NAMES = Names()


@dataclass(frozen=True, slots=True)
class Grammar:
    """What one language has for a condition, and between conditions."""

    condition: Callable[[Condition, Names], str]
    both: str
    either: str
    but_not: str
    # Between the things a difference leaves out.
    nor: str
    negated: str
    opening: str
    closing: str
    stop: str


def phrase(node: Node, grammar: Grammar, names: Names) -> str:
    """A node in words, without brackets around it."""
    match node:
        case All(nodes):
            return grammar.both.join(_inner(nodes, grammar, names))
        case AnyOf(nodes):
            return grammar.either.join(_inner(nodes, grammar, names))
        case Not(inner):
            return grammar.negated + _bracketed(inner, grammar, names)
        case Difference(nodes):
            first, *others = nodes
            left_out = grammar.nor.join(_bracketed(other, grammar, names) for other in others)
            return _clause(first, grammar, names) + grammar.but_not + left_out
        case _:
            return grammar.condition(node, names)


def _inner(nodes: Sequence[Node], grammar: Grammar, names: Names) -> list[str]:
    if len(nodes) == 1:
        return [phrase(nodes[0], grammar, names)]
    return [_clause(node, grammar, names) for node in nodes]


def _clause(node: Node, grammar: Grammar, names: Names) -> str:
    """In brackets where a comma of its own would be taken for one of the group around it."""
    match node:
        case All((inner,)) | AnyOf((inner,)):
            return _clause(inner, grammar, names)
        case All() | AnyOf() | Difference() | SequenceCondition():
            return _bracketed(node, grammar, names)
        case GeneCondition(as_of=DaysAgo() | Dates()):
            return _bracketed(node, grammar, names)
        case _:
            return phrase(node, grammar, names)


def _bracketed(node: Node, grammar: Grammar, names: Names) -> str:
    return grammar.opening + phrase(node, grammar, names) + grammar.closing


def number(value: Decimal) -> str:
    """1234.50 as 1,234.5."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(share: Decimal) -> str:
    """0.35 as 35%."""
    return f"{number(share * 100)}%"


def some(values: Sequence[str]) -> tuple[Sequence[str], int]:
    """The values to tell, and how many there are if these are not all; 0 if they are."""
    if len(values) <= _MAX_TOLD:
        return values, 0
    return values[:_TOLD_OF_MANY], len(values)
