"""How up to eight sets of people overlap, every region at once and as of one moment."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.insight.compiled import CompiledEvaluator, Sets
from services.insight.domain.genes.bits import packed
from services.insight.domain.genes.facts import I8
from services.insight.domain.overlaps import (
    MAX_SETS,
    Inside,
    key_of,
    region_tree,
    regions,
    tallied,
    union_tree,
)
from services.insight.domain.segments.tree import All, AnyOf, Node, Not
from services.insight.domain.segments.validation import problems_of
from services.insight.errors import OverlapNotValid
from services.insight.evaluation import Evaluator, Moment
from services.insight.population import NotInMemory
from services.insight.tree_types import TreeTypes
from services.insight.valid_trees import require_valid

_EVERYBODY = All(())


@dataclass(frozen=True, slots=True)
class Part:
    """Some people of the picture, and the tree that gives exactly them."""

    tree: Node
    profiles: int
    members: int


@dataclass(frozen=True, slots=True)
class Region:
    """People who are in exactly these sets."""

    inside: Inside
    part: Part


@dataclass(frozen=True, slots=True)
class Overlap:
    """`sets` as asked for; `regions` of single sets first. `by` is "memory" or "store"."""

    sets: Sequence[Part]
    regions: Sequence[Region]
    union: Part
    everybody: int
    by: str
    yardstick_age_seconds: float | None


class Overlaps:
    """In memory from the bits of the sets; in the store as the trees of all regions.

    Without `types`, tests are not held against the types of the tenant's own values.
    """

    def __init__(self, memory: CompiledEvaluator, store: Evaluator, types: TreeTypes | None = None) -> None:
        self._memory = memory
        self._store = store
        self._types = types

    async def of(self, tenant_id: str, sets: Sequence[Node], moment: Moment) -> Overlap:
        await self._require_valid(tenant_id, sets)
        try:
            found = await self._memory.sets(tenant_id, [_EVERYBODY, *sets], moment)
        except NotInMemory:
            return await self._stored(tenant_id, sets, moment)
        table, everybody = await asyncio.to_thread(_counted, found)
        ages = [age for age in found.ages if age is not None]
        return _overlap(sets, table, everybody, "memory", max(ages, default=None))

    async def _stored(self, tenant_id: str, sets: Sequence[Node], moment: Moment) -> Overlap:
        insides = list(regions(len(sets)))
        trees = [region_tree(sets, inside) for inside in insides]
        evaluations = await self._store.evaluate_many(tenant_id, trees, moment)
        table = np.zeros((1 << len(sets), 2), np.int64)
        for inside, one in zip(insides, evaluations, strict=True):
            table[key_of(inside)] = one.size.visitors, one.size.members
        ages = [one.yardstick_age_seconds for one in evaluations if one.yardstick_age_seconds is not None]
        return _overlap(sets, table, evaluations[0].everybody, "store", max(ages, default=None))

    async def _require_valid(self, tenant_id: str, sets: Sequence[Node]) -> None:
        """Each by itself, and the trees of all regions."""
        if not 1 <= len(sets) <= MAX_SETS:
            raise OverlapNotValid(f"Compare 1 to {MAX_SETS} sets.", sets=len(sets), limit=MAX_SETS)
        together = AnyOf(tuple(sets))
        require_valid(together, await self._types.of(tenant_id, together) if self._types else None)
        problems = problems_of(All(tuple(Not(node) for node in sets)))
        if problems and len(sets) > 1:
            raise OverlapNotValid(
                f"Together: {problems[0].detail} Save sets as segments and compare those.", sets=len(sets)
            )


def _counted(found: Sets) -> tuple[I8, int]:
    """The table of `tallied`, of all layers, and how many people there are at all."""
    told = []
    for bits in found.bits:
        if isinstance(bits, Exception):
            raise bits
        told.append(bits)
    total = np.zeros((256, 2), np.int64)
    everybody = 0
    for layer, *sets in zip(found.view.layers, *told, strict=True):
        total += tallied(sets[1:], packed(layer.loaded.facts.people.member))
        everybody += int(np.bitwise_count(sets[0].view(np.uint64)).sum(dtype=np.int64))
    return total, everybody


def _overlap(
    sets: Sequence[Node], table: I8, everybody: int, by: str, yardstick_age_seconds: float | None
) -> Overlap:
    keys = np.arange(len(table))

    def part(tree: Node, rows: I8) -> Part:
        visitors, members = (int(number) for number in rows.reshape(-1, 2).sum(axis=0))
        return Part(tree, visitors + members, members)

    return Overlap(
        [part(node, table[keys >> index & 1 == 1]) for index, node in enumerate(sets)],
        [
            Region(inside, part(region_tree(sets, inside), table[key_of(inside)]))
            for inside in regions(len(sets))
        ],
        part(union_tree(sets), table[1:]),
        everybody,
        by,
        yardstick_age_seconds,
    )
