"""A tenant's goals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.database import open_transaction
from services.insight.domain.goals import MAX_GOALS, Goal
from services.insight.domain.segments.documents import text_of, tree_from
from services.insight.domain.segments.names import key_of
from services.insight.domain.segments.tree import AllTime, EventCondition, EventStep
from services.insight.errors import GoalInUse, GoalNameTaken, GoalNotFound, TooManyGoals

_COLUMNS = "goal_id::text, name, description, tests::text, value_property, created_at, changed_at, changed_by"
_ONE = sa.text(f"select {_COLUMNS} from goals where tenant_id = :tenant_id and goal_id::text = :goal_id")
_PAGE = sa.text(
    f"select {_COLUMNS} from goals where tenant_id = :tenant_id "
    "and (name_key, goal_id::text) > (:name_key, :goal_id) order by name_key, goal_id::text limit :size"
)
_COUNT = sa.text("select count(*) from goals where tenant_id = :tenant_id")
_NAMED = sa.text("select goal_id::text from goals where tenant_id = :tenant_id and name_key = :name_key")
_ADD = sa.text("""
insert into goals (
    tenant_id, goal_id, name, name_key, description, event, tests, value_property, changed_by
) values (
    :tenant_id, :goal_id, :name, :name_key, :description, :event, cast(:tests as json), :value_property,
    :actor
) on conflict (tenant_id, goal_id) do nothing
""")
_SET = sa.text("""
update goals set name = :name, name_key = :name_key, description = :description, event = :event,
    tests = cast(:tests as json), value_property = :value_property, changed_by = :actor, changed_at = now()
where tenant_id = :tenant_id and goal_id::text = :goal_id
""")
_DELETE = sa.text("delete from goals where tenant_id = :tenant_id and goal_id::text = :goal_id")
_USERS = sa.text("""
select name from segments where tenant_id = :tenant_id and :goal_id = any (uses) order by name limit 20
""")
_FORGET = sa.text("delete from goals where tenant_id = :tenant_id")
# Changes of one tenant wait for one another, and for changes of segments, which may name goals.
_LOCK = sa.text("select pg_advisory_xact_lock(hashtextextended('segments ' || :tenant_id, 0))")


@dataclass(frozen=True, slots=True)
class SavedGoal:
    """A goal as stored."""

    goal_id: str
    goal: Goal
    created_at: datetime
    changed_at: datetime
    changed_by: str


class GoalStore:
    """A tenant's goals, by id."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def load(self, tenant_id: str, goal_id: str) -> SavedGoal:
        """Raises GoalNotFound."""
        async with open_transaction(self._engine, tenant_id) as connection:
            return await _load(connection, tenant_id, goal_id)

    async def page(self, tenant_id: str, after: tuple[str, str], size: int) -> Sequence[SavedGoal]:
        """By name, those behind (name, id); ("", "") is the beginning."""
        name, goal_id = after
        key = {"tenant_id": tenant_id, "name_key": key_of(name), "goal_id": goal_id, "size": size}
        async with open_transaction(self._engine, tenant_id) as connection:
            return [_saved(row._mapping) for row in await connection.execute(_PAGE, key)]

    async def add(self, tenant_id: str, goal_id: str, goal: Goal, actor: str) -> SavedGoal:
        """The goal, made now or when this was asked before; raises GoalNameTaken, TooManyGoals."""
        async with open_transaction(self._engine, tenant_id) as connection:
            await connection.execute(_LOCK, {"tenant_id": tenant_id})
            await _refuse_taken(connection, tenant_id, goal.name, goal_id)
            await connection.execute(_ADD, _row(tenant_id, goal_id, goal, actor))
            if (await connection.execute(_COUNT, {"tenant_id": tenant_id})).scalar_one() > MAX_GOALS:
                raise TooManyGoals("There are as many goals as there may be.", limit=MAX_GOALS)
            return await _load(connection, tenant_id, goal_id)

    async def change(self, tenant_id: str, goal_id: str, goal: Goal, actor: str) -> SavedGoal:
        """Raises GoalNotFound, GoalNameTaken."""
        async with open_transaction(self._engine, tenant_id) as connection:
            await connection.execute(_LOCK, {"tenant_id": tenant_id})
            await _load(connection, tenant_id, goal_id)
            await _refuse_taken(connection, tenant_id, goal.name, goal_id)
            await connection.execute(_SET, _row(tenant_id, goal_id, goal, actor))
            return await _load(connection, tenant_id, goal_id)

    async def delete(self, tenant_id: str, goal_id: str) -> None:
        """Raises GoalNotFound, or GoalInUse while a segment names it."""
        key = {"tenant_id": tenant_id, "goal_id": goal_id}
        async with open_transaction(self._engine, tenant_id) as connection:
            await connection.execute(_LOCK, {"tenant_id": tenant_id})
            await _load(connection, tenant_id, goal_id)
            users = (await connection.execute(_USERS, key)).scalars().all()
            if users:
                raise GoalInUse("Segments use this goal.", used_by=", ".join(users)[:1_000])
            await connection.execute(_DELETE, key)

    async def forget(self, tenant_id: str) -> None:
        """Delete all of a tenant."""
        async with open_transaction(self._engine, tenant_id) as connection:
            await connection.execute(_FORGET, {"tenant_id": tenant_id})


async def _load(connection: AsyncConnection, tenant_id: str, goal_id: str) -> SavedGoal:
    row = (await connection.execute(_ONE, {"tenant_id": tenant_id, "goal_id": goal_id})).one_or_none()
    if row is None:
        raise GoalNotFound("There is no such goal.", goal_id=goal_id[:64])
    return _saved(row._mapping)


async def _refuse_taken(connection: AsyncConnection, tenant_id: str, name: str, goal_id: str) -> None:
    taken = await connection.scalar(_NAMED, {"tenant_id": tenant_id, "name_key": key_of(name)})
    if taken not in (None, goal_id):
        raise GoalNameTaken("Another goal has this name.", goal_id=taken)


def _row(tenant_id: str, goal_id: str, goal: Goal, actor: str) -> dict[str, Any]:
    return {
        "tenant_id": tenant_id,
        "goal_id": goal_id,
        "name": goal.name,
        "name_key": key_of(goal.name),
        "description": goal.description,
        "event": goal.step.event,
        "tests": _document(goal.step),
        "value_property": goal.value_property,
        "actor": actor,
    }


def _document(step: EventStep) -> str:
    """As a tree of one condition: the one stored form that there is."""
    return text_of(EventCondition(step, AllTime()))


def _saved(row: RowMapping) -> SavedGoal:
    stored = tree_from(row["tests"])
    assert isinstance(stored, EventCondition)
    goal = Goal(row["name"], row["description"], stored.step, row["value_property"])
    return SavedGoal(row["goal_id"], goal, row["created_at"], row["changed_at"], row["changed_by"])
