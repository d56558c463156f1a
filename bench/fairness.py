"""What neighbours feel: one tenant sends 20 times its quota and another imports a file, against quiet."""

import asyncio
import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bench.client import percentile
from bench.figures import Figures
from bench.flood import BATCH
from bench.imports import prepare_import, write_events_file
from bench.load import LoadResult, pace
from bench.system import ROOT, System, Tenant, own_system

QUOTA = 500
TIMES_QUOTA = 20
# Of the two neighbours together: a shop with a busy day.
EVENTS_PER_SECOND = 200
READ_PAUSE_SECONDS = 0.05
# Enough rows that the import outlasts the load.
IMPORT_ROWS_A_SECOND = 60_000


@dataclass(slots=True)
class Felt:
    """Seconds that requests of the neighbours took."""

    acks: list[float] = field(default_factory=list)
    reads: list[float] = field(default_factory=list)

    def p99(self) -> tuple[float, float]:
        return percentile(sorted(self.acks), 0.99), percentile(sorted(self.reads), 0.99)


def measure_fairness(figures: Figures, seconds: float) -> bool:
    """Quiet first, then with the greedy ones, on the same tenants of a system of their own."""
    with own_system() as system:
        neighbours = [system.create_tenant(f"neighbour {number}") for number in range(2)]
        # What a first request of each kind prepares is not measured.
        _feel(system, neighbours, 3)
        quiet = _feel(system, neighbours, seconds)
        with _greed(system, seconds + 10):
            time.sleep(3)
            loud = _feel(system, neighbours, seconds)
    for name, felt in (("quiet", quiet), ("loud", loud)):
        ack, read = (f"{value * 1000:.1f} ms" for value in felt.p99())
        print(f"{name}: {len(felt.acks)} acks, p99 {ack}; {len(felt.reads)} reads, p99 {read}")
    ratios = [after / before for before, after in zip(quiet.p99(), loud.p99(), strict=True)]
    figures.add("fairness.neighbour_ack_p99_ratio", ratios[0], "times")
    figures.add("fairness.neighbour_read_p99_ratio", ratios[1], "times")
    figures.add("fairness.neighbour_p99_ratio", max(ratios), "times")
    return True


def _feel(system: System, neighbours: Sequence[Tenant], seconds: float) -> Felt:
    felt = Felt()
    stop = threading.Event()
    readers = [
        threading.Thread(target=_read, args=(system, tenant, stop, felt.reads)) for tenant in neighbours
    ]
    for reader in readers:
        reader.start()
    try:
        result: LoadResult = asyncio.run(
            pace(system.address, neighbours, events_per_second=EVENTS_PER_SECOND, seconds=seconds, seed=7)
        )
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    felt.acks = result.latencies
    return felt


def _read(system: System, tenant: Tenant, stop: threading.Event, reads: list[float]) -> None:
    while not stop.is_set():
        for path in ("/v1/reports/overview", "/v1/profiles"):
            began = time.perf_counter()
            system.call("GET", path, tenant.secret_key)
            reads.append(time.perf_counter() - began)
            stop.wait(READ_PAUSE_SECONDS)


@contextlib.contextmanager
def _greed(system: System, seconds: float) -> Iterator[None]:
    """A tenant at 20 times its quota, and one whose import is at work all the time."""
    greedy = system.create_tenant("greedy", events_per_second=QUOTA)
    importing = system.create_tenant("importing")
    file = system.folder / "fairness.csv"
    write_events_file(file, int(IMPORT_ROWS_A_SECOND * seconds))
    path = prepare_import(system, importing, file)
    system.call("POST", f"{path}/start", importing.secret_key)
    command = [sys.executable, "-m", "bench.flood", *map(str, system.address), greedy.secret_key]
    command += [str(QUOTA * TIMES_QUOTA), str(seconds)]
    flood = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield
        state = system.call("GET", path, importing.secret_key)["state"]
    finally:
        system.call("POST", f"{path}/cancel", importing.secret_key)
        counts, _ = flood.communicate(timeout=seconds + 30)
    sent = sum(json.loads(counts).values()) * BATCH / seconds
    print(f"greedy: {sent:.0f} events/s at a quota of {QUOTA}, answers {counts.strip()}")
    print(f"the import at the end: {state}")
