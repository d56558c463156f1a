"""What a gene is as SQL: a query of (person, value), and what holds for whoever has no row in it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from services.insight.domain.segments.tree import Window
from services.insight.store.evaluator.asked import Asked, Sql

Source = Callable[[Asked, Window | None], Sql]


class Shape(Enum):
    """The type of the column `value`, which is never null: who is unknown has no row."""

    # Integers and decimals.
    NUMBER = auto()
    # A float, rounded to six digits.
    RATIO = auto()
    TEXT = auto()
    # An array of texts.
    LIST = auto()
    # An array of paths of categories; each stands for its ancestors too.
    PATHS = auto()
    # A day.
    DATE = auto()
    # Columns person, key, value and before: the value as it was 30 days ago.
    MAP = auto()


@dataclass(frozen=True, slots=True)
class Ahead:
    """A question to ask first: what `read` makes of its rows is bound by the gene's own query."""

    sql: Source
    read: Callable[[Sequence[Sequence[Any]]], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Gene:
    """`absent` is the value of everybody without a row; None where it is unknown."""

    shape: Shape
    sql: Source
    absent: int | str | tuple[()] | None = None
    # Of a list of products: the paths of the categories of what `sql` lists.
    by_category: Source | None = None
    ahead: Ahead | None = None
