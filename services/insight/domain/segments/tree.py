"""The tree of a segment: conditions on people, groups of them, and set algebra over saved segments.

A tree is data only. `validation.py` says whether it makes sense, `sentences.py` says it in words, and two
evaluators answer it: compiled loops over columns in memory, and SQL.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

# From the root: the index of the child at each step. The root is ().
Path = tuple[int, ...]


# --- windows: always whole local days of the tenant --------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DaysAgo:
    """Local days by their age, both included: the last 30 days are 29 to 0, yesterday is 1 to 1."""

    first: int
    last: int = 0


@dataclass(frozen=True, slots=True)
class Dates:
    """Local days from `first_on` to `last_on`, both included."""

    first_on: date
    last_on: date


@dataclass(frozen=True, slots=True)
class AllTime:
    """Every day."""


Window = DaysAgo | Dates | AllTime


def last_days(days: int) -> DaysAgo:
    """The window of N days: today and the N - 1 days before it."""
    return DaysAgo(days - 1)


def days_of(window: Window, today: date) -> tuple[date, date]:
    """First and last local day of a window, both included."""
    match window:
        case DaysAgo(first, last):
            return today - timedelta(first), today - timedelta(last)
        case Dates(first_on, last_on):
            return first_on, last_on
        case AllTime():
            return date.min, date.max


# --- tests of one value ------------------------------------------------------------------------------------


class Op(StrEnum):
    """Comparisons of numbers, money and ratios."""

    EQ = "="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


@dataclass(frozen=True, slots=True)
class Compare:
    """Number, money, ratio. Unknown is false for every operator, != too."""

    op: Op
    value: Decimal


@dataclass(frozen=True, slots=True)
class Between:
    """Number, money, ratio; both ends included."""

    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class AgainstYardstick:
    """Number, money, ratio: strictly above or below the tenant's mean or median of the known values."""

    above: bool
    # "mean" or "median".
    of: str


@dataclass(frozen=True, slots=True)
class Share:
    """Number, money, ratio: the highest (or lowest) `percent` of those people who have a value.

    Ties at the threshold are all in.
    """

    top: bool
    percent: Decimal


@dataclass(frozen=True, slots=True)
class OneOf:
    """Category or text: the value is (or with `negated` is known and is not) one of `values`."""

    values: tuple[str, ...]
    negated: bool = False


class Mode(StrEnum):
    ANY = "any"
    ALL = "all"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Contains:
    """List: contains any, all or none of `values`; none of an empty list is true.

    `part`: keywords, a value may be a part of a term. `by_category`: a product list is asked for categories.
    A category contains its descendants.
    """

    mode: Mode
    values: tuple[str, ...]
    part: bool = False
    by_category: bool = False


@dataclass(frozen=True, slots=True)
class ValueOf:
    """Map: the value of one key, compared; a key that is not there is unknown."""

    key: str
    test: Compare | Between


@dataclass(frozen=True, slots=True)
class Trend:
    """Map: the value of a key rose (or fell) by 10 points or more against 30 days ago."""

    key: str
    rising: bool


@dataclass(frozen=True, slots=True)
class OnDate:
    """Date: before, after or on a local day."""

    # "before", "after" or "on".
    relation: str
    on: date


@dataclass(frozen=True, slots=True)
class DaysSince:
    """Date: in the last N days (today is 1 day), or more than N days ago."""

    days: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class AnniversaryWithin:
    """Date: its next anniversary is at most N days away; 0 is today. 29 February is 28 in other years."""

    days: int


@dataclass(frozen=True, slots=True)
class InMonth:
    """Date: it lies in this month of any year, 1 to 12."""

    month: int


@dataclass(frozen=True, slots=True)
class Known:
    """Any type: there is a value (a list: that is not empty), or with `negated` there is none."""

    negated: bool = False


Test = (
    Compare
    | Between
    | AgainstYardstick
    | Share
    | OneOf
    | Contains
    | ValueOf
    | Trend
    | OnDate
    | DaysSince
    | AnniversaryWithin
    | InMonth
    | Known
)


@dataclass(frozen=True, slots=True)
class Changed:
    """External genes: within the last N local days (today is 1 day) one known value became another.

    From `before` to `after`, as texts; None is any. A first value or a removed one is no change.
    """

    days: int
    before: str | None = None
    after: str | None = None


# --- conditions --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GeneCondition:
    """One of the catalogue's genes. `window` is None for a gene without one."""

    gene: str
    test: Test
    window: Window | None = None
    # None: now. Else as it was at the end of this one local day, told with what is known today.
    as_of: DaysAgo | Dates | None = None


@dataclass(frozen=True, slots=True)
class AttributeCondition:
    """A trait that identify or an import set."""

    name: str
    test: Test


@dataclass(frozen=True, slots=True)
class ExternalCondition:
    """A gene whose values the tenant or a partner brought, by its id."""

    gene: str
    test: Test | Changed


@dataclass(frozen=True, slots=True)
class PropertyTest:
    """A property of an event, by its path (`products.category` looks into every line).

    Numbers are compared as numbers, all else as text.
    """

    path: str
    test: Compare | Between | OneOf | Contains | Known


@dataclass(frozen=True, slots=True)
class EventStep:
    """Events of one canonical name whose properties fulfil all of `where`."""

    event: str
    where: tuple[PropertyTest, ...] = ()


@dataclass(frozen=True, slots=True)
class EventCondition:
    """Did something so many times in a window; 0 times is a number like any other."""

    step: EventStep
    window: Window
    times: Compare | Between = Compare(Op.GE, Decimal(1))


@dataclass(frozen=True, slots=True)
class SequenceCondition:
    """Did `first` in the window and then `then` (or with `absent` did not) within so many days after it.

    Days are of 24 hours. One `first` with a `then` after it is enough; with `absent` one `first` without,
    whose time is over.
    """

    first: EventStep
    then: EventStep
    within_days: int
    window: Window
    absent: bool = False


@dataclass(frozen=True, slots=True)
class GoalCondition:
    """Reached a goal so many times in a window: an event that the tenant has named, as it is now."""

    goal_id: str
    window: Window
    times: Compare | Between = Compare(Op.GE, Decimal(1))


@dataclass(frozen=True, slots=True)
class InSegment:
    """Members of a saved segment as it is now."""

    segment_id: str


@dataclass(frozen=True, slots=True)
class InSnapshot:
    """Members of a saved segment as they were when this frozen snapshot was taken."""

    snapshot_id: str


@dataclass(frozen=True, slots=True)
class InList:
    """People of an uploaded list."""

    list_id: str


Condition = (
    GeneCondition
    | AttributeCondition
    | ExternalCondition
    | EventCondition
    | SequenceCondition
    | GoalCondition
    | InSegment
    | InSnapshot
    | InList
)


# --- groups ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class All:
    """Everybody whom all nodes contain (intersection); of none, everybody."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Everybody whom some node contains (union); of none, nobody."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Everybody whom the node does not contain: the complement, unknown values included."""

    node: "Node"


@dataclass(frozen=True, slots=True)
class Difference:
    """Everybody in the first node and in none of the others."""

    nodes: tuple["Node", ...]


Group = All | AnyOf | Not | Difference
Node = Condition | Group


def children(node: Node) -> Sequence[Node]:
    """The nodes of a group in their order; a condition has none."""
    match node:
        case All(nodes) | AnyOf(nodes) | Difference(nodes):
            return nodes
        case Not(inner):
            return (inner,)
        case _:
            return ()


def walk(node: Node, at: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Every node with its path, parents before their children."""
    yield at, node
    for index, child in enumerate(children(node)):
        yield from walk(child, (*at, index))


def node_at(root: Node, path: Path) -> Node:
    """Raises IndexError for a path that leads nowhere."""
    for index in path:
        root = children(root)[index]
    return root
