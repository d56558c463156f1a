"""Regions of an overlap: whoever counts them, they make up the union, and each is what its tree says."""

import contextlib
from collections.abc import AsyncIterator

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from services.insight.compiled import CompiledEvaluator
from services.insight.domain.genes.bits import packed
from services.insight.domain.overlaps import key_of, region_tree, regions, tallied
from services.insight.domain.segments.tree import All, GeneCondition, InSegment, Known, Node, Not, last_days
from services.insight.domain.segments.validation import problems_of
from services.insight.errors import OverlapNotValid, SegmentNotValid
from services.insight.overlaps import Overlap, Overlaps
from services.insight.population import NotInMemory, Population
from services.insight.store.evaluator import SqlEvaluator
from tests.conftest import Engines
from tests.contract.evaluator_shops import Mall, Shop, open_mall
from tests.gene_histories import Story, crowd, stories
from tests.gene_reference import Saved, evaluate
from tests.gene_trees import gene_conditions, references, saved, trees

BOUGHT = GeneCondition("orders", Known(), last_days(30))
quick = settings(
    max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,)
)


@pytest.fixture(scope="module")
async def mall(engines: Engines) -> AsyncIterator[Mall]:
    async with open_mall(engines) as opened:
        yield opened


def counters(mall: Mall, by: str) -> Overlaps:
    """With less than no room in memory the store answers, however few people there are."""
    megabytes = 1000 if by == "memory" else -1
    store = SqlEvaluator(mall.clickhouse, mall.tenants, mall.shelf)
    return Overlaps(
        CompiledEvaluator(Population(mall.clickhouse, mall.tenants, megabytes), store, mall.shelf), store
    )


async def overlap(overlaps: Overlaps, shop: Shop, sets: list[Node], by: str) -> Overlap:
    """Asked again until people are read into memory, as a busy machine takes its time."""
    for _ in range(12):
        with contextlib.suppress(NotInMemory):
            found = await overlaps.of(shop.tenant_id, sets, shop.moment)
            if found.by == by:
                return found
    raise AssertionError(f"never answered by {by}")


def agrees(found: Overlap, shop: Shop, sets: list[Node], kept: Saved) -> None:
    """Every number is the reference's count of its tree, and the regions are the union in pieces."""
    reference = shop.reference
    parts = [*found.sets, found.union, *(one.part for one in found.regions)]
    for part in parts:
        people = evaluate(reference, part.tree, kept)[()]
        assert (part.profiles, part.members) == (len(people), len(people & reference.members))
    assert [part.tree for part in found.sets] == sets
    assert found.union.profiles == sum(one.part.profiles for one in found.regions)
    assert found.union.members == sum(one.part.members for one in found.regions)
    assert len({one.inside for one in found.regions}) == 2 ** len(sets) - 1
    for index, part in enumerate(found.sets):
        assert part.profiles == sum(one.part.profiles for one in found.regions if index in one.inside)
    assert found.everybody == len(reference.everybody)


def valid(node: Node) -> bool:
    return not problems_of(Not(node))


@pytest.mark.parametrize("by", ["memory", "store"])
@quick
@given(
    story=stories(),
    sets=st.lists(trees(gene_conditions(), references()).filter(valid), min_size=1, max_size=3),
    kept=saved(),
)
async def test_regions_of_any_sets_are_what_their_trees_say(
    mall: Mall, by: str, story: Story, sets: list[Node], kept: Saved
) -> None:
    shop = await mall.open_shop(story, kept)
    agrees(await overlap(counters(mall, by), shop, sets, by), shop, sets, kept)


async def test_eight_sets_have_255_regions_in_memory_and_in_the_store(mall: Mall) -> None:
    shop = await mall.open_shop(crowd(seed=3, nids=150, events=2_000))
    sets: list[Node] = [
        GeneCondition(gene, Known(), last_days(days))
        for gene, days in (
            ("viewed_categories", 90),
            ("viewed_brands", 30),
            ("search_keywords", 365),
            ("viewed_not_bought", 90),
            ("abandoned_cart", 90),
            ("bought_categories", 365),
            ("content_topics", 365),
            ("avg_order_value", 365),
        )
    ]
    in_memory = await overlap(counters(mall, "memory"), shop, sets, "memory")
    agrees(in_memory, shop, sets, Saved())
    in_store = await overlap(counters(mall, "store"), shop, sets, "store")
    assert in_store.regions == in_memory.regions
    assert in_store.union.profiles > 0
    assert sum(one.part.profiles > 0 for one in in_store.regions) > 20


async def test_too_many_sets_or_none_are_refused(mall: Mall) -> None:
    shop = await mall.open_shop(crowd(seed=3, nids=5, events=10))
    overlaps = counters(mall, "store")
    for wrong in ([], [BOUGHT] * 9):
        with pytest.raises(OverlapNotValid):
            await overlaps.of(shop.tenant_id, wrong, shop.moment)
    with pytest.raises(SegmentNotValid):
        await overlaps.of(shop.tenant_id, [BOUGHT, All(())], shop.moment)


def test_regions_of_two_sets() -> None:
    """By hand: 5 people in the first, 4 in the second, 2 of them in both."""
    a, b = InSegment("a"), InSegment("b")
    first = np.array([1, 1, 1, 0, 0, 1, 0, 0, 0, 1], np.bool_)
    second = np.array([0, 1, 1, 1, 1, 0, 0, 0, 0, 0], np.bool_)
    members = np.array([1, 1, 0, 0, 1, 0, 1, 0, 0, 0], np.bool_)
    table = tallied([packed(first), packed(second)], packed(members))
    assert list(regions(2)) == [(0,), (1,), (0, 1)]
    assert {inside: tuple(table[key_of(inside)]) for inside in regions(2)} == {
        (0,): (2, 1),
        (1,): (1, 1),
        (0, 1): (1, 1),
    }
    assert region_tree([a, b], (1,)) == All((b, Not(a)))
