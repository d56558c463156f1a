"""The steps of naming goals, and what it means to have reached one."""

from collections.abc import Sequence
from dataclasses import replace

from services.insight.domain.goals import ONCE, ORDER, Goal, reaching
from services.insight.domain.segments.names import LIMITS, TextNotValid, cleaned
from services.insight.domain.segments.tree import (
    AllTime,
    Between,
    Compare,
    EventCondition,
    EventStep,
    Known,
    Node,
    PropertyTest,
    Window,
)
from services.insight.errors import GoalTextNotValid
from services.insight.store.goals import GoalStore, SavedGoal
from services.insight.valid_trees import require_valid


class Goals:
    """A tenant's goals; the goal "" is an order, which everybody has."""

    def __init__(self, store: GoalStore) -> None:
        self._store = store

    async def reached(
        self, tenant_id: str, goal_id: str, window: Window, times: Compare | Between = ONCE
    ) -> Node:
        """The condition that somebody reached a goal so often in a window; raises GoalNotFound."""
        if goal_id != ORDER:
            await self._store.load(tenant_id, goal_id)
        return reaching(goal_id, window, times)

    async def get(self, tenant_id: str, goal_id: str) -> SavedGoal:
        """Raises GoalNotFound."""
        return await self._store.load(tenant_id, goal_id)

    async def page(self, tenant_id: str, after: tuple[str, str], size: int) -> Sequence[SavedGoal]:
        """By name."""
        return await self._store.page(tenant_id, after, size)

    async def create(self, tenant_id: str, goal_id: str, goal: Goal, actor: str) -> SavedGoal:
        """`goal_id` is a UUID of the caller's choice: asked again, it answers the same."""
        return await self._store.add(tenant_id, goal_id, _checked(goal), actor)

    async def change(self, tenant_id: str, goal_id: str, goal: Goal, actor: str) -> SavedGoal:
        """Segments and reports that name it follow."""
        return await self._store.change(tenant_id, goal_id, _checked(goal), actor)

    async def delete(self, tenant_id: str, goal_id: str) -> None:
        """Raises GoalInUse while a segment names it."""
        await self._store.delete(tenant_id, goal_id)


def _checked(goal: Goal) -> Goal:
    """Raises GoalTextNotValid for its words, SegmentNotValid for its event, tests or value."""
    worth = (PropertyTest(goal.value_property, Known()),) if goal.value_property else ()
    # Checked as the condition that it becomes; what it is worth is a property like any other.
    require_valid(EventCondition(EventStep(goal.step.event, (*goal.step.where, *worth)), AllTime()))
    return replace(goal, name=_text("name", goal.name), description=_text("description", goal.description))


def _text(field: str, sent: str) -> str:
    try:
        return cleaned(field, sent)
    except TextNotValid as error:
        raise GoalTextNotValid(f"The {field} {error}.", field=field, limit=LIMITS[field]) from error
