"""Whoever tells the values of the 31 genes: they are those of the reference, whatever was sent."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.insight.compiled import CompiledEvaluator
from services.insight.domain.catalogue import GENES as CATALOGUE
from services.insight.domain.days import begins_at
from services.insight.domain.distributions import distribution
from services.insight.domain.genes.conditions import NUMBERS
from services.insight.domain.segments.tree import AllTime, DaysAgo, Window, last_days
from services.insight.evaluation import Moment
from services.insight.evaluators import Evaluators, Telling
from services.insight.population import Population
from services.insight.store.evaluator import SqlEvaluator
from tests.conftest import Engines
from tests.contract.evaluator_shops import Mall, Shop, open_mall
from tests.gene_histories import Story, crowd
from tests.gene_oddities import odd
from tests.gene_reference import GENES, WINDOWED, Value

STORIES: dict[str, Story] = {
    "a crowd": crowd(5, nids=40, events=600),
    "an odd crowd": odd(crowd(6, nids=40, events=600), 6),
}
WINDOWS: tuple[Window, ...] = (last_days(30), DaysAgo(400, 1), AllTime())
# The sixth digit may be rounded either way where a float ends in a five.
CLOSE = 1.1e-6
_MEMORY_MB = 1000


@pytest.fixture(scope="module")
async def mall(engines: Engines) -> AsyncIterator[Mall]:
    async with open_mall(engines) as opened:
        yield opened


@pytest.fixture(scope="module", params=STORIES)
async def shop(request: pytest.FixtureRequest, mall: Mall) -> Shop:
    return await mall.open_shop(STORIES[request.param])


@pytest.fixture(params=("sql", "compiled"))
def evaluator(request: pytest.FixtureRequest, mall: Mall) -> Telling:
    store = SqlEvaluator(mall.clickhouse, mall.tenants, mall.shelf)
    if request.param == "sql":
        return store
    return CompiledEvaluator(Population(mall.clickhouse, mall.tenants, _MEMORY_MB), store, mall.shelf)


async def test_everybodys_genes_are_those_of_the_reference(evaluator: Telling, shop: Shop) -> None:
    for gene in sorted(GENES):
        for window in WINDOWS if gene in WINDOWED else (None,):
            found = await evaluator.values(shop.tenant_id, gene, window, None, shop.moment)
            wanted = shop.reference.values(gene, window)
            assert found.keys() == wanted.keys()
            wrong = [(one, found[one], wanted[one]) for one in wanted if not same(found[one], wanted[one])]
            assert wrong == [], (gene, window)


def same(found: Any, wanted: Value) -> bool:
    """Exactly, but for what is rounded to six digits."""
    if isinstance(wanted, float):
        return isinstance(found, int | float) and abs(found - wanted) < CLOSE
    if isinstance(wanted, frozenset):
        return sorted(found) == sorted(map(str, wanted))
    if isinstance(wanted, dict):
        return bool(found.keys() == wanted.keys()) and all(same(found[key], wanted[key]) for key in wanted)
    return bool(found == wanted)


async def test_values_lie_the_same_counted_in_columns_and_one_by_one(mall: Mall, shop: Shop) -> None:
    store = SqlEvaluator(mall.clickhouse, mall.tenants, mall.shelf)
    memory = CompiledEvaluator(Population(mall.clickhouse, mall.tenants, _MEMORY_MB), store, mall.shelf)
    for gene in CATALOGUE:
        for window in WINDOWS if gene.id in WINDOWED else (None,):
            values = shop.reference.values(gene.id, window).values()
            told = [frozenset(map(str, one)) if isinstance(one, frozenset) else one for one in values]
            for most in (3, 20):
                found = await memory.distribution(shop.tenant_id, gene, window, most, shop.moment)
                assert found == distribution(gene, told, most), (gene.id, window, most)
    await memory.aclose()


async def test_numbers_of_a_past_day_are_columns_of_the_references(mall: Mall) -> None:
    story = STORIES["a crowd"]
    on = story.settings.day(story.now_ms) - timedelta(30)
    end_ms = int(begins_at(on + timedelta(1), story.settings.zone).timestamp() * 1000) - 1
    then = await mall.open_shop(replace(story, now_ms=end_ms))
    store = SqlEvaluator(mall.clickhouse, mall.tenants, mall.shelf)
    memory = CompiledEvaluator(Population(mall.clickhouse, mall.tenants, _MEMORY_MB), store, mall.shelf)
    both, moment = Evaluators(memory, store), Moment(then.moment.position, story.now_ms)
    for gene in [gene for gene in CATALOGUE if gene.id in NUMBERS]:
        for window in WINDOWS if gene.id in WINDOWED else (None,):
            found = await both.numbers_then(then.tenant_id, gene.id, window, (on, then.moment), moment)
            shown = dict(zip(found.whose.tolist(), found.values.tolist(), strict=True))
            wanted = then.reference.values(gene.id, window)
            known = {one: float(str(value)) for one, value in wanted.items() if value is not None}
            assert shown == pytest.approx(known), gene.id
    await memory.aclose()
