"""Both evaluators as one, which says who answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from services.insight.domain.segments.answers import Evaluation
from services.insight.domain.segments.tree import Node, Window
from services.insight.evaluation import Evaluator, Moment
from services.insight.population import NotInMemory


class Telling(Evaluator, Protocol):
    """An evaluator that tells values of genes too."""

    async def values(
        self,
        tenant_id: str,
        gene: str,
        window: Window | None,
        profile_ids: Sequence[int] | None,
        moment: Moment,
    ) -> Mapping[int, Any]:
        """Of everybody, or of these profiles as far as they are somebody; None where it is unknown."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Evaluations in the order asked for; `by` is "memory" or "store"."""

    evaluations: Sequence[Evaluation]
    by: str


class Evaluators:
    """An Evaluator: memory answers what it can, the store whatever its size."""

    def __init__(self, memory: Telling, store: Telling) -> None:
        self._memory = memory
        self._store = store

    async def answer(self, tenant_id: str, roots: Sequence[Node], moment: Moment) -> Answered:
        try:
            return Answered(await self._memory.evaluate_many(tenant_id, roots, moment), "memory")
        except NotInMemory:
            return Answered(await self._store.evaluate_many(tenant_id, roots, moment), "store")

    async def evaluate(self, tenant_id: str, root: Node, moment: Moment) -> Evaluation:
        return (await self.answer(tenant_id, [root], moment)).evaluations[0]

    async def evaluate_many(
        self, tenant_id: str, roots: Sequence[Node], moment: Moment
    ) -> Sequence[Evaluation]:
        return (await self.answer(tenant_id, roots, moment)).evaluations

    async def values(
        self,
        tenant_id: str,
        gene: str,
        window: Window | None,
        profile_ids: Sequence[int] | None,
        moment: Moment,
    ) -> Mapping[int, Any]:
        try:
            return await self._memory.values(tenant_id, gene, window, profile_ids, moment)
        except NotInMemory:
            return await self._store.values(tenant_id, gene, window, profile_ids, moment)
