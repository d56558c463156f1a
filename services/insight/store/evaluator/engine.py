"""Evaluates segments by questions to ClickHouse: of any size, and the reference of every other evaluator."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pyroaring import BitMap

from chassis.clickhouse import ClickHouse
from services.insight.domain.conversions import Numbers
from services.insight.domain.genes.norms import RELATIVE
from services.insight.domain.segments.answers import Evaluation
from services.insight.domain.segments.tree import All, Node, Window
from services.insight.evaluation import Laid, Moment, Sources
from services.insight.store.evaluator.answering import Answering
from services.insight.store.evaluator.asked import Asked
from services.insight.store.evaluator.external import External
from services.insight.store.evaluator.people import load_everybody, load_kinds, load_nids, load_profiles
from services.insight.store.evaluator.value import borrowing_cycles
from services.insight.store.tenants import Tenants

# So few people are read by themselves; their identifiers travel in the address of the request.
_FEW = 100


class SqlEvaluator:
    """An Evaluator. It keeps nothing: what is relative to the tenant is computed anew for every question."""

    def __init__(self, clickhouse: ClickHouse, tenants: Tenants, sources: Sources) -> None:
        self._clickhouse = clickhouse
        self._tenants = tenants
        self._sources = sources

    async def evaluate(self, tenant_id: str, root: Node, moment: Moment) -> Evaluation:
        """Everybody in the tree, and every node's count."""
        return (await self.evaluate_many(tenant_id, [root], moment))[0]

    async def evaluate_many(
        self, tenant_id: str, roots: Sequence[Node], moment: Moment
    ) -> Sequence[Evaluation]:
        """The same for several trees; a condition that several have is asked once."""
        asked = await self._asked(tenant_id, moment)
        answering, kinds = await asyncio.gather(self._answering(asked), load_kinds(self._clickhouse, asked))
        return [await answering.evaluation(root, kinds) for root in roots]

    async def condition(
        self, tenant_id: str, node: Node, moment: Moment, nids: Sequence[int] | None = None
    ) -> BitMap:
        """Profile ids of one condition or tree; with `nids`, which are all of some people, of these only.

        What compares people with the tenant's others must not be asked of some.
        """
        asked = await self._asked(tenant_id, moment)
        answering = await self._answering(asked if nids is None else replace(asked, nids=nids))
        return await answering.members(node)

    async def fulfilled(
        self, tenant_id: str, nodes: Sequence[Node], profile_id: int, moment: Moment
    ) -> Sequence[bool] | None:
        """Whether each tree contains the profile; None where it is nobody.

        Only what compares it with others reads more than its own rows.
        """
        asked = await self._asked(tenant_id, moment)
        own = replace(asked, nids=await load_nids(self._clickhouse, asked, [profile_id]))
        alone, among = await self._answering(own), None
        if profile_id not in await alone.members(All(())):
            return None
        found = []
        for node in nodes:
            answering = alone
            if await alone.compares(node):
                answering = among = among or await self._answering(asked)
            found.append(profile_id in await answering.members(node))
        return found

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
        asked = await self._asked(tenant_id, moment)
        if profile_ids is not None and len(profile_ids) <= _FEW and gene not in RELATIVE:
            asked = replace(asked, nids=await load_nids(self._clickhouse, asked, profile_ids))
        return await (await self._answering(asked)).values(gene, window, profile_ids)

    async def brought(
        self, tenant_id: str, gene_id: str, profile_ids: Sequence[int] | None, moment: Moment
    ) -> Mapping[int, Any]:
        """The same of an external gene."""
        asked = await self._asked(tenant_id, moment)
        everybody = await load_everybody(self._clickhouse, asked)
        wanted = everybody if profile_ids is None else everybody & BitMap(profile_ids)
        told = await External(self._clickhouse, self._sources, asked, wanted).values(gene_id)
        return {one: told.get(one) for one in wanted}

    async def numbers(self, tenant_id: str, gene: str, window: Window | None, moment: Moment) -> Numbers:
        """Everybody's known numbers, as columns."""
        return await (await self._answering(await self._asked(tenant_id, moment))).numbers(gene, window)

    async def borrows_cycle(self, tenant_id: str, profile_id: int, moment: Moment) -> bool:
        """Whether the profile's repurchase cycle is the tenant's."""
        asked = await self._asked(tenant_id, moment)
        asked = replace(asked, nids=await load_nids(self._clickhouse, asked, [profile_id]))
        return profile_id in await load_profiles(self._clickhouse, asked, borrowing_cycles(asked))

    async def yardstick(self, tenant_id: str, gene: str, window: Window | None, moment: Moment) -> Laid:
        """Of the moment itself."""
        answering = await self._answering(await self._asked(tenant_id, moment))
        return Laid(await answering.yardstick(gene, window), 0.0, "store")

    async def _asked(self, tenant_id: str, moment: Moment) -> Asked:
        tenant = await self._tenants.load(tenant_id)
        return Asked(tenant_id, moment, tenant.time_zone, tenant.rates, tenant.rules)

    async def _answering(self, asked: Asked) -> Answering:
        everybody = await load_everybody(self._clickhouse, asked)
        return Answering(self._clickhouse, self._sources, asked, everybody)
