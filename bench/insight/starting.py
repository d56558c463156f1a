"""How long insight takes to have a tenant in memory: at a start, and from nothing but events."""

import asyncio
import resource
import time

from bench.figures import Figures
from bench.insight.apart import Sink, apart
from bench.insight.doors import open_doors
from bench.insight.trees import Trees
from bench.insight.world import World
from bench.system import System
from chassis.clickhouse import open_clickhouse
from services.insight.domain.genes.columns import Columns
from services.insight.domain.genes.conditions import prepare
from services.insight.domain.genes.facts import Rules
from services.insight.domain.genes.rehearsal import rehearse
from services.insight.domain.money import Rates
from services.insight.store.facts import Counting, Dictionaries, load_facts
from services.insight.store.facts_products import Products
from services.insight.store.queries.facts_scope import Scope

# From so many people on there is a file of them; as services do.
_LEAST_PEOPLE = 20_000
_FILE_PATIENCE_SECONDS = 120.0


class NoFile(Exception):
    """People who are in memory are in no file."""


def measure_start(system: System, world: World, figures: Figures, label: str) -> None:
    """From the signal to the old process to the first answer from memory, by a service that has its file."""

    async def until_answered() -> float:
        async with open_doors(system, world.tenant) as doors:
            return await doors.until_in_memory(Trees(1).tree())

    asyncio.run(until_answered())
    if world.n_people >= _LEAST_PEOPLE:
        waited = _until_written(system, world)
        print(f"the file was there {waited:.1f} s after the first answer", flush=True)
    ready = system.restart_part("insight")
    answered = asyncio.run(until_answered())
    print(
        f"insight took calls after {ready:.1f} s, and answered from memory {answered:.1f} s later", flush=True
    )
    figures.add(f"insight.start_s_{label}", ready + answered, "s")


def _until_written(system: System, world: World) -> float:
    began = time.monotonic()
    path = system.folder / "people" / f"{world.tenant.id}.people"
    while not path.exists():
        if time.monotonic() > began + _FILE_PATIENCE_SECONDS:
            raise NoFile(path.name)
        time.sleep(0.1)
    return time.monotonic() - began


def measure_rebuild(system: System, world: World, figures: Figures, label: str) -> None:
    """All parts of all genes, read from the store's events in a process that has nothing."""
    apart(figures, rebuild, system.clickhouse_url(), world.tenant.id, label)


def rebuild(sink: Sink, clickhouse_url: str, tenant_id: str, label: str) -> None:
    """Needs its process to itself: the peak of its memory is a figure."""
    asyncio.run(_rebuild(sink, clickhouse_url, tenant_id, label))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sink.figure(f"insight.rebuild_peak_gb_{label}", peak / 1e6, "GB")


async def _rebuild(sink: Sink, clickhouse_url: str, tenant_id: str, label: str) -> None:
    # What is compiled at its first call is compiled by now, as in a service.
    rehearse()
    now_ms = time.time_ns() // 1_000_000
    async with open_clickhouse(clickhouse_url) as clickhouse:
        newest = await clickhouse.fetch_unscoped("select max(position) from events")
        began = time.perf_counter()
        scope = Scope(clickhouse, tenant_id, int(newest.rows[0][0]), now_ms)
        products = Products()
        await products.learn(scope, 0)
        counting = Counting("Asia/Taipei", Rates("TWD", ()), Rules())
        loaded = await load_facts(scope, counting, products, Dictionaries())
        read = time.perf_counter() - began
        prepare(Columns(loaded.facts, Rules()), now_ms)
    took = time.perf_counter() - began
    n_events = loaded.facts.acts.person.size
    sink.note(
        f"{n_events} visit events of {loaded.facts.people.profile_id.size} people: read in {read:.1f} s"
    )
    sink.figure(f"insight.rebuild_s_{label}", took, "s")
