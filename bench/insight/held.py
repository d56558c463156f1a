"""Generated people in memory, as the evaluator sees them, without a store behind them."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from pyroaring import BitMap

from bench.skewed import NOW_MS
from services.insight.domain.external.columns import Became
from services.insight.domain.external.columns import Held as External
from services.insight.domain.genes.columns import Columns
from services.insight.domain.genes.conditions import prepare
from services.insight.domain.genes.facts import Facts, Rules
from services.insight.domain.money import Rates
from services.insight.domain.segments.tree import EventCondition, GoalCondition, Node
from services.insight.evaluation import Moment
from services.insight.population import Layer, View
from services.insight.store.facts import Ahead, Counting, Dictionaries, Loaded
from services.insight.store.facts_fold import Folding
from services.insight.store.queries.facts_scope import NEVER

TENANT = "00000000-0000-0000-0000-000000000001"
MOMENT = Moment(1, NOW_MS)


class Nobody:
    """Stands where the evaluator asks for what is not in memory: these trees ask for nothing of the kind."""

    def __init__(self) -> None:
        self.trees: dict[str, Node] = {}

    async def condition(
        self, tenant_id: str, node: Node, moment: Moment, nids: Sequence[int] | None = None
    ) -> BitMap:
        raise NotImplementedError(type(node).__name__)

    async def tree(self, tenant_id: str, segment_id: str) -> Node:
        return self.trees[segment_id]

    async def snapshot(self, tenant_id: str, snapshot_id: str) -> BitMap:
        raise NotImplementedError(snapshot_id)

    async def listed(self, tenant_id: str, list_id: str) -> BitMap:
        raise NotImplementedError(list_id)

    async def goal(self, tenant_id: str, node: GoalCondition) -> EventCondition:
        raise NotImplementedError(node.goal_id)

    async def held(self, tenant_id: str, gene_id: str, now_ms: int) -> External:
        raise NotImplementedError(gene_id)

    async def became(
        self, tenant_id: str, gene_id: str, since: datetime, until: datetime
    ) -> Sequence[Became]:
        raise NotImplementedError(gene_id)


class Held:
    """A population that has one view and keeps it."""

    def __init__(self, facts: Facts) -> None:
        columns = Columns(facts, Rules())
        prepare(columns, NOW_MS)
        never = Ahead(np.empty(0, np.int64), np.empty(0, np.uint32))
        lacking_nothing = np.zeros(facts.items.person.size, np.uint8)
        profile_id = facts.people.profile_id
        folding = Folding(profile_id, np.arange(profile_id.size, dtype=np.uint32), profile_id)
        hidden = np.zeros(profile_id.size, np.bool_)
        loaded = Loaded(facts, folding, lacking_nothing, never, Dictionaries())
        counting = Counting("Asia/Taipei", Rates("TWD", ()), Rules())
        layer = Layer(loaded, columns, hidden, 0, NOW_MS)
        self.view_ = View((layer,), MOMENT.position, NOW_MS, NOW_MS, NEVER, counting)

    async def view(self, tenant_id: str, moment: Moment) -> View:
        return self.view_

    async def close(self) -> None:
        """Nothing goes on in the background."""
