"""The same cold previews by plain SQL over flat events, in ClickHouse and in DuckDB: answers and times."""

import asyncio
import time

from bench.figures import Figures
from bench.insight.doors import open_doors
from bench.insight.flat import Flat
from bench.insight.plain_sql import Statement
from bench.insight.trees import Trees
from bench.insight.world import World
from bench.system import System
from services.insight.domain.segments.tree import Node, walk

_TREES = 5


class AnswersDiffer(Exception):
    """Somebody counts otherwise."""


def measure_speedup(system: System, world: World, flat: Flat, figures: Figures, label: str) -> None:
    """Before any other event of the tenant: the flat tables have its history only."""
    asyncio.run(_measure(system, world, flat, (figures, label)))


async def _measure(system: System, world: World, flat: Flat, to: tuple[Figures, str]) -> None:
    trees = Trees(77)
    taken = {"insight": 0.0, "clickhouse": 0.0, "duckdb": 0.0}
    async with open_doors(system, world.tenant) as doors:
        await doors.until_in_memory(trees.tree())
        for _ in range(_TREES):
            tree = trees.tree()
            began = time.perf_counter()
            answer = await doors.preview(tree)
            taken["insight"] += time.perf_counter() - began
            by_path = {tuple(one.path): one.profiles for one in answer.counts}
            counts = (answer.everybody, *(by_path[path] for path, _ in walk(tree)))
            sql = Statement(int(answer.now.ToMilliseconds())).sql(tree)
            for name, ask in (("clickhouse", flat.ask_clickhouse), ("duckdb", flat.ask_duckdb)):
                found, seconds = await asyncio.to_thread(ask, sql)
                taken[name] += seconds
                _require_equal(name, tree, counts, found)
    figures, label = to
    figures.add(f"insight.sql_clickhouse_s_{label}", taken["clickhouse"] / _TREES, "s")
    figures.add(f"insight.sql_duckdb_s_{label}", taken["duckdb"] / _TREES, "s")
    better = min(taken["clickhouse"], taken["duckdb"])
    figures.add("insight.speedup_vs_sql", better / taken["insight"], "times")


def _require_equal(name: str, tree: Node, ours: tuple[int, ...], theirs: tuple[int, ...]) -> None:
    if ours != theirs:
        raise AnswersDiffer(f"{name} counts {theirs}, the preview {ours}: {tree}")
