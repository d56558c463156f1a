"""Goals: events that a tenant has named, so that they count where otherwise only orders would."""

from dataclasses import dataclass
from decimal import Decimal

from services.insight.domain.segments.tree import (
    Between,
    Compare,
    EventCondition,
    EventStep,
    GeneCondition,
    GoalCondition,
    Node,
    Op,
    Window,
)

# The goal that everybody has without naming it.
ORDER = ""
ONCE = Compare(Op.GE, Decimal(1))
MAX_GOALS = 200


@dataclass(frozen=True, slots=True)
class Goal:
    """An event with tests of its properties; `value_property` is the path of what it is worth, or ""."""

    name: str
    description: str
    step: EventStep
    value_property: str = ""


def reaching(goal_id: str, window: Window, times: Compare | Between = ONCE) -> Node:
    """Who reached a goal so often in a window."""
    if goal_id == ORDER:
        return GeneCondition("orders", times, window)
    return GoalCondition(goal_id, window, times)


def opened(goal: Goal, node: GoalCondition) -> EventCondition:
    """What a condition on a goal asks of events."""
    return EventCondition(goal.step, node.window, node.times)
