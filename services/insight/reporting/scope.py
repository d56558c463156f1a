"""Of whom a report is: a saved segment, and who was first seen in a window of days."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from services.insight.domain.segments.tree import (
    Compare,
    GeneCondition,
    InSegment,
    Node,
    OnDate,
    Op,
    Window,
)

# Who reached a goal in a window so many times or more; an order is the goal of most tenants.
Reached = Callable[[Window, int], Node]


@dataclass(frozen=True, slots=True)
class Scope:
    """None: everybody. Days are local and included."""

    segment_id: str | None = None
    first_seen_from: date | None = None
    first_seen_to: date | None = None

    @property
    def filters(self) -> tuple[Node, ...]:
        """What everybody in the report fulfils."""
        found: list[Node] = []
        if self.segment_id is not None:
            found.append(InSegment(self.segment_id))
        found.extend(days_within("first_seen_on", self.first_seen_from, self.first_seen_to))
        return tuple(found)


def days_within(gene: str, first_on: date | None, last_on: date | None) -> tuple[Node, ...]:
    """Conditions that a date gene lies on one of these days; None leaves an end open."""
    found: list[Node] = []
    if first_on is not None:
        found.append(GeneCondition(gene, OnDate("after", first_on - timedelta(1))))
    if last_on is not None:
        found.append(GeneCondition(gene, OnDate("before", last_on + timedelta(1))))
    return tuple(found)


def ordered(window: Window, times: int) -> Node:
    """Who ordered so often."""
    return GeneCondition("orders", at_least(times), window)


def visited(window: Window, times: int) -> Node:
    """Who was active on so many days."""
    return GeneCondition("active_days", at_least(times), window)


def at_least(times: int) -> Compare:
    return Compare(Op.GE, Decimal(times))
