"""Evaluates segments by compiled loops over people in memory."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Protocol, TypeVar

import numpy as np

from services.insight.compiled_answers import Answering, Asked, Means
from services.insight.compiled_kept import Kept
from services.insight.compiled_lies import lies, numbers_then
from services.insight.compiled_values import Teller
from services.insight.domain.catalogue import Gene
from services.insight.domain.conversions import Numbers
from services.insight.domain.distributions import Distribution
from services.insight.domain.genes.bits import Bits, is_set
from services.insight.domain.segments.answers import Evaluation
from services.insight.domain.segments.tree import Node, Window
from services.insight.evaluation import Laid, Moment, Sources
from services.insight.loops import Loops
from services.insight.population import View

T = TypeVar("T")


class People(Protocol):
    """Whose columns are in memory."""

    async def view(self, tenant_id: str, moment: Moment) -> View:
        """Raises NotInMemory."""

    async def close(self) -> None:
        """Stop what goes on in the background."""


@dataclass(frozen=True, slots=True)
class Sets:
    """Bits of some trees over one view, in the order asked for, or why a tree has none.

    `ages` are those of the yardsticks that each was laid on, `seconds` what each took.
    """

    view: View
    bits: Sequence[Bits | Exception]
    ages: Sequence[float | None]
    seconds: Sequence[float]


class CompiledEvaluator:
    """An Evaluator. Raises NotInMemory where memory cannot answer."""

    def __init__(self, population: People, store: Asked, sources: Sources) -> None:
        self._population = population
        self._means = Means(Loops(), Kept(), store, sources)
        self._teller = Teller()

    async def evaluate(self, tenant_id: str, root: Node, moment: Moment) -> Evaluation:
        return (await self.evaluate_many(tenant_id, [root], moment))[0]

    async def evaluate_many(
        self, tenant_id: str, roots: Sequence[Node], moment: Moment
    ) -> Sequence[Evaluation]:
        answering = await self._answering(tenant_id, moment)
        return [await answering.evaluation(root) for root in roots]

    async def sets(
        self, tenant_id: str, roots: Sequence[Node], moment: Moment, patience_seconds: float = 30.0
    ) -> Sets:
        """Who answers each tree, as bits; a tree that fails or takes too long does not stop the others."""
        answering = await self._answering(tenant_id, moment)
        found: list[Bits | Exception] = []
        ages: list[float | None] = []
        seconds = []
        for root in roots:
            started = time.monotonic()
            bits, age = await answering.told(root, patience_seconds)
            found.append(bits)
            ages.append(age)
            seconds.append(time.monotonic() - started)
        return Sets(answering.view, found, ages, seconds)

    async def fulfilled(
        self, tenant_id: str, nodes: Sequence[Node], profile_id: int, moment: Moment
    ) -> Sequence[bool] | None:
        """Whether each tree contains the profile; None where it is nobody."""
        found = await self.sets(tenant_id, nodes, moment)
        told: list[Bits] = []
        for bits in found.bits:
            if isinstance(bits, Exception):
                raise bits
            told.append(bits)
        asked = np.array([profile_id], np.uint32)
        for index, layer in enumerate(found.view.layers):
            places = layer.loaded.folding.places_of(asked)
            if places.size and not layer.hidden[places[0]]:
                return [is_set(bits[index], int(places[0])) for bits in told]
        return None

    async def values(
        self,
        tenant_id: str,
        gene: str,
        window: Window | None,
        profile_ids: Sequence[int] | None,
        moment: Moment,
    ) -> Mapping[int, Any]:
        """Of everybody, or of these profiles as far as they are somebody; None where it is unknown.

        Lists are frozensets of texts, a map is a dict, money is a Decimal.
        """
        return (await self.values_of(tenant_id, [(gene, window)], profile_ids, moment))[0]

    async def values_of(
        self,
        tenant_id: str,
        asked: Sequence[tuple[str, Window | None]],
        profile_ids: Sequence[int] | None,
        moment: Moment,
    ) -> Sequence[Mapping[int, Any]]:
        """The same of several genes, in one turn."""
        answering = await self._answering(tenant_id, moment)
        layers, found = answering.view.layers, list[Mapping[int, Any]]()

        def told(gene: str, window: Window | None) -> None:
            norms = answering.norms(gene, window)
            found.append(self._teller.values(layers, (gene, window), profile_ids, moment.now_ms, norms))

        await self._means.loops.run_all(tenant_id, [partial(told, *one) for one in asked])
        return found

    async def brought(
        self, tenant_id: str, gene_id: str, profile_ids: Sequence[int] | None, moment: Moment
    ) -> Mapping[int, Any]:
        """The same of an external gene."""
        layers = (await self._answering(tenant_id, moment)).view.layers
        held, brought = await self._means.sources.held(tenant_id, gene_id, moment.now_ms), self._means.brought
        return await self.run(tenant_id, lambda: brought.values(layers, gene_id, held, profile_ids))

    async def distribution(
        self, tenant_id: str, gene: Gene, window: Window | None, most: int, moment: Moment
    ) -> Distribution:
        """How everybody's values of a gene lie."""
        answering = await self._answering(tenant_id, moment)
        return await self.run(tenant_id, lambda: lies(answering, gene, window, most))

    async def numbers_then(
        self, tenant_id: str, gene: str, window: Window | None, on: date, moment: Moment
    ) -> Numbers | None:
        """Everybody's at the end of a past local day; None where columns do not know them any more."""
        answering = await self._answering(tenant_id, moment)
        return await self.run(tenant_id, lambda: numbers_then(answering, gene, window, on))

    async def borrows_cycle(self, tenant_id: str, profile_id: int, moment: Moment) -> bool:
        """Whether the profile's repurchase cycle is the tenant's."""
        layers = (await self._answering(tenant_id, moment)).view.layers
        return await self.run(
            tenant_id, lambda: self._teller.borrows_cycle(layers, profile_id, moment.now_ms)
        )

    async def yardstick(self, tenant_id: str, gene: str, window: Window | None, moment: Moment) -> Laid:
        """What relative conditions on a gene of numbers are laid on."""
        answering = await self._answering(tenant_id, moment)
        measure = await self.run(tenant_id, lambda: answering.yardstick(gene, window))
        assert measure.yardstick is not None
        return Laid(measure.yardstick, measure.age_seconds, "memory")

    def renew_yardsticks(self, tenant_id: str) -> int:
        """Have the next answer make them anew: so many there were."""
        return self._means.kept.forget_measures(tenant_id)

    async def run(self, tenant_id: str, act: Callable[[], T]) -> T:
        """What an act on the tenant's columns returns, in turn with the tenant's questions."""
        return await self._means.loops.run(tenant_id, act)

    async def aclose(self) -> None:
        """Stop what goes on in the background."""
        await self._population.close()
        self._means.loops.close()

    async def _answering(self, tenant_id: str, moment: Moment) -> Answering:
        view = await self._population.view(tenant_id, moment)
        return Answering(self._means, view, tenant_id, moment)
