"""Each stage's own ceiling: one stage works while those behind it stand still."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from bench.client import percentile
from bench.figures import Figures
from bench.ingest import BATCH, BATCH_CLIENTS, counted_events
from bench.load import press
from bench.shares import measured
from bench.system import System, Tenant
from bench.traffic import TENANTS

FOLLOWERS = ("recommender", "campaign")
PATIENCE_SECONDS = 300


def measure_stages(system: System, figures: Figures, seconds: float) -> None:
    """The gateway's ceiling, then identity's on what has piled up, then insight's."""
    tenants = [system.create_tenant(f"stages {number}") for number in range(TENANTS)]
    with _stopped(system, FOLLOWERS):
        with _stopped(system, ["insight"]):
            with _stopped(system, ["identity"]), measured(system) as shares:
                result = asyncio.run(
                    press(
                        system.address, tenants, clients=BATCH_CLIENTS, batch=BATCH, seconds=seconds, seed=90
                    )
                )
            latencies = sorted(result.latencies)
            print(
                f"gateway alone: {result.events} events, p50 {percentile(latencies, 0.5) * 1000:.1f} ms, "
                f"p99 {percentile(latencies, 0.99) * 1000:.1f} ms",
                flush=True,
            )
            shares.show("gateway alone", result.events)
            figures.add("stage.gateway_events_per_s", result.events / result.seconds, "events/s")
            _drain(system, figures, tenants, "identity", _resolved)
        _drain(system, figures, tenants, "insight", counted_events)


def _drain(
    system: System,
    figures: Figures,
    tenants: Sequence[Tenant],
    stage: str,
    count: Callable[[System, Tenant], int],
) -> None:
    """Events a second that a stage works off; what it has done already when we begin does not count."""
    before, began = sum(count(system, tenant) for tenant in tenants), time.perf_counter()
    reached, at = before, began
    with measured(system) as shares:
        while time.perf_counter() - began < PATIENCE_SECONDS:
            time.sleep(0.25)
            now = sum(count(system, tenant) for tenant in tenants)
            if now == reached and now > before:
                break
            reached, at = now, time.perf_counter()
    shares.show(f"{stage} alone", reached - before)
    figures.add(f"stage.{stage}_events_per_s", (reached - before) / (at - began), "events/s")


def _resolved(system: System, tenant: Tenant) -> int:
    """Events that identity has counted."""
    return int(system.call("GET", "/v1/reports/intake", tenant.secret_key)["counted"])


@contextmanager
def _stopped(system: System, parts: Sequence[str]) -> Iterator[None]:
    """Parts that stand still meanwhile."""
    pids = [system.parts()[part] for part in parts]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
