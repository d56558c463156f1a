"""All figures of insight, in an order in which they share one world."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.console import measure_console
from bench.figures import Figures
from bench.insight.agreement import measure_agreement
from bench.insight.apart import apart
from bench.insight.flat import Flat
from bench.insight.freshness import Costs, measure_costs, measure_freshness
from bench.insight.held_figures import held_previews
from bench.insight.served import measure_served
from bench.insight.speedup import measure_speedup
from bench.insight.starting import measure_rebuild, measure_start
from bench.insight.world import build_world
from bench.system import System, own_system

FULL = 1_000_000
# Of ten times as many people: so many events each as fit into the machine's memory beside everything.
_FEWER_EVENTS = 8.0
# The world of the figures of a small tenant.
_TENTH = 10
_MEMORY_MB = "9000"
HELD = ("previews", "previews-10x")
SERVED = ("speedup", "rebuild", "start", "served", "freshness", "agreement", "costs", "console")
SUBJECTS = (*HELD, *SERVED)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which subjects, for how many people, and how long each load lasts."""

    subjects: tuple[str, ...]
    n_people: int
    seconds: float

    def wants(self, *subjects: str) -> bool:
        """Any of them."""
        return any(subject in self.subjects for subject in subjects)


def label_of(n_people: int) -> str:
    """As figures' names end: 1m, 100k."""
    return f"{n_people // 1_000_000}m" if n_people >= 1_000_000 else f"{n_people // 1000}k"


def measure_insight(figures: Figures, asked: Asked) -> bool:
    """Prints the figures; those of fewer people than a million have other names."""
    label = label_of(asked.n_people)
    if asked.wants("previews"):
        apart(figures, held_previews, asked.n_people, label)
    if asked.wants("previews-10x"):
        tenfold = 10 * asked.n_people
        name = label_of(tenfold) if asked.n_people == FULL else f"{label_of(tenfold)}_of_few_events"
        apart(figures, held_previews, tenfold, name, _FEWER_EVENTS)
    if asked.wants(*SERVED):
        with own_system(INSIGHT_MEMORY_MB=_MEMORY_MB) as system:
            _measure_served(system, figures, asked, label)
    return True


def _measure_served(system: System, figures: Figures, asked: Asked, label: str) -> None:
    with _flat(system, asked) as flat:
        world = build_world(system, asked.n_people, None if flat is None else flat.take)
        print(
            f"{world.n_people} people with {world.n_events} events, written in {world.seconds:.0f} s",
            flush=True,
        )
        figures.add("insight.bytes_per_event", world.bytes_per_event, "bytes")
        if flat is not None:
            measure_speedup(system, world, flat, figures, label)
    if asked.wants("rebuild"):
        measure_rebuild(system, world, figures, label_of_events(world.n_events))
    if asked.wants("start"):
        measure_start(system, world, figures, label)
    if asked.wants("agreement"):
        measure_agreement(system, world, figures)
    if asked.wants("served"):
        measure_served(system, world, figures, label)
    if asked.wants("freshness"):
        _tell(figures, measure_freshness(system, world, figures, asked.seconds), label)
        figures.add("insight.service_gb_" + label, system.memory_bytes()["insight"] / 1e9, "GB")
    if asked.wants("costs"):
        small = build_world(system, asked.n_people // _TENTH)
        _tell(figures, measure_costs(system, small, asked.seconds), label_of(small.n_people))
    if asked.wants("console"):
        measure_console(system, world, figures, label)


def _tell(figures: Figures, costs: Costs, label: str) -> None:
    figures.add(f"insight.live_us_per_event_{label}", costs.microseconds_an_event, "us")
    if label == label_of(FULL):
        figures.add("insight.live_core_share", costs.live_share, "cores")


def label_of_events(n_events: int) -> str:
    """To the nearest ten million: a history of a million people is one of 50 m events."""
    return f"{max(1, round(n_events / 1e7)) * 10}m" if n_events > 5_000_000 else f"{n_events // 1000}k"


@contextlib.contextmanager
def _flat(system: System, asked: Asked) -> Iterator[Flat | None]:
    """The tables for plain SQL, gone when left."""
    if not asked.wants("speedup"):
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="nexus-flat-") as folder:
        flat = Flat(system, Path(folder))
        try:
            yield flat
        finally:
            flat.close()
            system.clickhouse().command("drop table if exists bench_flat")
