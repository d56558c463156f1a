"""What a tenant's live segments are made of, and what else decides who is in them."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import open_transaction
from services.insight.domain.segments.documents import tree_from
from services.insight.domain.segments.tree import Node

_SEGMENTS = sa.text(
    "select segment_id::text, number, archived_at is null, tree::text from segments "
    "where tenant_id = :tenant_id"
)
_NAMED = sa.text(
    "select list_id::text, version::text from lists where tenant_id = :tenant_id union all "
    "select goal_id::text, changed_at::text from goals where tenant_id = :tenant_id union all "
    "select gene_id::text, number::text from external_genes where tenant_id = :tenant_id"
)


@dataclass(frozen=True, slots=True)
class SavedTree:
    """A segment's newest version; an archived one may still be named by others."""

    number: int
    live: bool
    text: str

    @property
    def tree(self) -> Node:
        return tree_from(self.text)


@dataclass(frozen=True, slots=True)
class Definitions:
    """By id."""

    segments: dict[str, SavedTree]
    # Of lists, goals and external genes, which version is in force.
    named: dict[str, str]


class DefinitionStore:
    """Of all tenants, one at a time."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def load(self, tenant_id: str) -> Definitions:
        async with open_transaction(self._engine, tenant_id) as connection:
            segments = (await connection.execute(_SEGMENTS, {"tenant_id": tenant_id})).all()
            named = (await connection.execute(_NAMED, {"tenant_id": tenant_id})).all()
        return Definitions(
            {row[0]: SavedTree(*row[1:]) for row in segments},
            {name: str(version) for name, version in named},
        )
