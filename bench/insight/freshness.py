"""How soon what happens is in a person's genes and in live segments, and what keeping those right costs."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from contracts.insight.v1 import genes_service_pb2 as genes_pb
from contracts.insight.v1 import genes_service_pb2_grpc as genes_grpc

from bench.client import percentile
from bench.figures import Figures
from bench.insight.doors import Doors, open_doors
from bench.insight.live_load import EVENTS_PER_SECOND, live_load
from bench.insight.trees import Trees
from bench.insight.world import World
from bench.paced import profile_id_of
from bench.shares import measured
from bench.system import System
from services.insight.domain.genes.open_pairs import IDLE_MS
from services.insight.domain.segments.tree import Contains, GeneCondition, Mode, last_days

LIVE_SEGMENTS = 50
_PROBERS = 4
_SEARCHED = "bench freshness"
_CARTED = "bench cart"
# Asking takes from what is measured: so often, by which figures are a little too high.
_POLL_SECONDS = 0.25
_PATIENCE_SECONDS = 90.0
_TIMED = 5
# A cart is left so long before it is idle.
_AHEAD_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who is watched."""

    name: str
    profile_id: int


@dataclass(frozen=True, slots=True)
class Costs:
    """Processor seconds of the insight service in a second of the live load."""

    without: float
    kept: float

    @property
    def live_share(self) -> float:
        """Of one core, for keeping the segments right."""
        return self.kept - self.without

    @property
    def microseconds_an_event(self) -> float:
        return self.live_share / EVENTS_PER_SECOND * 1e6


def measure_freshness(system: System, world: World, figures: Figures, seconds: float) -> Costs:
    """Prints insight.freshness_* and insight.timed_change_s."""
    return asyncio.run(_measure(system, world, figures, seconds))


def measure_costs(system: System, world: World, seconds: float) -> Costs:
    """The same load and segments without probes."""
    return asyncio.run(_costs(system, world, seconds))


async def _costs(system: System, world: World, seconds: float) -> Costs:
    async with open_doors(system, world.tenant) as doors:
        await doors.until_in_memory(Trees(1).tree())
        without = await _share(system, world, seconds)
        await _save_segments(doors)
        return Costs(without, await _share(system, world, seconds))


async def _share(system: System, world: World, seconds: float) -> float:
    with live_load(system, world.tenant, int(time.time()) & 0xFFF), measured(system) as shares:
        await asyncio.sleep(seconds)
    shares.show(f"the live load on {world.n_people} people", int(seconds * EVENTS_PER_SECOND))
    return shares.used["insight"] / shares.seconds


async def _save_segments(doors: Doors) -> dict[str, str]:
    """By what they are for; the others are as marketers build them."""
    week = last_days(7)
    watched = {
        "searched": GeneCondition("search_keywords", Contains(Mode.ANY, (_SEARCHED,)), week),
        "carted": GeneCondition("abandoned_cart", Contains(Mode.ANY, (_CARTED,)), week),
    }
    saved = {name: await doors.save(f"bench {name}", tree) for name, tree in watched.items()}
    others = [
        await doors.save(f"bench {number}", Trees(300 + number).tree())
        for number in range(LIVE_SEGMENTS - len(saved))
    ]
    took = await doors.until_live([*saved.values(), *others])
    print(f"{LIVE_SEGMENTS} segments became live within {took:.1f} s", flush=True)
    return saved


async def _measure(system: System, world: World, figures: Figures, seconds: float) -> Costs:
    n_probes = int(_PROBERS * seconds / 2)
    people = await asyncio.to_thread(_members, system, world, n_probes + _TIMED)
    async with open_doors(system, world.tenant) as doors:
        await doors.until_in_memory(Trees(1).tree())
        without = await _share(system, world, seconds)
        saved = await _save_segments(doors)
        with live_load(system, world.tenant, int(time.time()) & 0xFFF):
            timed = asyncio.create_task(_timed_changes(doors, saved["carted"], people[n_probes:]))
            with measured(system) as shares:
                await asyncio.sleep(seconds)
            kept = shares.used["insight"] / shares.seconds
            shares.show(f"the live load and {LIVE_SEGMENTS} segments", int(seconds * EVENTS_PER_SECOND))
            waiting, found = people[:n_probes], list[tuple[float, float]]()
            await asyncio.gather(*(_probe(doors, saved["searched"], waiting, found) for _ in range(_PROBERS)))
            late = await timed
    genes, entered = (sorted(each) for each in zip(*found, strict=True))
    both = sorted(max(pair) for pair in found)
    print(
        f"{len(found)} probes; own genes max {genes[-1]:.2f} s, entered max {entered[-1]:.2f} s", flush=True
    )
    figures.add("insight.freshness_p50_s", percentile(both, 0.5), "s")
    figures.add("insight.freshness_p99_s", percentile(both, 0.99), "s")
    figures.add("insight.timed_change_s", max(late), "s")
    return Costs(without, kept)


def _members(system: System, world: World, count: int) -> list[Member]:
    """New ones, known by now; no name begins another, as the search finds all that begin so."""
    names = [f"probe {number:06}" for number in range(count)]
    for name in names:
        event = {"event": "Opened", "userId": name}
        system.call("POST", "/v1/track", world.tenant.secret_key, event)
    return [Member(name, int(profile_id_of(system, world.tenant, name))) for name in names]


async def _probe(
    doors: Doors, segment_id: str, waiting: list[Member], found: list[tuple[float, float]]
) -> None:
    """Somebody searches; when do their genes say so, and when have they entered."""
    while waiting:
        member = waiting.pop()
        event = {"event": "Products Searched", "userId": member.name, "properties": {"query": _SEARCHED}}
        await doors.post("/v1/track", event)
        began = time.perf_counter()
        genes = entered = 0.0
        while not (genes and entered):
            if not genes and await _knows_search(doors, member):
                genes = time.perf_counter() - began
            if not entered and await _has_entered(doors, segment_id, member):
                entered = time.perf_counter() - began
            if time.perf_counter() - began > _PATIENCE_SECONDS:
                raise TimeoutError(f"{member} does not enter")
            await asyncio.sleep(_POLL_SECONDS)
        found.append((genes, entered))


async def _knows_search(doors: Doors, member: Member) -> bool:
    stub = genes_grpc.GenesServiceStub(doors.rpc.channel)
    told = await doors.call(
        stub.GetProfileGenes, genes_pb.GetProfileGenesRequest(profile_id=member.profile_id)
    )
    return any(_SEARCHED in str(one.value) for one in told.genes if one.gene == "search_keywords")


async def _has_entered(doors: Doors, segment_id: str, member: Member) -> bool:
    """The first to enter are told one by one; a change of 100 people would be no probe."""
    changes = (await doors.changes(segment_id)).changes
    return any(member.profile_id in change.entered_profiles for change in changes)


async def _timed_changes(doors: Doors, segment_id: str, members: list[Member]) -> list[float]:
    """Carts that were left almost an hour ago: seconds from the hour's end until people have entered."""
    ripe_at = datetime.now(UTC) + timedelta(seconds=_AHEAD_SECONDS)
    for member in members:
        event = {
            "event": "Product Added",
            "userId": member.name,
            "timestamp": (ripe_at - timedelta(milliseconds=IDLE_MS)).isoformat(),
            "properties": {"product_id": _CARTED, "quantity": 1},
        }
        await doors.post("/v1/track", event)
    late = []
    for member in members:
        while not await _has_entered(doors, segment_id, member):
            if datetime.now(UTC) - ripe_at > timedelta(seconds=_PATIENCE_SECONDS):
                raise TimeoutError(f"{member} does not enter when the cart is idle")
            await asyncio.sleep(_POLL_SECONDS)
        late.append((datetime.now(UTC) - ripe_at).total_seconds())
    return late
