"""What a gene is, the types of values, and what may be said of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from services.insight.domain.segments.tree import (
    AgainstYardstick,
    AnniversaryWithin,
    Between,
    Compare,
    Contains,
    DaysSince,
    GeneCondition,
    InMonth,
    Known,
    OnDate,
    OneOf,
    Share,
    Test,
    Trend,
    ValueOf,
    last_days,
)

# The longest window there is, in days.
MAX_WINDOW_DAYS = 730
# Answered from what is kept ready; any other window is computed when it is first asked for.
READY_WINDOWS = (1, 7, 14, 30, 60, 90, 180, 365)


class ValueType(StrEnum):
    """What a gene's (or an attribute's) value is, which decides what may be said of it."""

    NUMBER = "number"
    MONEY = "money"
    # 0 to 1.
    RATIO = "ratio"
    CATEGORY = "category"
    LIST = "list"
    KEYWORDS = "keywords"
    PRODUCTS = "products"
    # Category to a number of 0 to 100.
    MAP = "map"
    DATE = "date"


_NUMERIC: tuple[type[Test], ...] = (Compare, Between, AgainstYardstick, Share, Known)

TESTS: Mapping[ValueType, tuple[type[Test], ...]] = {
    ValueType.NUMBER: _NUMERIC,
    ValueType.MONEY: _NUMERIC,
    ValueType.RATIO: _NUMERIC,
    ValueType.CATEGORY: (OneOf, Known),
    ValueType.LIST: (Contains, Known),
    ValueType.KEYWORDS: (Contains, Known),
    ValueType.PRODUCTS: (Contains, Known),
    ValueType.MAP: (ValueOf, Trend, Known),
    ValueType.DATE: (OnDate, DaysSince, AnniversaryWithin, InMonth, Known),
}

_NUMERIC_OPERATORS = (
    *("=", "!=", "<", "<=", ">", ">=", "between"),
    *("above_mean", "below_mean", "above_median", "below_median", "top_percent", "bottom_percent"),
)
_LIST_OPERATORS = ("contains_any", "contains_all", "contains_none")
_KNOWN = ("is_known", "is_unknown")

# The same in words, for screens and documents.
OPERATORS: Mapping[ValueType, tuple[str, ...]] = {
    ValueType.NUMBER: (*_NUMERIC_OPERATORS, *_KNOWN),
    ValueType.MONEY: (*_NUMERIC_OPERATORS, *_KNOWN),
    ValueType.RATIO: (*_NUMERIC_OPERATORS, *_KNOWN),
    ValueType.CATEGORY: ("one_of", "not_one_of", *_KNOWN),
    ValueType.LIST: (*_LIST_OPERATORS, *_KNOWN),
    ValueType.KEYWORDS: (*_LIST_OPERATORS, "part", *_KNOWN),
    ValueType.PRODUCTS: (*_LIST_OPERATORS, "by_category", *_KNOWN),
    ValueType.MAP: ("of", "rising", "falling", *_KNOWN),
    ValueType.DATE: (
        *("before", "after", "on", "in_last_days", "more_than_days_ago", "anniversary_within_days", "month"),
        *_KNOWN,
    ),
}


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages."""

    zh: str
    en: str


class GeneGroup(StrEnum):
    """The catalogue's four parts."""

    VISIT = "visit"
    INTEREST = "interest"
    VALUE = "value"
    MEMBERSHIP = "membership"


GROUPS: Mapping[GeneGroup, Words] = {
    GeneGroup.VISIT: Words("造訪行為", "Visit"),
    GeneGroup.INTEREST: Words("興趣與意圖", "Interest & intent"),
    GeneGroup.VALUE: Words("消費價值", "Value"),
    GeneGroup.MEMBERSHIP: Words("會員與管道", "Membership & channel"),
}


class Chart(StrEnum):
    """How a gene's distribution is drawn."""

    HISTOGRAM = "histogram"
    BARS = "bars"
    WEEKDAYS = "weekdays"
    HOURS = "hours"
    TIMELINE = "timeline"


@dataclass(frozen=True, slots=True)
class Windows:
    """How far back a gene with a window looks where nobody says, and at most."""

    default_days: int
    max_days: int = MAX_WINDOW_DAYS

    @property
    def bounded(self) -> bool:
        """Whether it takes no "all time"."""
        return self.max_days < MAX_WINDOW_DAYS


@dataclass(frozen=True, slots=True)
class Gene:
    """One of the catalogue; ids never change."""

    number: int
    id: str
    name: Words
    group: GeneGroup
    type: ValueType
    # What a number counts, as it stands behind it; empty for what has none.
    unit: Words
    chart: Chart
    definition: Words
    example: GeneCondition
    # None: it has no window.
    windows: Windows | None = None
    # Where only some values exist: each with its name, in order.
    choices: Mapping[str, Words] | None = None
    # Where numbers have bounds.
    bounds: tuple[Decimal, Decimal] | None = None
    # Whether values are category paths "a > b", of which each contains its descendants.
    category_paths: bool = False


def example_of(gene: str, test: Test, days: int | None = None) -> GeneCondition:
    """A condition as a marketer might begin with it."""
    return GeneCondition(gene, test, None if days is None else last_days(days))
