"""The promise that both evaluators of segments keep: compiled loops in memory, and SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pyroaring import BitMap

from services.insight.domain.external.columns import Became, Held
from services.insight.domain.genes.yardsticks import Yardstick
from services.insight.domain.segments.answers import Evaluation
from services.insight.domain.segments.tree import EventCondition, GoalCondition, Node


@dataclass(frozen=True, slots=True)
class Moment:
    """What an answer is of: everything up to a place of identity's stream, and the "now" of its windows.

    Equal moments give equal answers, whoever evaluates.
    """

    position: int
    now_ms: int


@dataclass(frozen=True, slots=True)
class Laid:
    """A yardstick, how old it is, and who laid it: "memory" or "store"."""

    yardstick: Yardstick
    age_seconds: float
    by: str


class Sources(Protocol):
    """What trees refer to beside events. All raise what errors.py promises for what is not there."""

    async def tree(self, tenant_id: str, segment_id: str) -> Node:
        """A saved segment as it is now."""

    async def snapshot(self, tenant_id: str, snapshot_id: str) -> BitMap:
        """nids of a frozen snapshot's members."""

    async def listed(self, tenant_id: str, list_id: str) -> BitMap:
        """nids of an uploaded list."""

    async def goal(self, tenant_id: str, node: GoalCondition) -> EventCondition:
        """What reaching a goal is, as it is now."""

    async def held(self, tenant_id: str, gene_id: str, now_ms: int) -> Held:
        """An external gene's values as of a moment."""

    async def became(
        self, tenant_id: str, gene_id: str, since: datetime, until: datetime
    ) -> Sequence[Became]:
        """What changes between two moments, both included, made of them."""


class Evaluator(Protocol):
    """Answers trees that validation.py has passed."""

    async def evaluate(self, tenant_id: str, root: Node, moment: Moment) -> Evaluation:
        """Everybody in the tree, and every node's count. Cancelled: nothing of it goes on."""

    async def evaluate_many(
        self, tenant_id: str, roots: Sequence[Node], moment: Moment
    ) -> Sequence[Evaluation]:
        """The same for several trees of one moment; what they share is computed once."""
