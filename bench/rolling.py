"""`python -m bench.rolling`: every service restarted under load, in turn; no request may fail."""

import argparse
import asyncio
import random
import sys
import time
from dataclasses import asdict, dataclass

from bench.client import Request
from bench.figures import Figures
from bench.households import Households
from bench.load import Pacer
from bench.system import Answer, System, Tenant, own_system
from bench.verdict import judge, wait_level

SERVICES = ("gateway", "identity", "insight", "recommender", "campaign")
ROUNDS = 2
PAUSE_SECONDS = 2.0
READ_EVERY_SECONDS = 0.05


async def restart_all(system: System) -> list[float]:
    """Ask the supervisor (SIGTERM, drain, start) for each service; the seconds each was away at most."""
    took = []
    for _ in range(ROUNDS):
        for name in SERVICES:
            await asyncio.sleep(PAUSE_SECONDS)
            took.append(await asyncio.to_thread(system.restart_part, name))
    return took


async def read_on(system: System, tenant: Tenant, stop: asyncio.Event) -> tuple[int, list[str]]:
    """Ask for the overview and the profiles all the time; how many answers, and the failures."""
    n_answers, failures = 0, []
    while not stop.is_set():
        for path in ("/v1/reports/overview", "/v1/profiles"):
            try:
                await asyncio.to_thread(system.call, "GET", path, tenant.secret_key)
            except (Answer, OSError) as error:
                failures.append(f"{time.strftime('%H:%M:%S')} {error}")
            n_answers += 1
        await asyncio.sleep(READ_EVERY_SECONDS)
    return n_answers, failures


@dataclass(frozen=True, slots=True)
class Rolled:
    """Requests made while services restarted, and those of them that failed."""

    tracking_requests: int
    failed_tracking_requests: int
    reads: int
    failed_reads: int


async def roll(system: System, tenants: list[Tenant], households: Households, rate: float) -> Rolled:
    """Load, reads and restarts at once."""
    refused = 0

    def take(request: Request, status: int, _: float) -> None:
        nonlocal refused
        if status == 200:
            households.acknowledge(request)
        else:
            refused += 1

    pacer = Pacer(households.next, take, rate, random.Random(7))
    stop = asyncio.Event()
    reading = asyncio.create_task(read_on(system, tenants[0], stop))
    loading = asyncio.create_task(pacer.run(system.address, seconds=float("inf")))
    took = await restart_all(system)
    pacer.stop()
    await loading
    stop.set()
    n_reads, read_failures = await reading
    print(f"restarts took up to {max(took):.1f} s; {pacer.troubles}, refused {refused}, {n_reads} reads")
    for failure in read_failures[:10]:
        print(f"read failed: {failure}")
    return Rolled(pacer.requests, refused + pacer.troubles.failed_requests, n_reads, len(read_failures))


def measure_rolling(figures: Figures, rate: float = 1000) -> bool:
    """On a fresh system; True when no request failed and everything is counted once."""
    with own_system() as system:
        tenants = [system.create_tenant(f"rolling {number}") for number in range(3)]
        households = Households(tenants, seed=11)
        rolled = asyncio.run(roll(system, tenants, households, rate))
        right = True
        for tenant, facts in zip(tenants, households.acknowledged, strict=True):
            wait_level(system, tenant, len(facts))
            verdict = judge(system, tenant, facts)
            right = right and verdict.right
            if not verdict.right:
                print(verdict)
    for name, value in asdict(rolled).items():
        figures.add(f"rolling.{name}", value, "requests")
    return right and not rolled.failed_tracking_requests and not rolled.failed_reads


def main() -> None:
    """Exit 1 when a request failed."""
    parser = argparse.ArgumentParser(prog="python -m bench.rolling", description=__doc__)
    parser.add_argument("--rate", type=float, default=1000, help="events per second")
    parser.add_argument("--record", action="store_true", help="append to RESULTS.md; for make bench only")
    arguments = parser.parse_args()
    figures = Figures(arguments.record)
    fine = measure_rolling(figures, arguments.rate)
    figures.save()
    if not fine:
        sys.exit("rolling: requests failed, or the count is wrong")


if __name__ == "__main__":
    main()
