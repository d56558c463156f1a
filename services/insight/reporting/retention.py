"""Who came back: cohorts by their first period, and who was active in each period after it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from services.insight.domain.segments.tree import All, Dates, Node, Not
from services.insight.domain.segments.validation import FIRST_ON
from services.insight.reporting.number import among
from services.insight.reporting.scope import Reached, days_within

MOST_PERIODS = 24
MONTH, WEEK = "month", "week"


@dataclass(frozen=True, slots=True)
class Period:
    """Local days, both included; `over` is false while today is one of them."""

    first_on: date
    last_on: date
    over: bool

    @property
    def window(self) -> Dates:
        return Dates(self.first_on, self.last_on)


@dataclass(frozen=True, slots=True)
class Cohort:
    """Who began in a period, and those of them who were active in it (cells[0]) and in each one after."""

    period: Period
    began: Node
    cells: Sequence[tuple[Period, Node]]


def periods(unit: str, count: int, today: date) -> list[Period]:
    """The last ones, today's included; weeks begin on Mondays."""
    starts = [_start(unit, today)]
    for _ in range(count - 1):
        starts.append(_start(unit, starts[-1] - timedelta(1)))
    starts = [*reversed(starts), _after(unit, today)]
    return [
        Period(first_on, following - timedelta(1), over=following <= today)
        for first_on, following in pairwise(starts)
    ]


def cohorts(
    found: Sequence[Period], filters: Sequence[Node], beginning: Callable[[Period], Node], active: Reached
) -> list[Cohort]:
    """One a period; its cells end with the present one."""
    answer = []
    for place, period in enumerate(found):
        beginners = among(beginning(period), *filters)
        cells = [(later, among(active(later.window, 1), *_parts(beginners))) for later in found[place:]]
        answer.append(Cohort(period, beginners, cells))
    return answer


def began(did: Reached) -> Callable[[Period], Node]:
    """Who did something for the first time in a period."""

    def first_in(period: Period) -> Node:
        before = Dates(FIRST_ON, period.first_on - timedelta(1))
        return All((did(period.window, 1), Not(did(before, 1))))

    return first_in


def joined(period: Period) -> Node:
    """Who became a member in a period."""
    return All(days_within("member_since_on", period.first_on, period.last_on))


def _parts(node: Node) -> tuple[Node, ...]:
    return node.nodes if isinstance(node, All) else (node,)


def _start(unit: str, on: date) -> date:
    return on.replace(day=1) if unit == MONTH else on - timedelta(on.weekday())


def _after(unit: str, on: date) -> date:
    """The first day of the next period."""
    if unit == WEEK:
        return _start(unit, on) + timedelta(7)
    return (on.replace(day=1) + timedelta(31)).replace(day=1)
