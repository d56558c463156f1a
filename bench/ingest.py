"""How fast events are taken in, and how fast they become queryable, under the standard load."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bench.client import percentile
from bench.figures import Figures
from bench.load import LoadResult, press
from bench.shares import measured
from bench.system import System, Tenant
from bench.traffic import TENANTS

BATCH = 20
BATCH_CLIENTS = 96
LEVEL_PATIENCE_SECONDS = 600


def counted_events(system: System, tenant: Tenant) -> int:
    """Events of these days that the overview counts by now."""
    today = datetime.now(UTC).date()
    overview = system.call(
        "GET",
        "/v1/reports/overview",
        tenant.secret_key,
        **{"from": str(today - timedelta(days=1)), "to": str(today + timedelta(days=1))},
    )
    return int(overview["total"]["events"])


def wait_until_level(system: System, tenants: Sequence[Tenant], expected: Sequence[int]) -> None:
    """Block until every tenant's overview counts what was accepted; raises when it counts more."""
    deadline = time.monotonic() + LEVEL_PATIENCE_SECONDS
    for tenant, target in zip(tenants, expected, strict=True):
        while (counted := counted_events(system, tenant)) < target:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{target - counted} of {target} events are not queryable")
            time.sleep(0.2)
        if counted > target:
            raise AssertionError(f"{counted - target} events more than were accepted")


def measure_ingest(system: System, figures: Figures, seconds: float) -> None:
    """Batches of 20, then single posts, each against fresh tenants with every consumer running."""
    tenants = [system.create_tenant(f"batches {number}") for number in range(TENANTS)]
    began = time.perf_counter()
    with measured(system) as shares:
        result = asyncio.run(
            press(system.address, tenants, clients=BATCH_CLIENTS, batch=BATCH, seconds=seconds, seed=1)
        )
    _show(result, f"batches of {BATCH}")
    shares.show(f"taking in batches of {BATCH}", result.events)
    figures.add("ingest.accepted_events_per_s", result.events / result.seconds, "events/s")
    drain_began = time.perf_counter()
    with measured(system) as shares:
        wait_until_level(system, tenants, result.accepted)
    now = time.perf_counter()
    print(f"the backlog was worked off {now - drain_began:.1f} s after the load ended", flush=True)
    shares.show("working off the backlog")
    figures.add("ingest.resolved_events_per_s", result.events / (now - began), "events/s")
    singles = [system.create_tenant(f"singles {number}") for number in range(TENANTS)]
    with measured(system) as shares:
        result = asyncio.run(press(system.address, singles, clients=128, batch=1, seconds=seconds, seed=50))
    _show(result, "single posts")
    shares.show("taking in single posts", result.events)
    figures.add("ingest.single_posts_per_s", result.requests / result.seconds, "requests/s")
    wait_until_level(system, singles, result.accepted)


def _show(result: LoadResult, title: str) -> None:
    latencies = sorted(result.latencies)
    print(
        f"{title}: {result.requests} requests, {result.events} events in {result.seconds:.1f} s, "
        f"p50 {percentile(latencies, 0.5) * 1000:.1f} ms, p99 {percentile(latencies, 0.99) * 1000:.1f} ms, "
        f"refused {result.refused}, retried {result.troubles.retried}, "
        f"broken connections {result.troubles.broken_connections}",
        flush=True,
    )
    if result.refused:
        raise AssertionError("the gateway refused requests of the standard load")
