"""Answers the nodes of trees for one tenant at one moment, each node once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import reduce
from typing import Any

import numpy as np
import pyarrow as pa
from pyroaring import BitMap

from chassis.background import side_by_side
from chassis.clickhouse import ClickHouse
from services.insight.domain.catalogue import GENE_BY_ID, ValueType
from services.insight.domain.conversions import Numbers
from services.insight.domain.genes.bits import ids
from services.insight.domain.genes.facts import UNIT
from services.insight.domain.genes.norms import RELATIVE
from services.insight.domain.genes.yardsticks import Yardstick, yardstick_of_counts
from services.insight.domain.segments.answers import Evaluation, Size
from services.insight.domain.segments.tree import (
    AgainstYardstick,
    All,
    AnyOf,
    AttributeCondition,
    Contains,
    Dates,
    DaysAgo,
    Difference,
    EventCondition,
    ExternalCondition,
    GeneCondition,
    GoalCondition,
    InList,
    InSegment,
    InSnapshot,
    Node,
    Not,
    SequenceCondition,
    Share,
    Test,
    Trend,
    ValueOf,
    Window,
    children,
    walk,
)
from services.insight.evaluation import Sources
from services.insight.store.evaluator import interest, membership, value, visits
from services.insight.store.evaluator.asked import Asked, Sql
from services.insight.store.evaluator.attributes import attribute
from services.insight.store.evaluator.external import External
from services.insight.store.evaluator.gene import Gene, Shape
from services.insight.store.evaluator.occurrences import occurrences, sequence
from services.insight.store.evaluator.people import Kinds, load_profiles, profiles_in
from services.insight.store.evaluator.predicates import Condition, condition, of_map
from services.insight.store.evaluator.thresholds import Histogram, compared
from services.insight.store.question import question

GENES: Mapping[str, Gene] = visits.GENES | interest.GENES | value.GENES | membership.GENES


class Answering:
    """Cancelled, it asks nothing more, and what the store works on already ends."""

    def __init__(self, clickhouse: ClickHouse, sources: Sources, asked: Asked, everybody: BitMap) -> None:
        self._clickhouse = clickhouse
        self._sources = sources
        self._asked = asked
        self._everybody = everybody
        self._known: dict[Node, BitMap] = {}
        # What saved segments and goals are.
        self._trees: dict[Node, Node] = {}

    async def evaluation(self, root: Node, kinds: Kinds) -> Evaluation:
        members, moment = await self.members(root), self._asked.moment
        return Evaluation(
            lambda: members,
            Size(
                len(members),
                members.intersection_cardinality(kinds.members),
                {name: members.intersection_cardinality(some) for name, some in kinds.reachable.items()},
            ),
            {path: len(self._members(node)) for path, node in walk(root)},
            len(self._everybody),
            moment.position,
            moment.now_ms,
            0.0 if await self.compares(root) else None,
        )

    async def compares(self, root: Node) -> bool:
        """Whether the tree compares people with the tenant's others."""
        return any(_is_relative(node) for node in await self._nodes(root))

    async def members(self, root: Node) -> BitMap:
        leaves = {node for node in await self._nodes(root) if node not in self._known and _is_asked(node)}
        async with side_by_side() as tasks:
            for leaf in leaves:
                tasks.create_task(self._ask(leaf))
        return self._members(root)

    async def values(
        self, gene_id: str, window: Window | None, profile_ids: Sequence[int] | None
    ) -> Mapping[int, Any]:
        """Of everybody, or of those of these profiles who are somebody."""
        gene, everybody = GENES[gene_id], self._everybody
        wanted = everybody if profile_ids is None else everybody & BitMap(profile_ids)
        sql = await self._sql(gene, window)
        columns = "person, key, value" if gene.shape is Shape.MAP else "person, value"
        among = "true" if profile_ids is None else _AMONG
        query = question(self._asked.narrowed(f"select {columns} from ({sql.text}) where {among}"))
        values = {**self._asked.values, **sql.values, "profile_ids": list(profile_ids or ())}
        answer = await self._clickhouse.fetch(query, self._asked.tenant_id, **values)
        found: dict[int, Any] = dict.fromkeys(wanted, _absent(gene))
        if gene.shape is Shape.MAP:
            found = {profile_id: {} for profile_id in wanted}
        for person, *told in answer.rows:
            if person not in wanted:
                continue
            if gene.shape is Shape.MAP:
                found[person][told[0]] = told[1]
            else:
                found[person] = frozenset(told[0]) if isinstance(told[0], list) else told[0]
        return found

    async def numbers(self, gene_id: str, window: Window | None) -> Numbers:
        """Of everybody whose number is known."""
        gene, everybody = GENES[gene_id], ids(self._everybody)
        sql = await self._sql(gene, window)
        query = question(f"select toUInt32(person), toFloat64(value) from ({sql.text})")
        whose, values = [np.empty(0, np.uint32)], [np.empty(0, np.float64)]

        def take(block: pa.RecordBatch) -> None:
            whose.append(block.column(0).to_numpy(zero_copy_only=False))
            values.append(block.column(1).to_numpy(zero_copy_only=False))

        bound = {**self._asked.values, **sql.values}
        await self._clickhouse.read(query, self._asked.tenant_id, take, **bound)
        people, told = np.concatenate(whose), np.concatenate(values)
        there = np.isin(people, everybody)
        people, told = people[there], told[there]
        if isinstance(gene.absent, int):
            absent = np.setdiff1d(everybody, people, assume_unique=True)
            people = np.concatenate([people, absent])
            told = np.concatenate([told, np.full(absent.size, float(gene.absent))])
        return Numbers(people, told)

    async def yardstick(self, gene_id: str, window: Window | None) -> Yardstick:
        """Of everybody's known numbers."""
        gene = GENES[gene_id]
        told = await self._histogram(gene, window)
        people = np.array([count for _, count in told], np.int64)
        if gene.shape is Shape.RATIO:
            return yardstick_of_counts(np.array([float(value) for value, _ in told]), people)
        scale = UNIT if GENE_BY_ID[gene_id].type is ValueType.MONEY else 1
        values = np.array([int(value * scale) for value, _ in told], np.int64)
        return yardstick_of_counts(values, people, scale)

    # --- trees ---------------------------------------------------------------------------------------------

    async def _nodes(self, root: Node) -> list[Node]:
        """Of the tree, and of the saved segments and goals it names."""
        found, waiting, named = list[Node](), [root], set[Node]()
        while waiting:
            for _, node in walk(waiting.pop()):
                found.append(node)
                if isinstance(node, InSegment | GoalCondition) and node not in named:
                    named.add(node)
                    waiting.append(await self._tree(node))
        return found

    async def _tree(self, node: InSegment | GoalCondition) -> Node:
        if node not in self._trees:
            tenant_id = self._asked.tenant_id
            if isinstance(node, InSegment):
                self._trees[node] = await self._sources.tree(tenant_id, node.segment_id)
            else:
                self._trees[node] = await self._sources.goal(tenant_id, node)
        return self._trees[node]

    def _members(self, node: Node) -> BitMap:
        """Once its conditions are known."""
        known = self._known.get(node)
        if known is None:
            known = self._known[node] = self._combined(node)
        return known

    def _combined(self, node: Node) -> BitMap:
        everybody = self._everybody
        if isinstance(node, InSegment | GoalCondition):
            return self._members(self._trees[node])
        parts = [self._members(child) for child in children(node)]
        match node:
            case All():
                return reduce(BitMap.__and__, parts, everybody)
            case AnyOf():
                return BitMap.union(*parts) if parts else BitMap()
            case Not():
                return everybody - parts[0]
            case Difference():
                return reduce(BitMap.__sub__, parts[1:], parts[0]) if parts else BitMap()
            case _:
                raise TypeError(node)

    # --- conditions ----------------------------------------------------------------------------------------

    async def _ask(self, node: Node) -> None:
        self._known[node] = await self._profiles(node) & self._everybody

    async def _profiles(self, node: Node) -> BitMap:
        clickhouse, asked, tenant_id = self._clickhouse, self._asked, self._asked.tenant_id
        match node:
            case GeneCondition(gene, test, window, as_of):
                then = self if as_of is None else self._at_end_of(as_of)
                return await then._fulfilling(GENES[gene], test, window, keywords=gene == "search_keywords")
            case AttributeCondition(name, test):
                return await self._fulfilling(attribute(name, test), test, None)
            case EventCondition(_, window, times):
                return await self._fulfilling(occurrences(node), times, window)
            case SequenceCondition():
                return await load_profiles(clickhouse, asked, sequence(asked, node))
            case ExternalCondition():
                return await External(clickhouse, self._sources, asked, self._everybody).fulfilling(node)
            case InSnapshot(snapshot_id):
                return await profiles_in(
                    clickhouse, asked, await self._sources.snapshot(tenant_id, snapshot_id)
                )
            case InList(list_id):
                return await profiles_in(clickhouse, asked, await self._sources.listed(tenant_id, list_id))
            case _:
                raise TypeError(node)

    def _at_end_of(self, as_of: DaysAgo | Dates) -> "Answering":
        """Of the same people as they were then: who there is depends on no time."""
        asked = self._asked
        ends_ms = asked.span(as_of)["ends_ms"]
        then = replace(asked, moment=replace(asked.moment, now_ms=ends_ms - 1))
        return Answering(self._clickhouse, self._sources, then, self._everybody)

    async def _fulfilling(
        self, gene: Gene, test: Test, window: Window | None, *, keywords: bool = False
    ) -> BitMap:
        if isinstance(test, AgainstYardstick | Share):
            against = compared(test, await self._histogram(gene, window))
            if against is None:
                return BitMap()
            test = against
        by_category = isinstance(test, Contains) and test.by_category and gene.by_category is not None
        sql = await self._sql(gene, window, by_category=by_category)
        if isinstance(test, ValueOf | Trend):
            held = of_map(test)
        else:
            shape = Shape.PATHS if by_category else gene.shape
            held = condition(test, shape, gene.absent, self._asked.today, keywords=keywords)
        return await self._held(sql, held)

    async def _held(self, sql: Sql, held: Condition) -> BitMap:
        both = Sql(sql.text, {**sql.values, **held.values})
        if held.absent:
            unlike = await load_profiles(self._clickhouse, self._asked, both, f"not ({held.sql})")
            return self._everybody - unlike
        return await load_profiles(self._clickhouse, self._asked, both, held.sql)

    async def _sql(self, gene: Gene, window: Window | None, *, by_category: bool = False) -> Sql:
        source = gene.by_category if by_category and gene.by_category is not None else gene.sql
        sql = source(self._asked, window)
        if gene.ahead is None:
            return sql
        rows = await self._rows(gene.ahead.sql(self._asked, window))
        return Sql(sql.text, {**sql.values, **gene.ahead.read(rows)})

    async def _histogram(self, gene: Gene, window: Window | None) -> Histogram:
        """Of the known values; 0 of whoever has no row is one."""
        sql = await self._sql(gene, window)
        rows = await self._rows(Sql(f"select value, count() from ({sql.text}) group by value", sql.values))
        people: dict[Decimal, int] = {}
        for told, count in rows:
            number = Decimal(repr(told)) if isinstance(told, float) else Decimal(told)
            people[number] = people.get(number, 0) + int(count)
        absent = len(self._everybody) - sum(people.values())
        if isinstance(gene.absent, int) and absent:
            people[Decimal(gene.absent)] = people.get(Decimal(gene.absent), 0) + absent
        return sorted(people.items())

    async def _rows(self, sql: Sql) -> Sequence[Sequence[Any]]:
        answer = await self._clickhouse.fetch(
            question(self._asked.narrowed(sql.text)),
            self._asked.tenant_id,
            **{**self._asked.values, **sql.values},
        )
        return answer.rows


_AMONG = "has({profile_ids:Array(UInt32)}, person)"


def _absent(gene: Gene) -> Any:
    return frozenset() if gene.absent == () else gene.absent


def _is_asked(node: Node) -> bool:
    """Whether a node is a question to the store: all but groups, saved segments and goals."""
    return not isinstance(node, All | AnyOf | Not | Difference | InSegment | GoalCondition)


def _is_relative(node: Node) -> bool:
    if isinstance(node, GeneCondition) and node.gene in RELATIVE:
        return True
    return isinstance(node, GeneCondition | AttributeCondition | ExternalCondition) and isinstance(
        node.test, AgainstYardstick | Share
    )
