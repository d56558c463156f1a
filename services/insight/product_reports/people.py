"""Of whom a report is, in memory or in the store, and the trees of its numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from pyroaring import BitMap

from services.insight.compiled import CompiledEvaluator
from services.insight.domain.genes.bits import unpacked
from services.insight.domain.genes.facts import Flags
from services.insight.domain.product_reports.open_products import Span
from services.insight.domain.segments.tree import (
    All,
    Contains,
    DaysAgo,
    GeneCondition,
    InSegment,
    Mode,
    Node,
    last_days,
)
from services.insight.errors import ProductReportNotValid
from services.insight.evaluation import Evaluator, Moment
from services.insight.population import Layer, NotInMemory
from services.insight.reporting.number import among

_EVERYBODY = All(())


@dataclass(frozen=True, slots=True)
class Some:
    """Whom a report counts: of each layer in memory a flag a person; without layers the store is asked.

    `profiles` are their ids where everybody is not meant, and the store is asked.
    """

    layers: Sequence[tuple[Layer, Flags]] | None
    profiles: BitMap | None = None
    everybody: bool = True

    @property
    def by(self) -> str:
        return "store" if self.layers is None else "memory"

    def profile_ids(self) -> BitMap | None:
        """None: everybody."""
        if self.everybody or self.layers is None:
            return self.profiles
        found = BitMap()
        for layer, wanted in self.layers:
            found.update(layer.profile_id[wanted])
        return found


class Chosen:
    """Finds the people of a report; memory first."""

    def __init__(self, memory: CompiledEvaluator, store: Evaluator) -> None:
        self._memory = memory
        self._store = store

    async def people(self, tenant_id: str, segment_id: str | None, moment: Moment) -> Some:
        tree = _EVERYBODY if segment_id is None else InSegment(segment_id)
        try:
            found = await self._memory.sets(tenant_id, [tree], moment)
        except NotInMemory:
            if segment_id is None:
                return Some(None)
            return Some(None, (await self._store.evaluate(tenant_id, tree, moment)).members, everybody=False)
        bits = found.bits[0]
        if isinstance(bits, Exception):
            raise bits
        layers = zip(found.view.layers, bits, strict=True)
        return Some(
            [(layer, unpacked(some, layer.profile_id.size)) for layer, some in layers],
            everybody=segment_id is None,
        )


def span_of(layer: Layer, window: DaysAgo, moment: Moment) -> Span:
    today = layer.columns.today(moment.now_ms)
    return Span(today - window.first, today - window.last, moment.now_ms)


def tree_of(gene: str, value: str, window: DaysAgo, segment_id: str | None) -> Node:
    """Whose list of that gene has the value."""
    node = GeneCondition(gene, Contains(Mode.ANY, (value,)), window)
    return node if segment_id is None else among(node, InSegment(segment_id))


def window_of(days: int, most: int) -> DaysAgo:
    if not 1 <= days <= most:
        raise ProductReportNotValid(f"Look back 1 to {most} days.", days=days, limit=most)
    return last_days(days)
