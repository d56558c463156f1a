"""Both evaluators as one, which says who answered."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from services.insight.domain.catalogue import Gene
from services.insight.domain.conversions import Numbers
from services.insight.domain.distributions import Distribution, distribution
from services.insight.domain.segments.answers import Evaluation
from services.insight.domain.segments.tree import Node, Window
from services.insight.evaluation import Evaluator, Laid, Moment
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

    async def brought(
        self, tenant_id: str, gene_id: str, profile_ids: Sequence[int] | None, moment: Moment
    ) -> Mapping[int, Any]:
        """The same of an external gene."""

    async def borrows_cycle(self, tenant_id: str, profile_id: int, moment: Moment) -> bool:
        """Whether the profile's repurchase cycle is the tenant's."""

    async def yardstick(self, tenant_id: str, gene: str, window: Window | None, moment: Moment) -> Laid:
        """What relative conditions on a gene of numbers are laid on."""


class Explaining(Telling, Protocol):
    """One that tells of a single person without looking at everybody."""

    async def fulfilled(
        self, tenant_id: str, nodes: Sequence[Node], profile_id: int, moment: Moment
    ) -> Sequence[bool] | None:
        """Whether each tree contains the profile; None where it is nobody."""


class Reading(Explaining, Protocol):
    """One that reads whatever is asked for anew."""

    async def numbers(self, tenant_id: str, gene: str, window: Window | None, moment: Moment) -> Numbers:
        """Everybody's known numbers."""


class Remembering(Explaining, Protocol):
    """One that lays values on yardsticks for a while."""

    async def values_of(
        self,
        tenant_id: str,
        asked: Sequence[tuple[str, Window | None]],
        profile_ids: Sequence[int] | None,
        moment: Moment,
    ) -> Sequence[Mapping[int, Any]]:
        """The values of several genes, in one turn."""

    def renew_yardsticks(self, tenant_id: str) -> int:
        """Have the next answer make them anew: so many there were."""

    async def distribution(
        self, tenant_id: str, gene: Gene, window: Window | None, most: int, moment: Moment
    ) -> Distribution:
        """How everybody's values of a gene lie."""

    async def numbers_then(
        self, tenant_id: str, gene: str, window: Window | None, on: date, moment: Moment
    ) -> Numbers | None:
        """Everybody's at the end of a past local day; None where columns do not know them any more."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Evaluations in the order asked for; `by` is "memory" or "store"."""

    evaluations: Sequence[Evaluation]
    by: str


class Evaluators:
    """An Evaluator: memory answers what it can, the store whatever its size."""

    def __init__(self, memory: Remembering, store: Reading) -> None:
        self._memory = memory
        self._store = store

    async def answer(self, tenant_id: str, roots: Sequence[Node], moment: Moment) -> Answered:
        try:
            return Answered(await self._memory.evaluate_many(tenant_id, roots, moment), "memory")
        except NotInMemory:
            return Answered(await self._store.evaluate_many(tenant_id, roots, moment), "store")

    @property
    def store(self) -> Explaining:
        """For moments that have passed: memory would read the tenant as of then, and forget it."""
        return self._store

    async def fulfilled(
        self, tenant_id: str, nodes: Sequence[Node], profile_id: int, moment: Moment
    ) -> Sequence[bool] | None:
        try:
            return await self._memory.fulfilled(tenant_id, nodes, profile_id, moment)
        except NotInMemory:
            return await self._store.fulfilled(tenant_id, nodes, profile_id, moment)

    def renew_yardsticks(self, tenant_id: str) -> int:
        return self._memory.renew_yardsticks(tenant_id)

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

    async def values_of(
        self,
        tenant_id: str,
        asked: Sequence[tuple[str, Window | None]],
        profile_ids: Sequence[int] | None,
        moment: Moment,
    ) -> Sequence[Mapping[int, Any]]:
        try:
            return await self._memory.values_of(tenant_id, asked, profile_ids, moment)
        except NotInMemory:
            told = (self._store.values(tenant_id, *one, profile_ids, moment) for one in asked)
            return await asyncio.gather(*told)

    async def brought(
        self, tenant_id: str, gene_id: str, profile_ids: Sequence[int] | None, moment: Moment
    ) -> Mapping[int, Any]:
        try:
            return await self._memory.brought(tenant_id, gene_id, profile_ids, moment)
        except NotInMemory:
            return await self._store.brought(tenant_id, gene_id, profile_ids, moment)

    async def distribution(
        self, tenant_id: str, gene: Gene, window: Window | None, most: int, moment: Moment
    ) -> Distribution:
        try:
            return await self._memory.distribution(tenant_id, gene, window, most, moment)
        except NotInMemory:
            values = await self._store.values(tenant_id, gene.id, window, None, moment)
            # Not in the loop: a large tenant has millions of values.
            return await asyncio.to_thread(distribution, gene, values.values(), most)

    async def numbers_then(
        self, tenant_id: str, gene: str, window: Window | None, then: tuple[date, Moment], moment: Moment
    ) -> Numbers:
        """Everybody's known numbers at the end of a past local day, which `then` names twice."""
        on, end = then
        with suppress(NotInMemory):
            found = await self._memory.numbers_then(tenant_id, gene, window, on, moment)
            if found is not None:
                return found
        return await self._store.numbers(tenant_id, gene, window, end)

    async def borrows_cycle(self, tenant_id: str, profile_id: int, moment: Moment) -> bool:
        try:
            return await self._memory.borrows_cycle(tenant_id, profile_id, moment)
        except NotInMemory:
            return await self._store.borrows_cycle(tenant_id, profile_id, moment)

    async def yardstick(self, tenant_id: str, gene: str, window: Window | None, moment: Moment) -> Laid:
        try:
            return await self._memory.yardstick(tenant_id, gene, window, moment)
        except NotInMemory:
            return await self._store.yardstick(tenant_id, gene, window, moment)
