"""Previews through gRPC and through HTTP: quiet, and while the live load runs."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

from bench.client import percentile
from bench.figures import Figures
from bench.insight.doors import Doors, as_json, open_doors
from bench.insight.live_load import live_load
from bench.insight.trees import Trees
from bench.insight.world import World
from bench.system import System
from services.insight.domain.segments.tree import Node

_COLD_TREES = 25
# Neither door is asked for what was asked for at another, nor with load for what was without.
_SEEDS = {"grpc": 500, "http": 600}
_EDITS_OF_EACH = 4
# After a start all genes are derived beside the first questions, which may wait for one of them.
_SETTLING_SECONDS = 20.0
# Marketers think between two steps; without a pause the load would be of previews.
_PAUSE_SECONDS = 0.1


def measure_served(system: System, world: World, figures: Figures, label: str) -> None:
    """As insight.preview_{grpc,http}... without load, insight.preview_loaded_{grpc,http}... with it."""
    for loaded in (False, True):
        load = live_load(system, world.tenant, 41) if loaded else contextlib.nullcontext()
        with load:
            asyncio.run(_through_both(system, world, figures, ("_loaded" if loaded else "", label)))


async def _through_both(system: System, world: World, figures: Figures, kind: tuple[str, str]) -> None:
    loaded, label = kind
    async with open_doors(system, world.tenant) as doors:
        await doors.until_in_memory(Trees(1).tree())
        if not loaded:
            began = time.perf_counter()
            first, _ = await _timed_previews(_by_grpc(doors), Trees(_SEEDS["grpc"] - 1))
            figures.add(f"insight.preview_after_start_max_ms_{label}", first[-1] * 1000, "ms")
            await asyncio.sleep(max(0.0, began + _SETTLING_SECONDS - time.perf_counter()))
        for door, ask in (("grpc", _by_grpc(doors)), ("http", _by_http(doors))):
            cold, edited = await _timed_previews(ask, Trees(_SEEDS[door] + len(loaded)))
            name = f"insight.preview{loaded}_{door}"
            figures.add(f"{name}_cold_p95_ms_{label}", percentile(cold, 0.95) * 1000, "ms")
            figures.add(f"{name}_p95_ms_{label}", percentile(edited, 0.95) * 1000, "ms")


async def _timed_previews(
    ask: Callable[[Node], Awaitable[str]], trees: Trees
) -> tuple[list[float], list[float]]:
    cold: list[float] = []
    edited: list[float] = []
    by: set[str] = set()
    for _ in range(_COLD_TREES):
        tree = trees.tree()
        for turn in range(1 + _EDITS_OF_EACH):
            began = time.perf_counter()
            by.add(await ask(tree))
            (edited if turn else cold).append(time.perf_counter() - began)
            tree = trees.edited(tree)
            await asyncio.sleep(_PAUSE_SECONDS)
    if by != {"memory"}:
        print(f"not always answered from memory: {sorted(by)}", flush=True)
    return sorted(cold), sorted(edited)


def _by_grpc(doors: Doors) -> Callable[[Node], Awaitable[str]]:
    async def ask(tree: Node) -> str:
        return (await doors.preview(tree)).answered_by

    return ask


def _by_http(doors: Doors) -> Callable[[Node], Awaitable[str]]:
    async def ask(tree: Node) -> str:
        return str((await doors.post("/v1/segments/preview", {"tree": as_json(tree)}))["answered_by"])

    return ask
