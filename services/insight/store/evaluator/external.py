"""Conditions on external genes: values by nid, and which profiles nids belong to."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
from pyroaring import BitMap

from chassis.clickhouse import ClickHouse
from services.insight.domain.external.people import Folded, folded, passing, told, yardstick_of
from services.insight.domain.segments.tree import (
    AgainstYardstick,
    Changed,
    ExternalCondition,
    Share,
    last_days,
)
from services.insight.evaluation import Sources
from services.insight.store.evaluator.asked import Asked
from services.insight.store.evaluator.people import owners, profiles_in


class External:
    """Of one tenant at one moment; `everybody` are those who are asked for."""

    def __init__(self, clickhouse: ClickHouse, sources: Sources, asked: Asked, everybody: BitMap) -> None:
        self._clickhouse = clickhouse
        self._sources = sources
        self._asked = asked
        self._profile_ids = np.array(everybody, np.uint32)

    async def fulfilling(self, node: ExternalCondition) -> BitMap:
        test = node.test
        if isinstance(test, Changed):
            return await self._changed(node.gene, test)
        people = await self._people(node.gene)
        relative = isinstance(test, AgainstYardstick | Share)
        laid = yardstick_of(people.values[people.known]) if relative else None
        return BitMap(self._profile_ids[passing(people, test, self._asked.today, laid)])

    async def values(self, gene: str) -> Mapping[int, Any]:
        """By profile id; who has none is not there."""
        return told(await self._people(gene), self._profile_ids)

    async def _people(self, gene: str) -> Folded:
        asked = self._asked
        held = await self._sources.held(asked.tenant_id, gene, asked.moment.now_ms)
        mine = await owners(self._clickhouse, asked, held.column.nids)
        size = self._profile_ids.size
        places = np.searchsorted(self._profile_ids, mine)
        inside = np.minimum(places, max(size - 1, 0))
        nobody = np.ones(mine.size, np.bool_) if not size else self._profile_ids[inside] != mine
        return folded(held.column, np.where(nobody, size, places).astype(np.uint32), size)

    async def _changed(self, gene: str, test: Changed) -> BitMap:
        asked = self._asked
        begins = datetime.fromtimestamp(asked.span(last_days(test.days))["begins_ms"] / 1000, UTC)
        until = datetime.fromtimestamp(asked.moment.now_ms / 1000, UTC)
        found = BitMap()
        for became in await self._sources.became(asked.tenant_id, gene, begins, until):
            found.update(became.history.became(test.before, test.after))
        return await profiles_in(self._clickhouse, asked, found)
