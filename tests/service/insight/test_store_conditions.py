"""What only the store knows is asked of people who are new, and holds for the others in whichever layer."""

import random
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from pyroaring import BitMap

from services.insight import population_kept, population_layers
from services.insight.compiled import CompiledEvaluator
from services.insight.domain.segments.tree import Compare, EventCondition, EventStep, Node, Op, last_days
from services.insight.evaluation import Moment
from services.insight.population import Population
from services.insight.store.evaluator import SqlEvaluator
from tests.conftest import Engines
from tests.contract.evaluator_shops import open_mall
from tests.gene_histories import Story
from tests.gene_reference import History, Settings
from tests.gene_reference.told import NOW, bought, days
from tests.service.insight.told import Told

_TWICE = EventCondition(EventStep("order_completed"), last_days(30), Compare(Op.EQ, Decimal(2)))
_NOW_MS = round(NOW.timestamp() * 1000)
_PEOPLE, _STEPS = 60, 40


class _Counting(SqlEvaluator):
    """Remembers of how many nids each condition was asked; None is everybody."""

    asked: list[int | None]

    async def condition(
        self, tenant_id: str, node: Node, moment: Moment, nids: Sequence[int] | None = None
    ) -> BitMap:
        self.asked.append(None if nids is None else len(nids))
        return await super().condition(tenant_id, node, moment, nids)


@pytest.mark.parametrize("seed", [1, 2])
async def test_people_are_asked_about_once(engines: Engines, seed: int, monkeypatch: Any) -> None:
    # Layers become part of others with almost every step, and of the base every now and then.
    monkeypatch.setattr(population_layers, "_TOP_PEOPLE", 1)
    monkeypatch.setattr(population_layers, "_TIMES", 2)
    monkeypatch.setattr(population_kept, "_REBASE_PEOPLE", 20)
    monkeypatch.setattr(population_kept, "_REBASE_SHARE", 0.0)
    chance = random.Random(seed)
    async with open_mall(engines) as mall:
        told = Told(mall.clickhouse)
        told.tenant_id = (await mall.open_shop(Story(History(), Settings(), _NOW_MS))).tenant_id
        store = _Counting(mall.clickhouse, mall.tenants, mall.shelf)
        store.asked = []
        memory = CompiledEvaluator(Population(mall.clickhouse, mall.tenants, 500), store, mall.shelf)
        for step in range(_STEPS):
            position = step + 1
            nids = range(1, _PEOPLE + 1) if step == 0 else chance.sample(range(1, _PEOPLE + 1), 2)
            events = [bought(f"{step} {nid}", days(1 + step % 9), nid=nid) for nid in nids]
            numbered = tuple(replace(one, position=position, row=row) for row, one in enumerate(events))
            await told.tell(History(numbered), position - 1, position)
            # Not after each: what is known is that of a layer some steps ago.
            if step % 3 == 0:
                moment = Moment(position, _NOW_MS)
                by_memory = await memory.evaluate(told.tenant_id, _TWICE, moment)
                by_store = await SqlEvaluator(mall.clickhouse, mall.tenants, mall.shelf).evaluate(
                    told.tenant_id, _TWICE, moment
                )
                assert set(by_memory.members) == set(by_store.members)
            elif step % 3 == 1:
                await memory.sets(told.tenant_id, [], Moment(position, _NOW_MS))
        await memory.aclose()
    # Of everybody at first; then of the few who bought since.
    first, *later = store.asked
    assert first in (None, _PEOPLE)
    assert later
    assert all(asked is not None and asked <= 6 for asked in later)
