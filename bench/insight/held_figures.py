"""Previews, set algebra and midnight of the evaluator alone, over generated people in memory."""

import asyncio
import gc
import resource
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

import psutil

from bench.client import percentile
from bench.insight.apart import Sink
from bench.insight.held import MOMENT, TENANT, Held, Nobody
from bench.insight.trees import Trees
from bench.skewed import EVENTS_PER_PERSON, skewed
from services.insight.compiled import CompiledEvaluator
from services.insight.domain.segments.tree import All, AnyOf, Difference, InSegment, Node, Not
from services.insight.evaluation import Moment

COLD_TREES = 60
EDITS_OF_EACH = 4
SAVED = 50
_HOUR_MS = 3_600_000


def held_previews(
    sink: Sink, n_people: int, label: str, events_per_person: float = EVENTS_PER_PERSON
) -> None:
    """In a process of its own, so that its memory is its own."""
    before = psutil.Process().memory_info().rss
    facts = skewed(n_people, events_per_person=events_per_person)
    people = Held(facts)
    n_events = int(facts.acts.person.size)
    del facts
    gc.collect()
    resident = psutil.Process().memory_info().rss - before
    sink.note(f"{n_people} people with {n_events} events in memory")
    if events_per_person == EVENTS_PER_PERSON:
        sink.figure("insight.mb_per_million_profiles", resident / n_people, "MB")
    asyncio.run(_measure(sink, people, label))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sink.note(f"peak of the process, generating included: {peak / 1e6:.1f} GB")


async def _measure(sink: Sink, people: Held, label: str) -> None:
    nobody = Nobody()
    evaluator = CompiledEvaluator(people, nobody, nobody)
    # What is derived when first asked for is no part of any figure.
    for kind_seed in range(3):
        await evaluator.evaluate(TENANT, Trees(kind_seed).tree(), MOMENT)
    cold, edited = await _previews(people, Trees(5))
    sink.figure(f"insight.preview_cold_p50_ms_{label}", percentile(cold, 0.5) * 1000, "ms")
    sink.figure(f"insight.preview_cold_p95_ms_{label}", percentile(cold, 0.95) * 1000, "ms")
    sink.figure(f"insight.preview_p50_ms_{label}", percentile(edited, 0.5) * 1000, "ms")
    sink.figure(f"insight.preview_p95_ms_{label}", percentile(edited, 0.95) * 1000, "ms")
    await _set_algebra(sink, evaluator, nobody, label)
    await _midnight(sink, people, label)
    await evaluator.aclose()


async def _previews(people: Held, trees: Trees) -> tuple[list[float], list[float]]:
    """Seconds of trees of which nothing is kept, and of what marketers make of them step by step."""
    cold, edited = [], []
    for _ in range(COLD_TREES):
        # Another evaluator keeps nothing of the tree, but the people and their parts are in memory.
        fresh = CompiledEvaluator(people, Nobody(), Nobody())
        tree = trees.tree()
        cold.append(await _timed(lambda: fresh.evaluate(TENANT, tree, MOMENT)))  # noqa: B023
        for _ in range(EDITS_OF_EACH):
            tree = trees.edited(tree)
            edited.append(await _timed(lambda: fresh.evaluate(TENANT, tree, MOMENT)))  # noqa: B023
        await fresh.aclose()
    return sorted(cold), sorted(edited)


async def _timed(act: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await act()
    return time.perf_counter() - began


def _expression(names: Sequence[str]) -> Node:
    """Seven saved segments: unions, intersections, a difference and a complement."""
    one, two, three, four, five, six, seven = (InSegment(name) for name in names)
    return Difference((All((AnyOf((one, two, three)), AnyOf((four, five)))), All((six, Not(seven)))))


async def _set_algebra(sink: Sink, evaluator: CompiledEvaluator, nobody: Nobody, label: str) -> None:
    trees, taken = Trees(11), []
    nobody.trees = {str(number): trees.tree() for number in range(28)}
    names = list(nobody.trees)
    for name in names:
        await evaluator.evaluate(TENANT, InSegment(name), MOMENT)
    for turn in range(40):
        chosen = [names[(turn * 5 + step * 3) % len(names)] for step in range(7)]
        taken.append(await _timed(lambda: evaluator.evaluate(TENANT, _expression(chosen), MOMENT)))  # noqa: B023
    sink.figure(f"insight.setops_p95_ms_{label}", percentile(sorted(taken), 0.95) * 1000, "ms")


async def _midnight(sink: Sink, people: Held, label: str) -> None:
    """Saved segments of the day before, then of the first moment of the next, with previews beside it."""
    nobody = Nobody()
    evaluator = CompiledEvaluator(people, nobody, nobody)
    saved = [Trees(100 + number).tree() for number in range(SAVED)]
    midnight = datetime.fromtimestamp(MOMENT.now_ms / 1000, UTC) + timedelta(1)
    # The tenant is eight hours ahead.
    after_ms = int(midnight.replace(hour=16, minute=0, second=0, microsecond=0).timestamp() * 1000)
    last, first = Moment(MOMENT.position, after_ms - 1), Moment(MOMENT.position, after_ms)
    trees = Trees(200)
    await evaluator.sets(TENANT, saved, last)
    quiet = [await _timed(lambda: evaluator.evaluate(TENANT, trees.tree(), last)) for _ in range(20)]
    rolling = asyncio.create_task(_timed(lambda: evaluator.sets(TENANT, saved, first)))
    meanwhile = []
    while not rolling.done():
        meanwhile.append(await _timed(lambda: evaluator.evaluate(TENANT, trees.tree(), first)))
    sink.figure(f"insight.rollover_s_{label}", await rolling, "s")
    sink.figure(
        f"insight.rollover_quiet_preview_p95_ms_{label}", percentile(sorted(quiet), 0.95) * 1000, "ms"
    )
    sink.figure(f"insight.rollover_preview_p95_ms_{label}", percentile(sorted(meanwhile), 0.95) * 1000, "ms")
    await evaluator.aclose()
